/* SPDX-License-Identifier: MIT */
/*
 * description: what each feature is like: the table that describe() of pandas gives. Any thread.
 */
#pragma once

#include <stddef.h>

struct hk_description {
	double mean, std; /* of the sample: divided by n - 1; 0 for one row */
	double min, lower_quartile, median, upper_quartile, max;
};

/*
 * Describe column COLUMN of a matrix. Quartiles are linear between neighbours.
 * Shapes: rows[n_rows * n_columns], scratch[n_rows]. n_rows >= 1.
 */
void hk_describe(struct hk_description *ret, const float *rows, size_t n_rows, size_t n_columns,
	size_t column, float *scratch);
