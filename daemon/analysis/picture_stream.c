/* SPDX-License-Identifier: MIT */
#include "daemon/analysis/picture_stream.h"

static void send_strip(struct hk_painter *painter)
{
	if (painter->strip.n_columns > 0) {
		painter->sink.on_strip(painter->sink.owner, &painter->strip);
		painter->strip.n_columns = 0;
	}
}

static void add_column(void *owner, const struct hk_picture_column *column)
{
	struct hk_painter *painter = owner;
	struct hk_strip *strip = &painter->strip;
	if (strip->n_columns > 0 &&
		strip->columns[strip->n_columns - 1].first_frame + strip->n_column_frames !=
			column->first_frame) {
		send_strip(painter);
	}
	strip->columns[strip->n_columns++] = *column;
	if (strip->n_columns == HK_STRIP_COLUMNS) {
		send_strip(painter);
	}
}

/* A picture for frames at RATE_HZ. Returns whether there is one. */
static bool prepare(struct hk_painter *painter, uint32_t rate_hz)
{
	if (painter->rate_hz == rate_hz) {
		return true;
	}
	hk_painter_finish(painter);
	if (hk_picture_new(&painter->picture, rate_hz, add_column, painter) < 0) {
		return false;
	}
	painter->rate_hz = rate_hz;
	painter->strip.n_column_frames = hk_picture_column_frames(painter->picture);
	return true;
}

void hk_painter_push(struct hk_painter *painter, const struct hk_block *block, const float *frames)
{
	if (prepare(painter, block->rate_hz)) {
		hk_picture_push(painter->picture, block->first_frame, frames, block->n_frames);
	}
}

void hk_painter_rest(struct hk_painter *painter)
{
	painter->strip.n_columns = 0;
}

void hk_painter_finish(struct hk_painter *painter)
{
	hk_picture_free(painter->picture);
	painter->picture = NULL;
	painter->rate_hz = 0;
	painter->strip.n_columns = 0;
}
