/* SPDX-License-Identifier: MIT */
#include "learning/learners/kernel_rows.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "learning/learners/distances.h"

#define NOWHERE SIZE_MAX
#define BLOCK_ROWS 256 /* of the lesson, that stay in the cache for a batch of kernel rows */
#define BATCH 32

/* A place for one row; free ones and those that nobody holds stand in a list, the oldest first. */
struct cached_row {
	size_t row; /* NOWHERE: none yet */
	unsigned n_holders;
	bool is_ready; /* else its first holder computes it */
	size_t before, after;
};

struct hk_kernel_rows {
	const struct hk_lesson *lesson;
	size_t n_places;
	struct cached_row *places; /* n_places, and one more: the list's two ends */
	size_t *place_of;          /* n_rows */
	float *values;             /* n_places * n_rows */
	pthread_mutex_t lock;
	pthread_cond_t ready;
};

size_t hk_kernel_rows_size(const struct hk_lesson *lesson, size_t n_kept)
{
	return n_kept * (lesson->n_rows * sizeof(float) + sizeof(struct cached_row)) +
		lesson->n_rows * sizeof(size_t);
}

static void list_remove(struct hk_kernel_rows *rows, size_t place)
{
	struct cached_row *places = rows->places;
	places[places[place].before].after = places[place].after;
	places[places[place].after].before = places[place].before;
}

static void list_append(struct hk_kernel_rows *rows, size_t place)
{
	struct cached_row *places = rows->places;
	const size_t ends = rows->n_places;
	places[place].before = places[ends].before;
	places[place].after = ends;
	places[places[ends].before].after = place;
	places[ends].before = place;
}

int hk_kernel_rows_new(struct hk_kernel_rows **ret, const struct hk_lesson *lesson, size_t n_kept)
{
	struct hk_kernel_rows *rows = calloc(1, sizeof(*rows));
	if (!rows) {
		return -ENOMEM;
	}
	rows->lesson = lesson;
	rows->n_places = n_kept < lesson->n_rows ? n_kept : lesson->n_rows;
	rows->places = calloc(rows->n_places + 1, sizeof(*rows->places));
	rows->place_of = calloc(lesson->n_rows, sizeof(*rows->place_of));
	/* pages that no row has come to cost nothing */
	rows->values = reallocarray(NULL, rows->n_places, lesson->n_rows * sizeof(float));
	pthread_mutex_init(&rows->lock, NULL);
	pthread_cond_init(&rows->ready, NULL);
	if (!rows->places || !rows->place_of || !rows->values) {
		hk_kernel_rows_free(rows);
		return -ENOMEM;
	}
	for (size_t i = 0; i < lesson->n_rows; i++) {
		rows->place_of[i] = NOWHERE;
	}
	rows->places[rows->n_places] =
		(struct cached_row){ .before = rows->n_places, .after = rows->n_places };
	for (size_t i = 0; i < rows->n_places; i++) {
		rows->places[i].row = NOWHERE;
		list_append(rows, i);
	}
	*ret = rows;
	return 0;
}

void hk_kernel_rows_free(struct hk_kernel_rows *rows)
{
	if (!rows) {
		return;
	}
	pthread_mutex_destroy(&rows->lock);
	pthread_cond_destroy(&rows->ready);
	free(rows->places);
	free(rows->place_of);
	free(rows->values);
	free(rows);
}

/* Kernel rows of a few rows of the lesson (the last again where there are fewer) with a block of
 * them. */
static void compute_few(const struct hk_lesson *lesson, const size_t *few, size_t n_few,
	size_t first, size_t n, float *const *ret)
{
	const float *x[HK_DISTANCES_FEW];
	float squares[HK_DISTANCES_FEW][BLOCK_ROWS];
	float *const ends[HK_DISTANCES_FEW] = { squares[0], squares[1], squares[2], squares[3] };
	for (size_t k = 0; k < HK_DISTANCES_FEW; k++) {
		x[k] = lesson->rows + few[k < n_few ? k : n_few - 1] * lesson->stride;
	}
	hk_distances(x, lesson->rows + first * lesson->stride, n, lesson->stride, ends);
	for (size_t k = 0; k < n_few; k++) {
		for (size_t i = 0; i < n; i++) {
			ret[k][first + i] = (float)exp(-lesson->gamma * (double)squares[k][i]);
		}
	}
}

