/* SPDX-License-Identifier: MIT */
/*
 * stillness: for how long a stream of samples has not changed, whatever its value.
 *
 * A stream that takes a handful of values within one step of 16 bits does not change either: a
 * converter whose lowest bit toggles, the mean of several of those, dither on a muted input.
 * Real-time: yes.
 */
#pragma once

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#define HK_STILL_SPAN (1.0F / 32768.0F) /* between the lowest and the highest value */
#define HK_STILL_VALUES 8               /* distinct ones at most */

/* Zeroed at first. */
struct hk_stillness {
	uint64_t n_still; /* samples in a row without a change, the newest included */
	uint32_t n_values;
	float values[HK_STILL_VALUES]; /* that these samples take */
	float lowest, highest;
};

/* The next SAMPLE, near the values so far. */
void hk_stillness_push_near(struct hk_stillness *still, float sample);

/* The next N samples, finite, STRIDE apart: as hk_stillness_push for each of them, and fast where
 * they sound. */
void hk_stillness_run(struct hk_stillness *still, const float *samples, size_t n, size_t stride);

/* The next SAMPLE, a finite number. */
static inline void hk_stillness_push(struct hk_stillness *still, float sample)
{
	if (still->n_values == 0 || fabsf(sample - still->values[0]) <= HK_STILL_SPAN) {
		hk_stillness_push_near(still, sample);
		return;
	}
	/* Sound nearly always comes here. */
	still->n_still = 1;
	still->n_values = 1;
	still->values[0] = still->lowest = still->highest = sample;
}
