/* SPDX-License-Identifier: MIT */
#include "daemon/analysis/picture_stream.h"

static void send_strip(struct hk_picture_stream *painter)
{
	if (painter->strip.n_columns > 0) {
		painter->sink.on_strip(painter->sink.owner, &painter->strip);
		painter->strip.n_columns = 0;
	}
}

static void add_column(void *owner, const struct hk_live_spectrogram_column *column)
{
	struct hk_picture_stream *painter = owner;
	struct hk_picture_strip *strip = &painter->strip;
	if (strip->n_columns > 0 &&
		strip->columns[strip->n_columns - 1].first_frame + strip->n_column_frames !=
			column->first_frame) {
		send_strip(painter);
	}
	strip->columns[strip->n_columns++] = *column;
	if (strip->n_columns == HK_PICTURE_STRIP_COLUMNS) {
		send_strip(painter);
	}
}

/* A picture for frames at RATE_HZ. Returns whether there is one. */
static bool prepare(struct hk_picture_stream *painter, uint32_t rate_hz)
{
	if (painter->rate_hz == rate_hz) {
		return true;
	}
	hk_picture_stream_finish(painter);
	if (hk_live_spectrogram_new(&painter->picture, rate_hz, add_column, painter) < 0) {
		return false;
	}
	painter->rate_hz = rate_hz;
	painter->strip.n_column_frames = hk_live_spectrogram_column_frames(painter->picture);
	return true;
}

void hk_picture_stream_push(
	struct hk_picture_stream *painter, const struct hk_block *block, const float *frames)
{
	if (prepare(painter, block->rate_hz)) {
		hk_live_spectrogram_push(
			painter->picture, block->first_frame, frames, block->n_frames);
	}
}

void hk_picture_stream_rest(struct hk_picture_stream *painter)
{
	painter->strip.n_columns = 0;
}

void hk_picture_stream_finish(struct hk_picture_stream *painter)
{
	hk_live_spectrogram_free(painter->picture);
	painter->picture = NULL;
	painter->rate_hz = 0;
	painter->strip.n_columns = 0;
}
