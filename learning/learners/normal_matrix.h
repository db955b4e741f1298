/* SPDX-License-Identifier: MIT */
/*
 * normal_matrix: A'A of a tall matrix A, the left side of normal equations. In double, on several
 * threads, the same bits on any number of them.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define HK_TALL_LANES 8 /* doubles; the stride is a multiple of it */

struct hk_tall {
	const double *values; /* n_rows * stride, aligned to 64; zeros after n_columns */
	size_t n_rows;
	size_t stride;
	uint32_t n_columns;
	const size_t *picked; /* n_rows: numbers of the rows of `values` that are meant; NULL: the
				 first */
};

/* N rounded up to HK_TALL_LANES. */
static inline size_t hk_tall_stride(uint32_t n_columns)
{
	return (n_columns + HK_TALL_LANES - 1) / HK_TALL_LANES * HK_TALL_LANES;
}

/* Shapes: ret[n_columns * n_columns], of which the lower triangle is written. Returns 0, -ENOMEM.
 */
int hk_normal_matrix(double *ret, const struct hk_tall *a, unsigned n_threads);
