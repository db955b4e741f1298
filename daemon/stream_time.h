/* SPDX-License-Identifier: MIT */
/*
 * stream_time: the wall-clock time of a source's frames: by its frame clock, or, for a source
 * without a clock (a file read as fast as it goes), as if it had been played from the moment it was
 * opened. In the caller's memory, zeroed; analysis thread only. Allocates when the rate changes.
 */
#pragma once

#include <stdbool.h>

#include "core/frame_clock.h"
#include "core/ring.h"

struct hk_stream_time {
	struct hk_frame_clock *clock; /* of the current rate */
	uint32_t rate_hz;             /* 0: no block yet */
	int64_t start_us;             /* CLOCK_REALTIME of frame 0, without a clock */
};

void hk_stream_time_finish(struct hk_stream_time *time);

/*
 * BLOCK has arrived. Returns flags of enum hk_clock_change (*ret_step is written when there are
 * any), -ENOMEM, -EINVAL (impossible rate).
 */
int hk_stream_time_push(
	struct hk_stream_time *time, const struct hk_block *block, struct hk_clock_step *ret_step);

/* How the clock fits. False: there is none, or not yet. */
bool hk_stream_time_clock(const struct hk_stream_time *time, struct hk_frame_clock_status *ret);

/* CLOCK_REALTIME of FRAME in microseconds. After the first block only. */
int64_t hk_stream_time_us(const struct hk_stream_time *time, uint64_t frame);
