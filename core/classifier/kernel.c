/* SPDX-License-Identifier: MIT */
#include "core/classifier/kernel.h"

#include <math.h>

#include "core/classifier/kernel_sums.h"

/* Larger values have no meaning and would let a crafted polynomial kernel overflow. */
#define MAX_KERNEL 1e100

static hk_kernel_sums_fn *best_sums(void)
{
#ifdef __x86_64__
	if (__builtin_cpu_supports("avx512f")) {
		return hk_kernel_sums_avx512;
	}
	if (__builtin_cpu_supports("avx2")) {
		return hk_kernel_sums_avx2;
	}
#endif
	return hk_kernel_sums_baseline;
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
	best_sums()(svm, x,
		svm->kernel == HK_KERNEL_RBF ? HK_KERNEL_SUM_SQUARES : HK_KERNEL_SUM_PRODUCTS,
		ret_values);
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
