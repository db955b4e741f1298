/* SPDX-License-Identifier: MIT */
#include "core/columns.h"

#include <math.h>
#include <stddef.h>

void hk_columns_mean_std(
	const float *series, uint32_t n_rows, uint32_t n_columns, float *ret_mean, float *ret_std)
{
	for (uint32_t c = 0; c < n_columns; c++) {
		double sum = 0.0, squares = 0.0;
		for (uint32_t t = 0; t < n_rows; t++) {
			sum += (double)series[(size_t)t * n_columns + c];
		}
		const double mean = sum / n_rows;
		for (uint32_t t = 0; t < n_rows; t++) {
			const double difference = (double)series[(size_t)t * n_columns + c] - mean;
			squares += difference * difference;
		}
		ret_mean[c] = (float)mean;
		ret_std[c] = (float)sqrt(squares / n_rows);
	}
}
