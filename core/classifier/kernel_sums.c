/* SPDX-License-Identifier: MIT */
/*
 * Compiled once for each instruction set: HK_KERNEL_SUMS is the name of the function, HK_LANES (4,
 * 8 or 16) how many floats a vector register holds.
 */
#include "core/classifier/kernel_sums.h"

#include <math.h>
#include <stdbool.h>

#if HK_LANES > 4
#include <immintrin.h>
#endif

#define N_LANES 32 /* floats summed side by side: hides the latency of the addition */
#define N_VECTORS (N_LANES / HK_LANES)
#define AHEAD 6144          /* bytes */
#define CHUNK (8 * N_LANES) /* floats summed in float32 before the sums go on in double */

/* Half as many doubles as a register holds floats: both are then one register wide. */
#define HALF (HK_LANES / 2)
#define N_HALVES (16 / HALF) /* a row is a multiple of 16 floats */

typedef float lanes __attribute__((vector_size(4 * HK_LANES), may_alias));
typedef int32_t int_lanes __attribute__((vector_size(4 * HK_LANES), may_alias));
typedef int16_t short_lanes __attribute__((vector_size(2 * HK_LANES), may_alias));
typedef float half_lanes __attribute__((vector_size(4 * HALF), may_alias));
typedef double wide_lanes __attribute__((vector_size(8 * HALF), may_alias));

/* One row of the matrix: floats, or (floats is NULL) packed values times STEP. */
struct row {
	const float *floats;
	const int16_t *packed;
	float step;
};

/* By hand where there is an instruction for it: gcc 12 takes the vector apart. */
static inline int_lanes load_whole(const int16_t *from)
{
#if HK_LANES == 16
	return (int_lanes)_mm512_cvtepi16_epi32(*(const __m256i *)from);
#elif HK_LANES == 8
	return (int_lanes)_mm256_cvtepi16_epi32(*(const __m128i *)from);
#else
	return __builtin_convertvector(*(const short_lanes *)from, int_lanes);
#endif
}

static inline lanes load(const struct row *row, uint32_t j)
{
	if (row->floats) {
		return *(const lanes *)(row->floats + j);
	}
	/* exact: 15 bits times a power of two */
	return __builtin_convertvector(load_whole(row->packed + j), lanes) * row->step;
}

/* X's values minus the row's. Where it is one instruction it rounds once, and so do the two: the
 * product is exact. */
static inline lanes subtract(const float *x, const struct row *row, uint32_t j)
{
#if HK_LANES == 16
	if (!row->floats) {
		const lanes whole = __builtin_convertvector(load_whole(row->packed + j), lanes);
		return (lanes)_mm512_fnmadd_ps(
			(__m512)whole, _mm512_set1_ps(row->step), *(const __m512 *)(x + j));
	}
#endif
	return *(const lanes *)(x + j) - load(row, j);
}

/*
 * Asks for what comes AHEAD bytes after the 16 values at J: a matrix is larger than the caches near
 * the core, and the processor's own prefetcher stops at the end of every page.
 */
static inline void prefetch(const struct row *row, uint32_t j)
{
	const char *at =
		row->floats ? (const char *)(row->floats + j) : (const char *)(row->packed + j);
	__builtin_prefetch(at + AHEAD);
}

static inline wide_lanes widen(const float *from)
{
	return __builtin_convertvector(*(const half_lanes *)from, wide_lanes);
}

/* In an order that is the same whatever a register holds, and in which no addition waits for
 * fifteen others. */
static inline double sum_of_16(const double *values)
{
	double eighths[8] = { 0 }, quarters[4] = { 0 };
	for (int i = 0; i < 8; i++) {
		eighths[i] = values[i] + values[i + 8];
	}
	for (int i = 0; i < 4; i++) {
		quarters[i] = eighths[i] + eighths[i + 4];
	}
	return (quarters[0] + quarters[2]) + (quarters[1] + quarters[3]);
}

