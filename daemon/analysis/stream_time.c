/* SPDX-License-Identifier: MIT */
#include "daemon/analysis/stream_time.h"

#include <stdlib.h>
#include <time.h>

#define US_PER_S 1000000
#define LEAST_AHEAD_US 2000000 /* of sound in advance: more than buffers of a feeder hold */
#define AHEAD_SHARE 100        /* and a hundredth of the time, more than any card's clock is off */
#define LONG_PAUSE_NS INT64_C(10000000000)
#define LEAST_SET_NS 50000000

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
	time->fast = false;
	time->first_frame = block->first_frame;
	time->first_ns = time->last_ns = block->capture_ns;
	time->start_us = now_ns(CLOCK_REALTIME) / 1000 - us_of(block->first_frame, block->rate_hz);
	return 0;
}

/* By how much the sound up to BLOCK is ahead of the time in which it came. */
static int64_t ahead_us(const struct hk_stream_time *time, const struct hk_block *block)
{
	return us_of(block->first_frame - time->first_frame, time->rate_hz) -
		(block->capture_ns - time->first_ns) / 1000;
}

/* After a long pause another writer may have come: what it feeds is compared with its own start. */
static void look_for_pause(struct hk_stream_time *time, const struct hk_block *block)
{
	if (block->capture_ns - time->last_ns > LONG_PAUSE_NS && !time->fast) {
		time->first_frame = block->first_frame;
		time->first_ns = block->capture_ns;
	}
	time->last_ns = block->capture_ns;
}

static bool is_too_fast(const struct hk_stream_time *time, const struct hk_block *block)
{
	return time->pipe && block->capture_ns > 0 && block->first_frame >= time->first_frame &&
		ahead_us(time, block) >
		LEAST_AHEAD_US + (block->capture_ns - time->first_ns) / 1000 / AHEAD_SHARE;
}

/* Date the block by the start. Returns flags of enum hk_clock_change. */
static int push_fast(struct hk_stream_time *time, const struct hk_block *block,
	int64_t wall_offset_ns, struct hk_clock_step *ret_step)
{
	const int64_t set_ns = wall_offset_ns - time->wall_offset_ns;
	time->wall_offset_ns = wall_offset_ns;
	if (block->first_frame < time->first_frame) {
		time->first_frame = block->first_frame; /* the source begins again */
		time->first_ns = block->capture_ns;
	}
	const int64_t late_us = -ahead_us(time, block);
	if (late_us > 0) {
		time->first_ns += late_us * 1000;
	}
	if (llabs(set_ns) < LEAST_SET_NS) {
		return 0;
	}
	*ret_step = (struct hk_clock_step){ .first_frame = block->first_frame,
		.wall_offset_ns = set_ns };
	return HK_CLOCK_SET;
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
	look_for_pause(time, block);
	if (time->fast) {
		return push_fast(time, block, wall_offset_ns, ret_step);
	}
	if (is_too_fast(time, block)) {
		time->fast = true;
		time->wall_offset_ns = wall_offset_ns;
		*ret_step = (struct hk_clock_step){ .first_frame = block->first_frame };
		return HK_STREAM_TIME_FAST;
	}
	return (int)hk_frame_clock_push(
		time->clock, block->first_frame, block->capture_ns, wall_offset_ns, ret_step);
}

bool hk_stream_time_clock(const struct hk_stream_time *time, struct hk_frame_clock_status *ret)
{
	return time->clock && !time->fast && hk_frame_clock_status(time->clock, ret) == 0;
}

int64_t hk_stream_time_us(const struct hk_stream_time *time, uint64_t frame)
{
	struct hk_frame_time at;
	if (time->fast) {
		const int64_t first_us = (time->first_ns + time->wall_offset_ns) / 1000;
		return frame >= time->first_frame
			? first_us + us_of(frame - time->first_frame, time->rate_hz)
			: first_us - us_of(time->first_frame - frame, time->rate_hz);
	}
	if (hk_frame_clock_at(time->clock, frame, &at) < 0) {
		return time->start_us + us_of(frame, time->rate_hz);
	}
	return at.wall_ns / 1000;
}
