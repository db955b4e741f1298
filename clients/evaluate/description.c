/* SPDX-License-Identifier: MIT */
#include "clients/evaluate/description.h"

#include <math.h>

#include "core/math/quantile.h"

void hk_describe(struct hk_description *ret, const float *rows, size_t n_rows, size_t n_columns,
	size_t column, float *scratch)
{
	double sum = 0, squares = 0;
	for (size_t i = 0; i < n_rows; i++) {
		scratch[i] = rows[i * n_columns + column];
		sum += (double)scratch[i];
	}
	const double mean = sum / (double)n_rows;
	for (size_t i = 0; i < n_rows; i++) {
		const double distance = (double)scratch[i] - mean;
		squares += distance * distance;
	}
	const uint32_t n = (uint32_t)n_rows;
	*ret = (struct hk_description){
		.mean = mean,
		.std = n_rows > 1 ? sqrt(squares / (double)(n_rows - 1)) : 0,
		.min = hk_quantile(scratch, n, 0),
		.lower_quartile = hk_quantile(scratch, n, 0.25),
		.median = hk_quantile(scratch, n, 0.5),
		.upper_quartile = hk_quantile(scratch, n, 0.75),
		.max = hk_quantile(scratch, n, 1),
	};
}