static inline double products(const float *x, const struct row *row, uint32_t n)
{
	union {
		wide_lanes vectors[N_HALVES];
		double values[16];
	} sums = { .values = { 0 } };
	for (uint32_t j = 0; j < n; j += 16) {
		prefetch(row, j);
		union {
			lanes vectors[16 / HK_LANES];
			float values[16];
		} v;
		for (uint32_t k = 0; k < 16 / HK_LANES; k++) {
			v.vectors[k] = load(row, j + k * HK_LANES);
		}
		for (uint32_t k = 0; k < N_HALVES; k++) {
			sums.vectors[k] += widen(x + j + k * HALF) * widen(v.values + k * HALF);
		}
	}
	return sum_of_16(sums.values);
}

_Static_assert(N_LANES / 2 == 16, "of sum_of_16");

/* Sums of squares in double, lane by lane: what comes of the lanes of a chunk, two on one. */
union totals {
	wide_lanes vectors[N_LANES / HALF / 2];
	double values[N_LANES / 2];
};

/* From START to END, at most CHUNK apart. */
static inline void add_squares_of_chunk(
	const float *x, const struct row *row, uint32_t start, uint32_t end, union totals *totals)
{
	union {
		lanes vectors[N_VECTORS];
		float values[N_LANES];
	} sums = { .values = { 0 } };
	uint32_t j = start;
	for (; j + N_LANES <= end; j += N_LANES) {
		prefetch(row, j);
		prefetch(row, j + 16);
		for (uint32_t k = 0; k < N_VECTORS; k++) {
			const lanes difference = subtract(x, row, j + k * HK_LANES);
			sums.vectors[k] += difference * difference;
		}
	}
	for (uint32_t k = 0; j < end; j += HK_LANES, k++) {
		const lanes difference = subtract(x, row, j);
		sums.vectors[k] += difference * difference;
	}
	for (uint32_t k = 0; k < N_LANES / HALF / 2; k++) {
		totals->vectors[k] +=
			widen(sums.values + k * HALF) + widen(sums.values + N_LANES / 2 + k * HALF);
	}
}

static inline double squares(const float *x, const struct row *row, uint32_t n)
{
	union totals totals = { .values = { 0 } };
	for (uint32_t start = 0; start < n; start += CHUNK) {
		add_squares_of_chunk(x, row, start, n - start < CHUNK ? n : start + CHUNK, &totals);
	}
	return sum_of_16(totals.values);
}

/* Called with constants, so that each combination becomes a loop of its own. */
static inline __attribute__((always_inline)) void over_rows(const struct hk_svm *svm,
	const float *x, enum hk_kernel_sum sum, bool is_packed, double *ret_sums)
{
	const float step = is_packed ? ldexpf(1, svm->exponent) : 1;
	for (uint32_t i = 0; i < svm->n_vectors; i++) {
		const size_t start = (size_t)i * svm->stride;
		const struct row row = {
			.floats = is_packed ? NULL : svm->vectors + start,
			.packed = is_packed ? svm->packed + start : NULL,
			.step = step,
		};
		ret_sums[i] = sum == HK_KERNEL_SUM_PRODUCTS ? products(x, &row, svm->stride)
							    : squares(x, &row, svm->stride);
	}
}

void HK_KERNEL_SUMS(
	const struct hk_svm *svm, const float *x, enum hk_kernel_sum sum, double *ret_sums)
{
	if (sum == HK_KERNEL_SUM_PRODUCTS && svm->packed) {
		over_rows(svm, x, HK_KERNEL_SUM_PRODUCTS, true, ret_sums);
	} else if (sum == HK_KERNEL_SUM_PRODUCTS) {
		over_rows(svm, x, HK_KERNEL_SUM_PRODUCTS, false, ret_sums);
	} else if (svm->packed) {
		over_rows(svm, x, HK_KERNEL_SUM_SQUARES, true, ret_sums);
	} else {
		over_rows(svm, x, HK_KERNEL_SUM_SQUARES, false, ret_sums);
	}
}
