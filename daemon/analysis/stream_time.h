/* SPDX-License-Identifier: MIT */
/*
 * stream_time: the wall-clock time of a source's frames: by its frame clock, or, for a source
 * without a clock (a file read as fast as it goes), as if it had been played from the moment it was
 * opened.
 *
 * A pipe may be fed faster than sound: when its frames arrived is then not when they were heard,
 * and events would overlap. Its frames are dated from its start on, as if it were played; when the
 * feeder falls behind that, from then on later. In the caller's memory, zeroed but for `pipe`;
 * analysis thread only. Allocates when the rate changes.
 */
#pragma once

#include <stdbool.h>

#include "core/audio/frame_clock.h"
#include "core/audio/ring.h"

struct hk_stream_time {
	struct hk_frame_clock *clock; /* of the current rate */
	uint32_t rate_hz;             /* 0: no block yet */
	int64_t start_us;             /* CLOCK_REALTIME of frame 0, without a clock */

	bool pipe;              /* the source is one */
	bool fast;              /* it is fed faster than sound: its frame clock is not used */
	uint64_t first_frame;   /* at this rate */
	int64_t first_ns;       /* CLOCK_MONOTONIC when that came; 0: nothing came yet */
	int64_t last_ns;        /* when the newest came */
	int64_t wall_offset_ns; /* CLOCK_REALTIME minus CLOCK_MONOTONIC, of the frames so far; fast
				   only */
};

/* Beside enum hk_clock_change: a pipe turned out to be fed faster than sound; *ret_step names the
 * frame. */
#define HK_STREAM_TIME_FAST (1 << 8)

void hk_stream_time_finish(struct hk_stream_time *time);

/*
 * BLOCK has arrived. Returns flags of enum hk_clock_change and HK_STREAM_TIME_FAST (*ret_step is
 * written when there are any), -ENOMEM, -EINVAL (impossible rate).
 */
int hk_stream_time_push(
	struct hk_stream_time *time, const struct hk_block *block, struct hk_clock_step *ret_step);

/* How the clock fits. False: there is none, or not yet. */
bool hk_stream_time_clock(const struct hk_stream_time *time, struct hk_frame_clock_status *ret);

/* CLOCK_REALTIME of FRAME in microseconds. After the first block only. */
int64_t hk_stream_time_us(const struct hk_stream_time *time, uint64_t frame);
