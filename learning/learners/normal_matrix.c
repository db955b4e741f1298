/* SPDX-License-Identifier: MIT */
#include "learning/learners/normal_matrix.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/math/multiversion.h"
#include "learning/base/parallel.h"

#define TILE_ROWS 16 /* rows of the result that one job computes */
#define TOGETHER 4   /* rows of A: a sum is read and written once for all of them */

typedef double lanes __attribute__((vector_size(HK_TALL_LANES * sizeof(double))));
typedef double half_lanes __attribute__((vector_size(HK_TALL_LANES / 2 * sizeof(double))));

struct work {
	const struct hk_tall *a;
	double *result;
	atomic_bool out_of_memory;
};

/* Two rows of the result, A and B: what TOGETHER rows bring, whose values there are OWN, in their
 * order. */
HK_INLINE void add_rows(half_lanes *restrict a, half_lanes *restrict b,
	const half_lanes *const rows[TOGETHER], double own[2][TOGETHER], size_t n_halves)
{
	for (size_t j = 0; j < n_halves; j++) {
		const half_lanes v0 = rows[0][j], v1 = rows[1][j], v2 = rows[2][j], v3 = rows[3][j];
		a[j] = a[j] + own[0][0] * v0 + own[0][1] * v1 + own[0][2] * v2 + own[0][3] * v3;
		b[j] = b[j] + own[1][0] * v0 + own[1][1] * v1 + own[1][2] * v2 + own[1][3] * v3;
	}
}

/* Rows I0 .. I0 + N_TILE - 1 of the result (N_TILE even), N_COLUMNS lanes of each, into TILE. The
 * columns of A beyond its last are zeros, so is ZEROS, which stands for rows beyond its last. */
HK_INLINE void fill_tile_body(lanes *tile, const struct hk_tall *a, uint32_t i0, size_t n_tile,
	size_t n_columns, const double *zeros)
{
	for (size_t first = 0; first < a->n_rows; first += TOGETHER) {
		const half_lanes *rows[TOGETHER];
		for (size_t r = 0; r < TOGETHER; r++) {
			const size_t at = first + r;
			const size_t row = a->picked && at < a->n_rows ? a->picked[at] : at;
			rows[r] = (const half_lanes *)(at < a->n_rows ? a->values + row * a->stride
								      : zeros);
		}
		for (size_t i = 0; i < n_tile; i += 2) {
			double own[2][TOGETHER];
			for (size_t r = 0; r < TOGETHER; r++) {
				own[0][r] = ((const double *)rows[r])[i0 + i];
				own[1][r] = ((const double *)rows[r])[i0 + i + 1];
			}
			add_rows((half_lanes *)(tile + i * n_columns),
				(half_lanes *)(tile + (i + 1) * n_columns), rows, own,
				2 * n_columns);
		}
	}
}

HK_MULTIVERSION_VOID(fill_tile,
	(lanes * tile, const struct hk_tall *a, uint32_t i0, size_t n_tile, size_t n_columns,
		const double *zeros),
	(tile, a, i0, n_tile, n_columns, zeros))

/* Rows INDEX * TILE_ROWS .. of the lower triangle. */
static void fill_rows(void *owner, size_t index, unsigned worker)
{
	(void)worker;
	struct work *work = owner;
	const uint32_t n = work->a->n_columns;
	const uint32_t i0 = (uint32_t)index * TILE_ROWS;
	const uint32_t n_own = n - i0 < TILE_ROWS ? n - i0 : TILE_ROWS;
	const size_t n_tile = (n_own + 1) / 2 * 2;
	const size_t n_columns = (i0 + n_own + HK_TALL_LANES - 1) / HK_TALL_LANES;
	const size_t size = n_tile * n_columns * sizeof(lanes);
	lanes *tile = aligned_alloc(64, size + work->a->stride * sizeof(double));
	if (!tile) {
		atomic_store(&work->out_of_memory, true);
		return;
	}
	memset(tile, 0, size + work->a->stride * sizeof(double));
	fill_tile(tile, work->a, i0, n_tile, n_columns, (double *)(tile + n_tile * n_columns));
	for (uint32_t i = 0; i < n_own; i++) {
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
