/* SPDX-License-Identifier: MIT */
#include "core/time_features.h"

#include <math.h>
#include <stdbool.h>

/* Independent sums, so that the compiler may use vector registers without reordering any. */
enum { N_LANES = 8 };

static double total(const double lanes[N_LANES])
{
	double sum = 0.0;
	for (size_t lane = 0; lane < N_LANES; lane++) {
		sum += lanes[lane];
	}
	return sum;
}

static bool is_negative(float x)
{
	return x < -1e-10f;
}

static uint64_t count_zero_crossings(const float *samples, size_t n_samples)
{
	uint64_t n = 0;
	for (size_t i = 1; i < n_samples; i++) {
		n += is_negative(samples[i]) != is_negative(samples[i - 1]);
	}
	return n;
}

static void find_extremes(const float *samples, size_t n_samples, float *ret_min, float *ret_max)
{
	float min = samples[0];
	float max = samples[0];
	for (size_t i = 1; i < n_samples; i++) {
		min = samples[i] < min ? samples[i] : min;
		max = samples[i] > max ? samples[i] : max;
	}
	*ret_min = min;
	*ret_max = max;
}

static double mean_of(const float *samples, size_t n_samples)
{
	double sums[N_LANES] = { 0 };
	size_t i = 0;
	for (; i + N_LANES <= n_samples; i += N_LANES) {
		for (size_t lane = 0; lane < N_LANES; lane++) {
			sums[lane] += (double)samples[i + lane];
		}
	}
	for (; i < n_samples; i++) {
		sums[0] += (double)samples[i];
	}
	return total(sums) / (double)n_samples;
}

/* Central moments of order 2, 3 and 4. */
struct moments {
	double m2, m3, m4;
};

static struct moments moments_about(const float *samples, size_t n_samples, double mean)
{
	double sums2[N_LANES] = { 0 };
	double sums3[N_LANES] = { 0 };
	double sums4[N_LANES] = { 0 };
	size_t i = 0;
	for (; i + N_LANES <= n_samples; i += N_LANES) {
		for (size_t lane = 0; lane < N_LANES; lane++) {
			const double d = (double)samples[i + lane] - mean;
			const double d2 = d * d;
			sums2[lane] += d2;
			sums3[lane] += d2 * d;
			sums4[lane] += d2 * d2;
		}
	}
	for (; i < n_samples; i++) {
		const double d = (double)samples[i] - mean;
		const double d2 = d * d;
		sums2[0] += d2;
		sums3[0] += d2 * d;
		sums4[0] += d2 * d2;
	}
	const double n = (double)n_samples;
	return (struct moments){ total(sums2) / n, total(sums3) / n, total(sums4) / n };
}

void hk_time_features(const float *samples, size_t n_samples, struct hk_time_features *ret)
{
	ret->n_zero_crossings = count_zero_crossings(samples, n_samples);
	find_extremes(samples, n_samples, &ret->min, &ret->max);
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
