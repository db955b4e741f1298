/* SPDX-License-Identifier: MIT */
/*
 * picture_stream: blocks of audio into strips of the live picture. Its memory is of the rate of the
 * audio, taken with the first block and when the rate changes. One thread at a time. Not real-time.
 */
#pragma once

#include "core/audio/ring.h"
#include "daemon/analysis/picture_strip.h"

struct hk_picture_stream_sink {
	void *owner;
	void (*on_strip)(void *owner, const struct hk_picture_strip *strip);
};

/* Zeroed but for the sink: ready. */
struct hk_picture_stream {
	struct hk_picture_stream_sink sink;
	uint32_t rate_hz; /* 0: no picture yet */
	struct hk_live_spectrogram *picture;
	struct hk_picture_strip strip;
};

void hk_picture_stream_finish(struct hk_picture_stream *painter);

/* Shapes: frames[block->n_frames], mono. A hole ends a strip early, and what filled no column is
 * left out. Without memory, or at a rate that no sound has, the block is not painted. */
void hk_picture_stream_push(
	struct hk_picture_stream *painter, const struct hk_block *block, const float *frames);

/* Nobody looks for now: forget what was begun. */
void hk_picture_stream_rest(struct hk_picture_stream *painter);
