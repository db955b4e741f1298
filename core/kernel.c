/* SPDX-License-Identifier: MIT */
#include "core/kernel.h"

#include <math.h>

#define N_LANES 16
#define CHUNK 1024 /* floats summed in float32 before the sum goes on in double */

/* What a vector register holds is the compiler's business: 16 lanes are 4 of SSE2, 1 of AVX-512. */
typedef float lanes __attribute__((vector_size(N_LANES * sizeof(float))));

/* Larger values have no meaning and would let a crafted polynomial kernel overflow. */
#define MAX_KERNEL 1e100

static inline __attribute__((always_inline)) double sum_of(const lanes *a, const lanes *b)
{
	double sum = 0;
	for (int i = 0; i < N_LANES; i++) {
		sum += (double)(*a)[i] + (double)(*b)[i];
	}
	return sum;
}

/*
 * For each vector v: x'v, or |x - v|^2. Two accumulators hide the latency of the addition without
 * spilling SSE2's 16 registers.
 */
static inline __attribute__((always_inline)) void sums_over(
	const struct hk_svm *svm, const float *x, double *ret_sums, int is_distance)
{
	for (uint32_t i = 0; i < svm->n_vectors; i++) {
		const float *v = svm->vectors + (size_t)i * svm->stride;
		double sum = 0;
		for (uint32_t start = 0; start < svm->stride; start += CHUNK) {
			const uint32_t end =
				svm->stride - start > CHUNK ? start + CHUNK : svm->stride;
			lanes a = { 0 }, b = { 0 };
			uint32_t j = start;
			for (; j + 2 * N_LANES <= end; j += 2 * N_LANES) {
				const lanes xa = *(const lanes *)(x + j);
				const lanes xb = *(const lanes *)(x + j + N_LANES);
				const lanes va = *(const lanes *)(v + j);
				const lanes vb = *(const lanes *)(v + j + N_LANES);
				a += is_distance ? (xa - va) * (xa - va) : xa * va;
				b += is_distance ? (xb - vb) * (xb - vb) : xb * vb;
			}
			if (j < end) {
				const lanes xa = *(const lanes *)(x + j);
				const lanes va = *(const lanes *)(v + j);
				a += is_distance ? (xa - va) * (xa - va) : xa * va;
			}
			sum += sum_of(&a, &b);
		}
		ret_sums[i] = sum;
	}
}

/*
 * The same body for several instruction sets, chosen at run time. By hand and not by the compiler's
 * target_clones, whose resolvers run before the sanitizers are set up.
 */
#define SUMS_FOR(name_, attributes_)                                                               \
	attributes_ static void name_(                                                             \
		const struct hk_svm *svm, const float *x, double *ret_sums, int is_distance)       \
	{                                                                                          \
		if (is_distance) {                                                                 \
			sums_over(svm, x, ret_sums, 1);                                            \
		} else {                                                                           \
			sums_over(svm, x, ret_sums, 0);                                            \
		}                                                                                  \
	}

SUMS_FOR(sums_baseline, )
#ifdef __x86_64__
SUMS_FOR(sums_avx2, __attribute__((target("avx2"))))
SUMS_FOR(sums_avx512, __attribute__((target("avx512f"))))
#endif

static void sums(const struct hk_svm *svm, const float *x, double *ret_sums, int is_distance)
{
#ifdef __x86_64__
	if (__builtin_cpu_supports("avx512f")) {
		sums_avx512(svm, x, ret_sums, is_distance);
		return;
	}
	if (__builtin_cpu_supports("avx2")) {
		sums_avx2(svm, x, ret_sums, is_distance);
		return;
	}
#endif
	sums_baseline(svm, x, ret_sums, is_distance);
}

static double power(double base, uint32_t exponent)
{
	double result = 1;
	for (; exponent > 0; exponent /= 2) {
		if (exponent % 2 != 0) {
			result *= base;
		}
		base *= base;
	}
	return result;
}

static double bounded(double value)
{
	return fmax(-MAX_KERNEL, fmin(value, MAX_KERNEL));
}

void hk_kernel_values(const struct hk_svm *svm, const float *x, double *ret_values)
{
	sums(svm, x, ret_values, svm->kernel == HK_KERNEL_RBF);
	switch (svm->kernel) {
	case HK_KERNEL_LINEAR:
		break;
	case HK_KERNEL_POLYNOMIAL:
		for (uint32_t i = 0; i < svm->n_vectors; i++) {
			ret_values[i] = bounded(
				power(svm->gamma * ret_values[i] + svm->coef0, svm->degree));
		}
		break;
	case HK_KERNEL_RBF:
		for (uint32_t i = 0; i < svm->n_vectors; i++) {
			ret_values[i] = exp(-svm->gamma * ret_values[i]);
		}
		break;
	case HK_KERNEL_SIGMOID:
		for (uint32_t i = 0; i < svm->n_vectors; i++) {
			ret_values[i] = tanh(svm->gamma * ret_values[i] + svm->coef0);
		}
		break;
	}
}
