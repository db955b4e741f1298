/* SPDX-License-Identifier: MIT */
/*
 * sample: what counts as a sample of sound. Any thread; real-time: yes.
 */
#pragma once

#include <math.h>

/* Far above every scale in use (32-bit integers in a float file are 2e9), far below where squares
 * and their sums overflow a float. */
#define HK_SAMPLE_LIMIT 1e10F

/* SAMPLE, or 0 when it is no sound: NaN, infinite or beyond the limit. */
static inline float hk_sample_clean(float sample)
{
	return fabsf(sample) <= HK_SAMPLE_LIMIT ? sample : 0.0F;
}
