/* SPDX-License-Identifier: MIT */
/*
 * frame_clock: when was a frame captured? Maps positions on a source's frame axis to the monotonic
 * and the wall clock, and measures the sound card's true rate.
 *
 * A sliding linear regression over the last minute's blocks. Frame numbers are exact and the
 * clock's readings are not, so the reading is the dependent variable: its deviation from the
 * nominal rate, in seconds, over the time since the window's first block, which keeps all numbers
 * small. Blocks are late, never early: the fit is repeated with the late ones left out. A lag that
 * all blocks share cannot be seen and stays in the times.
 *
 * A segment is a run of frames with one regression and one wall clock. When the blocks of half a
 * second all lie off the regression by the same amount (frames were lost without a word), or
 * when the wall clock is set (suspend too: the monotonic clock sleeps), a new segment begins and
 * the caller is told; times of earlier frames stay what they were (the last 16 segments are kept).
 *
 * Pure: all times come in with the blocks. One thread at a time; no allocation after new.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct hk_frame_clock;

/* What a block brought to light, or-ed together; 0: nothing. */
enum hk_clock_change {
	HK_CLOCK_STEPPED = 1 << 0,   /* frames against the monotonic clock: a new segment */
	HK_CLOCK_SET = 1 << 1,       /* the wall clock was set: a new segment */
	HK_CLOCK_RESTARTED = 1 << 2, /* positions went back: all before is forgotten */
};

struct hk_clock_step {
	uint64_t first_frame;   /* of the new segment */
	int64_t monotonic_ns;   /* later by this than the last segment expected */
	int64_t wall_offset_ns; /* the wall clock was set forward by this */
};

struct hk_frame_time {
	int64_t monotonic_ns; /* CLOCK_MONOTONIC */
	int64_t wall_ns;      /* CLOCK_REALTIME */
};

struct hk_frame_clock_status {
	uint32_t n_points;      /* blocks in the regression, late ones left out */
	uint32_t n_late;        /* left out */
	uint32_t n_segments;    /* begun since new */
	double span_s;          /* between the first and the last block */
	double rate_hz;         /* the true rate */
	double drift_ppm;       /* of the true rate against the nominal one */
	double drift_error_ppm; /* standard error of that; HUGE_VAL until there are three blocks */
	double residual_rms_s;
	double r2; /* of the clock's reading explained by the frame number */
};

/* Whether rate and drift are known: the regression is a minute long, and twice the standard error
 * is below 20 ppm. */
bool hk_frame_clock_knows_rate(const struct hk_frame_clock_status *status);

/* RATE_HZ: nominal, 1..1000000. Returns 0, -EINVAL, -ENOMEM. */
int hk_frame_clock_new(struct hk_frame_clock **ret, uint32_t rate_hz);
void hk_frame_clock_free(struct hk_frame_clock *clock);

/*
 * A block has arrived whose first frame stands at FRAME and was captured at CAPTURE_NS
 * (CLOCK_MONOTONIC; 0: the source has no clock, the block is ignored). WALL_OFFSET_NS:
 * CLOCK_REALTIME minus CLOCK_MONOTONIC, read now. Blocks come in the order of their frames; a hole
 * that the positions show is no step. Returns flags of enum hk_clock_change; *ret_step (may be
 * NULL) is written when they are not 0. Real-time: yes.
 */
unsigned hk_frame_clock_push(struct hk_frame_clock *clock, uint64_t frame, int64_t capture_ns,
	int64_t wall_offset_ns, struct hk_clock_step *ret_step);

/* Time of any frame, also one that has not come yet. Returns 0; -ENODATA before the first block
 * with a clock. */
int hk_frame_clock_at(
	const struct hk_frame_clock *clock, uint64_t frame, struct hk_frame_time *ret);

/* Of the newest segment. Returns 0, -ENODATA. */
int hk_frame_clock_status(const struct hk_frame_clock *clock, struct hk_frame_clock_status *ret);
