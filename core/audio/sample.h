/* SPDX-License-Identifier: MIT */
/*
 * sample: what counts as a sample of sound, and the rates that sound comes at. Any thread;
 * real-time: yes.
 */
#pragma once

#include <math.h>
#include <stdbool.h>

#define HK_MIN_RATE_HZ 1000
#define HK_MAX_RATE_HZ 768000

/* Far above every scale in use (32-bit integers in a float file are 2e9), far below where squares
 * and their sums overflow a float. */
#define HK_SAMPLE_LIMIT 1e10F

/* Is it a sound: a number within the limit? */
static inline bool hk_sample_is_sound(float sample)
{
	return fabsf(sample) <= HK_SAMPLE_LIMIT;
}

/* SAMPLE, or 0 when it is no sound: NaN, infinite or beyond the limit. */
static inline float hk_sample_clean(float sample)
{
	return hk_sample_is_sound(sample) ? sample : 0.0F;
}
