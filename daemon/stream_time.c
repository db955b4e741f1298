/* SPDX-License-Identifier: MIT */
#include "daemon/stream_time.h"

#include <time.h>

#define US_PER_S 1000000

static int64_t now_ns(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* Seconds and the rest apart: frames * 1000000 would overflow after some days at high rates. */
static int64_t us_of(uint64_t n_frames, uint32_t rate_hz)
{
	return (int64_t)(n_frames / rate_hz * US_PER_S + n_frames % rate_hz * US_PER_S / rate_hz);
}

void hk_stream_time_finish(struct hk_stream_time *time)
{
	hk_frame_clock_free(time->clock);
}

static int change_rate(struct hk_stream_time *time, const struct hk_block *block)
{
	struct hk_frame_clock *clock = NULL;
	const int r = hk_frame_clock_new(&clock, block->rate_hz);
	if (r < 0) {
		return r;
	}
	hk_frame_clock_free(time->clock);
	time->clock = clock;
	time->rate_hz = block->rate_hz;
	time->start_us = now_ns(CLOCK_REALTIME) / 1000 - us_of(block->first_frame, block->rate_hz);
	return 0;
}

int hk_stream_time_push(
	struct hk_stream_time *time, const struct hk_block *block, struct hk_clock_step *ret_step)
{
	if (block->rate_hz != time->rate_hz) {
		const int r = change_rate(time, block);
		if (r < 0) {
			return r;
		}
	}
	const int64_t wall_offset_ns = now_ns(CLOCK_REALTIME) - now_ns(CLOCK_MONOTONIC);
	return (int)hk_frame_clock_push(
		time->clock, block->first_frame, block->capture_ns, wall_offset_ns, ret_step);
}

bool hk_stream_time_clock(const struct hk_stream_time *time, struct hk_frame_clock_status *ret)
{
	return time->clock && hk_frame_clock_status(time->clock, ret) == 0;
}

int64_t hk_stream_time_us(const struct hk_stream_time *time, uint64_t frame)
{
	struct hk_frame_time at;
	if (hk_frame_clock_at(time->clock, frame, &at) < 0) {
		return time->start_us + us_of(frame, time->rate_hz);
	}
	return at.wall_ns / 1000;
}
