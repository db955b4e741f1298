/* SPDX-License-Identifier: MIT */
/*
 * Compiled once for each instruction set: HK_KERNEL_SUMS is the name of the function, HK_LANES (4,
 * 8 or 16) how many floats a vector register holds.
 */
#include "core/kernel_sums.h"

#define N_LANES 32 /* floats summed side by side: hides the latency of the addition */
#define N_VECTORS (N_LANES / HK_LANES)
#define CHUNK (8 * N_LANES) /* floats summed in float32 before the sums go on in double */

/* Half as many doubles as a register holds floats: both are then one register wide. */
#define HALF (HK_LANES / 2)
#define N_HALVES (16 / HALF) /* a row is a multiple of 16 floats */

typedef float lanes __attribute__((vector_size(4 * HK_LANES), may_alias));
typedef float half_lanes __attribute__((vector_size(4 * HALF), may_alias));
typedef double wide_lanes __attribute__((vector_size(8 * HALF), may_alias));

static inline wide_lanes load_wide(const float *from)
{
	return __builtin_convertvector(*(const half_lanes *)from, wide_lanes);
}

/* In a fixed order, whatever a register holds. */
static inline double sum_of(const double *values, int n)
{
	double sum = 0;
	for (int i = 0; i < n; i++) {
		sum += values[i];
	}
	return sum;
}

static inline double products(const float *x, const float *v, uint32_t n)
{
	union {
		wide_lanes vectors[N_HALVES];
		double values[16];
	} sums = { .values = { 0 } };
	for (uint32_t j = 0; j < n; j += 16) {
		for (int k = 0; k < N_HALVES; k++) {
			sums.vectors[k] +=
				load_wide(x + j + k * HALF) * load_wide(v + j + k * HALF);
		}
	}
	return sum_of(sums.values, 16);
}

/* N: at most CHUNK. */
static inline double squares_of_chunk(const float *x, const float *v, uint32_t n)
{
	union {
		lanes vectors[N_VECTORS];
		float values[N_LANES];
	} sums = { .values = { 0 } };
	uint32_t j = 0;
	for (; j + N_LANES <= n; j += N_LANES) {
		for (int k = 0; k < N_VECTORS; k++) {
			const lanes difference = *(const lanes *)(x + j + k * HK_LANES) -
				*(const lanes *)(v + j + k * HK_LANES);
			sums.vectors[k] += difference * difference;
		}
	}
	for (int k = 0; j < n; j += HK_LANES, k++) {
		const lanes difference = *(const lanes *)(x + j) - *(const lanes *)(v + j);
		sums.vectors[k] += difference * difference;
	}
	union {
		wide_lanes vectors[N_LANES / HALF / 2];
		double values[N_LANES / 2];
	} wide;
	for (int k = 0; k < N_LANES / HALF / 2; k++) {
		wide.vectors[k] = load_wide(sums.values + k * HALF) +
			load_wide(sums.values + N_LANES / 2 + k * HALF);
	}
	return sum_of(wide.values, N_LANES / 2);
}

static inline double squares(const float *x, const float *v, uint32_t n)
{
	double sum = 0;
	for (uint32_t j = 0; j < n; j += CHUNK) {
		sum += squares_of_chunk(x + j, v + j, n - j < CHUNK ? n - j : CHUNK);
	}
	return sum;
}

void HK_KERNEL_SUMS(
	const struct hk_svm *svm, const float *x, enum hk_kernel_sum sum, double *ret_sums)
{
	const uint32_t stride = svm->stride;
	if (sum == HK_KERNEL_SUM_PRODUCTS) {
		for (uint32_t i = 0; i < svm->n_vectors; i++) {
			ret_sums[i] = products(x, svm->vectors + (size_t)i * stride, stride);
		}
	} else {
		for (uint32_t i = 0; i < svm->n_vectors; i++) {
			ret_sums[i] = squares(x, svm->vectors + (size_t)i * stride, stride);
		}
	}
}
