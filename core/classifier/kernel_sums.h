/* SPDX-License-Identifier: MIT */
/*
 * kernel_sums: the sums over all features that every kernel begins with, compiled once for each
 * instruction set. Only kernel.c uses it.
 *
 * Products are summed in double from the start: decisions of a linear kernel are small differences
 * of large sums. Squared differences are taken and summed in float32, eight at a time for each of
 * 32 lanes, and from there on in double: what counts is their relative error (5e-9), since
 * exp(-gamma d) has a slope of at most 1 / e over the relative change of d. The lanes are added in
 * the same order whatever a register holds, and nothing is fused that would round otherwise: the
 * same bits everywhere.
 */
#pragma once

#include "core/classifier/svm_types.h"

enum hk_kernel_sum {
	HK_KERNEL_SUM_PRODUCTS, /* x'v */
	HK_KERNEL_SUM_SQUARES,  /* |x - v|^2 */
};

/* Shapes: as hk_kernel_values. */
typedef void hk_kernel_sums_fn(
	const struct hk_svm *svm, const float *x, enum hk_kernel_sum sum, double *ret_sums);

hk_kernel_sums_fn hk_kernel_sums_baseline; /* what every processor of the architecture can do */
#ifdef __x86_64__
hk_kernel_sums_fn hk_kernel_sums_avx2;
hk_kernel_sums_fn hk_kernel_sums_avx512;
#endif
