/* SPDX-License-Identifier: MIT */
#include "core/math/columns.h"

#include <math.h>
#include <stddef.h>

#include "core/math/multiversion.h"

#define BLOCK 16 /* columns whose sums stay in registers */

/* N_COLUMNS, at most BLOCK, of rows of STRIDE values. */
HK_INLINE void mean_std_of_block(const float *series, uint32_t n_rows, uint32_t stride,
	uint32_t n_columns, float *ret_mean, float *ret_std)
{
	double sums[BLOCK] = { 0 }, means[BLOCK], squares[BLOCK] = { 0 };
	for (uint32_t t = 0; t < n_rows; t++) {
		for (uint32_t c = 0; c < n_columns; c++) {
			sums[c] += (double)series[(size_t)t * stride + c];
		}
	}
	for (uint32_t c = 0; c < n_columns; c++) {
		means[c] = sums[c] / n_rows;
	}
	for (uint32_t t = 0; t < n_rows; t++) {
		for (uint32_t c = 0; c < n_columns; c++) {
			const double difference = (double)series[(size_t)t * stride + c] - means[c];
			squares[c] += difference * difference;
		}
	}
	for (uint32_t c = 0; c < n_columns; c++) {
		ret_mean[c] = (float)means[c];
		ret_std[c] = (float)sqrt(squares[c] / n_rows);
	}
}

HK_INLINE void mean_std_body(
	const float *series, uint32_t n_rows, uint32_t n_columns, float *ret_mean, float *ret_std)
{
	uint32_t c = 0;
	for (; c + BLOCK <= n_columns; c += BLOCK) {
		mean_std_of_block(series + c, n_rows, n_columns, BLOCK, ret_mean + c, ret_std + c);
	}
	if (c < n_columns) {
		mean_std_of_block(
			series + c, n_rows, n_columns, n_columns - c, ret_mean + c, ret_std + c);
	}
}

HK_MULTIVERSION_VOID(mean_std,
	(const float *series, uint32_t n_rows, uint32_t n_columns, float *ret_mean, float *ret_std),
	(series, n_rows, n_columns, ret_mean, ret_std))

void hk_columns_mean_std(
	const float *series, uint32_t n_rows, uint32_t n_columns, float *ret_mean, float *ret_std)
{
	mean_std(series, n_rows, n_columns, ret_mean, ret_std);
}
