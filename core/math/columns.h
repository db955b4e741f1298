/* SPDX-License-Identifier: MIT */
/*
 * columns: statistics over time of a series of rows. Any thread; real-time: yes.
 */
#pragma once

#include <stdint.h>

/*
 * Mean and population standard deviation of each column, two-pass in double.
 * Shapes: series[n_rows * n_columns], row-major, n_rows >= 1; ret_mean, ret_std[n_columns].
 */
void hk_columns_mean_std(
	const float *series, uint32_t n_rows, uint32_t n_columns, float *ret_mean, float *ret_std);
