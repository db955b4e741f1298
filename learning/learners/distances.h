/* SPDX-License-Identifier: MIT */
/*
 * distances: squared distances of a few rows from many, in float32: a row that is in a register is
 * compared with all of the few, so that memory is read a quarter as often.
 *
 * Sums run over 8 lanes in a fixed order: the same bits on every processor. Their relative error,
 * at most 1e-6 for a thousand values, is far below what solvers stop at; models are decided with by
 * core/classifier/kernel.h, which is more exact.
 */
#pragma once

#include <stddef.h>

#define HK_DISTANCES_FEW 4

/*
 * Shapes: few[HK_DISTANCES_FEW] rows and many[n_many * stride], aligned to 64, stride a multiple of
 * 16; ret[HK_DISTANCES_FEW][n_many].
 */
void hk_distances(const float *const few[HK_DISTANCES_FEW], const float *many, size_t n_many,
	size_t stride, float *const ret[HK_DISTANCES_FEW]);
