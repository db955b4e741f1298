/* SPDX-License-Identifier: MIT */
/*
 * time_features: what the spectrogram profile takes from the samples themselves.
 *
 * Source: librosa 0.10.2 zero_crossings (threshold 1e-10, zero is positive); SciPy 1.10 kurtosis
 * (Fisher, biased) and skew (biased), computed in double precision. Any thread. Real-time: yes.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct hk_time_features {
	uint64_t
		n_zero_crossings; /* changes of sign between neighbours; |x| <= 1e-10 is positive */
	float max;
	float min;
	double kurtosis; /* m4 / m2^2 - 3; -3 when all samples are equal */
	double skewness; /* m3 / m2^1.5; 0 when all samples are equal */
};

/* Shapes: samples[n_samples], at least one, finite. */
void hk_time_features(const float *samples, size_t n_samples, struct hk_time_features *ret);
