/* SPDX-License-Identifier: MIT */
#include "core/features/spectrogram/time_features.h"

#include <math.h>
#include <string.h>

#include "core/math/lanes.h"

HK_INLINE uint32_t is_negative(float x)
{
	return x < -1e-10f;
}

HK_INLINE uint32_t count_zero_crossings_body(const float *samples, size_t n_samples)
{
	uint32_t n = 0;
	for (size_t i = 1; i < n_samples; i++) {
		n += is_negative(samples[i]) ^ is_negative(samples[i - 1]);
	}
	return n;
}

HK_MULTIVERSION(uint32_t, count_zero_crossings, (const float *samples, size_t n_samples),
	(samples, n_samples))

/* An integer that is in order with other such integers as X is with other floats: compilers may
 * look for the smallest of integers in any order, of floats they may not. Its own inverse. */
HK_INLINE int32_t ordered(int32_t bits)
{
	return bits ^ ((bits >> 31) & INT32_MAX);
}

struct range {
	int32_t min, max; /* ordered() */
};

HK_INLINE struct range range_of_body(const float *samples, size_t n_samples)
{
	int32_t min = INT32_MAX;
	int32_t max = INT32_MIN;
	for (size_t i = 0; i < n_samples; i++) {
		int32_t bits;
		memcpy(&bits, samples + i, sizeof(bits));
		const int32_t x = ordered(bits);
		min = x < min ? x : min;
		max = x > max ? x : max;
	}
	return (struct range){ min, max };
}

HK_MULTIVERSION(
	struct range, range_of, (const float *samples, size_t n_samples), (samples, n_samples))

static float float_of(int32_t x)
{
	const int32_t bits = ordered(x);
	float value;
	memcpy(&value, &bits, sizeof(value));
	return value;
}

HK_INLINE double mean_of_body(const float *samples, size_t n_samples)
{
	return hk_lanes_power_sum(samples, n_samples, 1) / (double)n_samples;
}

HK_MULTIVERSION(double, mean_of, (const float *samples, size_t n_samples), (samples, n_samples))

/* Three sums in as many lanes as keep an adder busy without spilling SSE2's registers. */
enum { MOMENT_LANES = 4 };

static double total(const double lanes[MOMENT_LANES])
{
	double sum = 0.0;
	for (size_t lane = 0; lane < MOMENT_LANES; lane++) {
		sum += lanes[lane];
	}
	return sum;
}

/* Central moments of order 2, 3 and 4. */
struct moments {
	double m2, m3, m4;
};

HK_INLINE struct moments moments_about_body(const float *samples, size_t n_samples, double mean)
{
	double squares[MOMENT_LANES] = { 0 };
	double cubes[MOMENT_LANES] = { 0 };
	double fourths[MOMENT_LANES] = { 0 };
	size_t i = 0;
	for (; i + MOMENT_LANES <= n_samples; i += MOMENT_LANES) {
		for (size_t lane = 0; lane < MOMENT_LANES; lane++) {
			const double d = (double)samples[i + lane] - mean;
			const double d2 = d * d;
			squares[lane] += d2;
			cubes[lane] += d2 * d;
			fourths[lane] += d2 * d2;
		}
	}
	struct moments m = {
		total(squares),
		total(cubes),
		total(fourths),
	};
	for (; i < n_samples; i++) {
		const double d = (double)samples[i] - mean;
		m.m2 += d * d;
		m.m3 += d * d * d;
		m.m4 += d * d * d * d;
	}
	const double n = (double)n_samples;
	return (struct moments){ m.m2 / n, m.m3 / n, m.m4 / n };
}

HK_MULTIVERSION(struct moments, moments_about,
	(const float *samples, size_t n_samples, double mean), (samples, n_samples, mean))

void hk_time_features(const float *samples, size_t n_samples, struct hk_time_features *ret)
{
	const struct range range = range_of(samples, n_samples);
	ret->n_zero_crossings = count_zero_crossings(samples, n_samples);
	ret->min = float_of(range.min);
	ret->max = float_of(range.max);
	if (ret->min == ret->max) {
		ret->kurtosis = -3.0;
		ret->skewness = 0.0;
		return;
	}
	const double mean = mean_of(samples, n_samples);
	const struct moments m = moments_about(samples, n_samples, mean);
	ret->kurtosis = m.m4 / (m.m2 * m.m2) - 3.0;
	ret->skewness = m.m3 / (m.m2 * sqrt(m.m2));
}
