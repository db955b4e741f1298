/* SPDX-License-Identifier: MIT */
#include "clients/train/normal.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "clients/train/parallel.h"

#define TILE_ROWS 16 /* rows of the result that one job computes */

typedef double lanes __attribute__((vector_size(HK_TALL_LANES * sizeof(double))));

struct work {
	const struct hk_tall *a;
	double *result;
	atomic_bool out_of_memory;
};

/* Rows INDEX * TILE_ROWS .. of the lower triangle. */
static void fill_rows(void *owner, size_t index, unsigned worker)
{
	(void)worker;
	struct work *work = owner;
	const uint32_t n = work->a->n_columns;
	const uint32_t i0 = (uint32_t)index * TILE_ROWS;
	const uint32_t n_tile = n - i0 < TILE_ROWS ? n - i0 : TILE_ROWS;
	const size_t n_columns = (i0 + n_tile + HK_TALL_LANES - 1) / HK_TALL_LANES;
	lanes *tile = aligned_alloc(64, n_tile * n_columns * sizeof(lanes));
	if (!tile) {
		atomic_store(&work->out_of_memory, true);
		return;
	}
	memset(tile, 0, n_tile * n_columns * sizeof(lanes));
	for (size_t row = 0; row < work->a->n_rows; row++) {
		const size_t number = work->a->picked ? work->a->picked[row] : row;
		const double *values = work->a->values + number * work->a->stride;
		for (uint32_t i = 0; i < n_tile; i++) {
			const double own = values[i0 + i];
			lanes *sum = tile + i * n_columns;
			for (size_t j = 0; j < n_columns; j++) {
				sum[j] += own * ((const lanes *)values)[j];
			}
		}
	}
	for (uint32_t i = 0; i < n_tile; i++) {
		memcpy(work->result + (size_t)(i0 + i) * n, tile + i * n_columns,
			(i0 + i + 1) * sizeof(double));
	}
	free(tile);
}

int hk_normal_matrix(double *ret, const struct hk_tall *a, unsigned n_threads)
{
	struct work work = { .a = a, .result = ret };
	hk_parallel_run(n_threads, (a->n_columns + TILE_ROWS - 1) / TILE_ROWS, fill_rows, &work);
	return work.out_of_memory ? -ENOMEM : 0;
}
