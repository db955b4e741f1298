/* SPDX-License-Identifier: MIT */
/*
 * biquad: second-order filter sections. Source: R. Bristow-Johnson, Audio EQ Cookbook.
 */
#pragma once

#include <stddef.h>

struct hk_biquad {
	double b0, b1, b2, a1, a2;
};

/* Low and high pass with quality Q (Butterworth: sqrt(1/2)), and a peak or dip of GAIN_DB. HZ below
 * half of RATE_HZ. */
struct hk_biquad hk_biquad_low_pass(double hz, double q, double rate_hz);
struct hk_biquad hk_biquad_high_pass(double hz, double q, double rate_hz);
struct hk_biquad hk_biquad_peak(double hz, double q, double gain_db, double rate_hz);

/* Filter N samples in place, from rest. */
void hk_biquad_apply(const struct hk_biquad *biquad, float *samples, size_t n);