/* Shapes: indices[n], ret[n], n <= BATCH. */
static void compute(
	const struct hk_lesson *lesson, const size_t *indices, size_t n, float *const *ret)
{
	for (size_t first = 0; first < lesson->n_rows; first += BLOCK_ROWS) {
		const size_t left = lesson->n_rows - first;
		const size_t n_block = left < BLOCK_ROWS ? left : BLOCK_ROWS;
		for (size_t k = 0; k < n; k += HK_DISTANCES_FEW) {
			const size_t n_few = n - k < HK_DISTANCES_FEW ? n - k : HK_DISTANCES_FEW;
			compute_few(lesson, indices + k, n_few, first, n_block, ret + k);
		}
	}
}

/* The oldest place that nobody holds, for ROW. */
static void take_place(struct hk_kernel_rows *rows, size_t row)
{
	const size_t place = rows->places[rows->n_places].after;
	assert(place != rows->n_places); /* more rows are held than were to be kept */
	struct cached_row *taken = &rows->places[place];
	list_remove(rows, place);
	if (taken->row != NOWHERE) {
		rows->place_of[taken->row] = NOWHERE;
	}
	*taken = (struct cached_row){ .row = row, .n_holders = 1 };
	rows->place_of[row] = place;
}

static float *values_at(const struct hk_kernel_rows *rows, size_t place)
{
	return rows->values + place * rows->lesson->n_rows;
}

/* Hold what is there, or will be soon; take places for the rest, whose RET stays NULL. */
static void claim(struct hk_kernel_rows *rows, const size_t *indices, size_t n, const float **ret)
{
	pthread_mutex_lock(&rows->lock);
	for (size_t k = 0; k < n; k++) {
		const size_t place = rows->place_of[indices[k]];
		ret[k] = NULL;
		if (place == NOWHERE) {
			take_place(rows, indices[k]);
			continue;
		}
		ret[k] = values_at(rows, place);
		if (rows->places[place].n_holders++ == 0) {
			list_remove(rows, place);
		}
	}
	pthread_mutex_unlock(&rows->lock);
}

/* Compute N rows of which the caller took the places. */
static void fill(struct hk_kernel_rows *rows, const size_t *indices, size_t n)
{
	float *values[BATCH];
	pthread_mutex_lock(&rows->lock);
	for (size_t k = 0; k < n; k++) {
		values[k] = values_at(rows, rows->place_of[indices[k]]);
	}
	pthread_mutex_unlock(&rows->lock);
	compute(rows->lesson, indices, n, values);
	pthread_mutex_lock(&rows->lock);
	for (size_t k = 0; k < n; k++) {
		rows->places[rows->place_of[indices[k]]].is_ready = true;
	}
	pthread_cond_broadcast(&rows->ready);
	pthread_mutex_unlock(&rows->lock);
}

/* Nobody waits for another before its own rows are computed, so all get theirs. */
void hk_kernel_rows_hold(
	struct hk_kernel_rows *rows, const size_t *indices, size_t n, const float **ret)
{
	size_t batch[BATCH], n_batch = 0;
	claim(rows, indices, n, ret);
	for (size_t k = 0; k < n; k++) {
		if (!ret[k]) {
			batch[n_batch++] = indices[k];
		}
		if (n_batch == BATCH || (k + 1 == n && n_batch > 0)) {
			fill(rows, batch, n_batch);
			n_batch = 0;
		}
	}
	pthread_mutex_lock(&rows->lock);
	for (size_t k = 0; k < n; k++) {
		const size_t place = rows->place_of[indices[k]];
		while (!rows->places[place].is_ready) {
			pthread_cond_wait(&rows->ready, &rows->lock);
		}
		ret[k] = values_at(rows, place);
	}
	pthread_mutex_unlock(&rows->lock);
}

void hk_kernel_rows_let_go(struct hk_kernel_rows *rows, const size_t *indices, size_t n)
{
	pthread_mutex_lock(&rows->lock);
	for (size_t k = 0; k < n; k++) {
		const size_t place = rows->place_of[indices[k]];
		if (--rows->places[place].n_holders == 0) {
			list_append(rows, place);
		}
	}
	pthread_mutex_unlock(&rows->lock);
}
