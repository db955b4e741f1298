/* SPDX-License-Identifier: MIT */
#include "core/features/flatness.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "core/math/multiversion.h"

/*
 * The geometric mean needs the sum of the logarithms, which is the logarithm of the product. A
 * float is mantissa * 2^exponent: exponents are added as integers, mantissas in [1, 2) are
 * multiplied, and one logarithm ends a run. RUN mantissas stay below 2^63, inside a float, and
 * those of all lanes below 2^1008, inside a double.
 */
enum { N_LANES = 16, RUN = 63, BIAS = 127, MANTISSA_BITS = 23 };

static const float floor_power = 1e-10f;

struct sums {
	double log2;
	double power;
};

struct flatness_run {
	float mantissa[N_LANES];
	int32_t exponent[N_LANES];
	float power[N_LANES];
};

HK_INLINE void add(struct flatness_run *run, size_t lane, float power)
{
	const int32_t mantissa_mask = (1 << MANTISSA_BITS) - 1;
	const float x = power > floor_power ? power : floor_power;
	int32_t bits;
	memcpy(&bits, &x, sizeof(bits));
	const int32_t one_to_two = (bits & mantissa_mask) | (BIAS << MANTISSA_BITS);
	float mantissa;
	memcpy(&mantissa, &one_to_two, sizeof(mantissa));
	run->mantissa[lane] *= mantissa;
	run->exponent[lane] += (bits >> MANTISSA_BITS) - BIAS;
	run->power[lane] += x;
}

/* At most RUN * N_LANES values. */
HK_INLINE struct sums sums_of_run_body(const float *power, size_t n)
{
	struct flatness_run run = { 0 };
	for (size_t lane = 0; lane < N_LANES; lane++) {
		run.mantissa[lane] = 1.0f;
	}
	size_t k = 0;
	for (; k + N_LANES <= n; k += N_LANES) {
		for (size_t lane = 0; lane < N_LANES; lane++) {
			add(&run, lane, power[k + lane]);
		}
	}
	for (size_t lane = 0; k + lane < n; lane++) {
		add(&run, lane, power[k + lane]);
	}
	struct sums sums = { 0 };
	double product = 1.0;
	for (size_t lane = 0; lane < N_LANES; lane++) {
		product *= (double)run.mantissa[lane];
		sums.log2 += (double)run.exponent[lane];
		sums.power += (double)run.power[lane];
	}
	sums.log2 += log2(product);
	return sums;
}

HK_MULTIVERSION(struct sums, sums_of_run, (const float *power, size_t n), (power, n))

double hk_flatness(const float *power, size_t n_bins)
{
	const size_t n_run = (size_t)RUN * N_LANES;
	double log2_sum = 0.0;
	double power_sum = 0.0;
	for (size_t k = 0; k < n_bins; k += n_run) {
		const size_t rest = n_bins - k;
		const struct sums sums = sums_of_run(power + k, rest < n_run ? rest : n_run);
		log2_sum += sums.log2;
		power_sum += sums.power;
	}
	const double n = (double)n_bins;
	return exp2(log2_sum / n) / (power_sum / n);
}
