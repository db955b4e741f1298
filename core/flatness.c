/* SPDX-License-Identifier: MIT */
#include "core/flatness.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/*
 * The geometric mean needs the sum of the logarithms, which is the logarithm of the product. A
 * float is mantissa * 2^exponent: exponents are added as integers, mantissas in [1, 2) are
 * multiplied, and one logarithm ends a run. RUN mantissas stay below 2^63, inside a float, and
 * those of all lanes below 2^1008, inside a double.
 */
enum { N_LANES = 16, RUN = 63, BIAS = 127 };

static const float floor_power = 1e-10f;

struct product {
	float mantissa[N_LANES];
	int32_t exponent[N_LANES];
	float sum[N_LANES];
};

static void multiply(struct product *p, size_t lane, float power)
{
	const float x = power > floor_power ? power : floor_power;
	uint32_t bits;
	memcpy(&bits, &x, sizeof(bits));
	const uint32_t one_to_two = (bits & 0x007fffffu) | ((uint32_t)BIAS << 23);
	float mantissa;
	memcpy(&mantissa, &one_to_two, sizeof(mantissa));
	p->mantissa[lane] *= mantissa;
	p->exponent[lane] += (int32_t)(bits >> 23) - BIAS;
	p->sum[lane] += x;
}

/* Adds the sum of log2 and the sum of at most RUN * N_LANES values. */
static void add_run(const float *power, size_t n_bins, double *log2_sum, double *power_sum)
{
	struct product p = { 0 };
	for (size_t lane = 0; lane < N_LANES; lane++) {
		p.mantissa[lane] = 1.0f;
	}
	size_t k = 0;
	for (; k + N_LANES <= n_bins; k += N_LANES) {
		for (size_t lane = 0; lane < N_LANES; lane++) {
			multiply(&p, lane, power[k + lane]);
		}
	}
	for (size_t lane = 0; k < n_bins; k++, lane++) {
		multiply(&p, lane, power[k]);
	}
	double mantissas = 1.0;
	int32_t exponents = 0;
	double sum = 0.0;
	for (size_t lane = 0; lane < N_LANES; lane++) {
		mantissas *= (double)p.mantissa[lane];
		exponents += p.exponent[lane];
		sum += (double)p.sum[lane];
	}
	*log2_sum += log2(mantissas) + (double)exponents;
	*power_sum += sum;
}

double hk_flatness(const float *power, size_t n_bins)
{
	double log2_sum = 0.0;
	double sum = 0.0;
	for (size_t k = 0; k < n_bins; k += (size_t)RUN * N_LANES) {
		const size_t rest = n_bins - k;
		const size_t n = rest < (size_t)RUN * N_LANES ? rest : (size_t)RUN * N_LANES;
		add_run(power + k, n, &log2_sum, &sum);
	}
	const double n = (double)n_bins;
	return exp2(log2_sum / n) / (sum / n);
}
