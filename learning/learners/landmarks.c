/* SPDX-License-Identifier: MIT */
#include "learning/learners/landmarks.h"

#include <errno.h>
#include <math.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/classifier/kernel.h"
#include "learning/base/parallel.h"
#include "learning/base/random.h"

#define N_ROUNDS 8
#define ROWS_A_JOB 64
#define SHARE_POWER 0.75

/* The rows of one class and their centres. */
struct cluster {
	const struct hk_lesson *lesson;
	struct hk_svm centres; /* a view of some of the landmarks */
	const size_t *rows;
	size_t n_rows;
	uint32_t *nearest; /* n_rows */
	atomic_bool out_of_memory;
};

static const float *row_of(const struct hk_lesson *lesson, size_t row)
{
	return lesson->rows + row * lesson->stride;
}

/* An RBF kernel falls with the distance: the nearest centre has the largest value. */
static void find_nearest(void *owner, size_t index, unsigned worker)
{
	(void)worker;
	struct cluster *cluster = owner;
	const struct hk_svm *centres = &cluster->centres;
	const size_t first = index * ROWS_A_JOB;
	const size_t end =
		first + ROWS_A_JOB < cluster->n_rows ? first + ROWS_A_JOB : cluster->n_rows;
	float *x = aligned_alloc(64, centres->stride * sizeof(*x));
	double *values = calloc(centres->n_vectors, sizeof(*values));
	if (x && values) {
		memset(x, 0, centres->stride * sizeof(*x));
		for (size_t i = first; i < end; i++) {
			uint32_t best = 0;
			memcpy(x, row_of(cluster->lesson, cluster->rows[i]),
				centres->n_features * sizeof(*x));
			hk_kernel_values(centres, x, values);
			for (uint32_t v = 1; v < centres->n_vectors; v++) {
				best = values[v] > values[best] ? v : best;
			}
			cluster->nearest[i] = best;
		}
	} else {
		atomic_store(&cluster->out_of_memory, true);
	}
	free(x);
	free(values);
}

/* Move each centre to the mean of the rows nearest to it; one that has none stays. */
static int move_centres(struct cluster *cluster)
{
	struct hk_svm *centres = &cluster->centres;
	const size_t n_features = centres->n_features;
	double *sums = calloc((size_t)centres->n_vectors * n_features, sizeof(*sums));
	size_t *counts = calloc(centres->n_vectors, sizeof(*counts));
	if (!sums || !counts) {
		free(sums);
		free(counts);
		return -ENOMEM;
	}
	for (size_t i = 0; i < cluster->n_rows; i++) {
		const float *row = row_of(cluster->lesson, cluster->rows[i]);
		double *sum = sums + cluster->nearest[i] * n_features;
		counts[cluster->nearest[i]]++;
		for (size_t j = 0; j < n_features; j++) {
			sum[j] += (double)row[j];
		}
	}
	for (uint32_t v = 0; v < centres->n_vectors; v++) {
		for (size_t j = 0; counts[v] > 0 && j < n_features; j++) {
			centres->vectors[(size_t)v * centres->stride + j] =
				(float)(sums[v * n_features + j] / (double)counts[v]);
		}
	}
	free(sums);
	free(counts);
	return 0;
}

/* Different rows, drawn by the seed, as the first centres. ROWS is shuffled. */
static void draw_centres(struct hk_svm *centres, const struct hk_lesson *lesson, size_t *rows,
	size_t n_rows, struct hk_random *random)
{
	for (uint32_t v = 0; v < centres->n_vectors; v++) {
		const size_t other = v + hk_random_index(random, n_rows - v);
		const size_t row = rows[other];
		rows[other] = rows[v];
		rows[v] = row;
		memcpy(centres->vectors + (size_t)v * centres->stride, row_of(lesson, row),
			centres->n_features * sizeof(float));
	}
}

/* Centres FIRST..FIRST + N - 1 of SVM from the rows of class LABEL. ROWS: room for all rows. */
static int find_of_class(struct hk_svm *svm, const struct hk_lesson *lesson, uint32_t label,
	uint32_t first, uint32_t n, size_t *rows)
{
	struct hk_random random = hk_random_of(lesson->seed, 'k', label);
	struct cluster cluster = { .lesson = lesson, .centres = *svm, .rows = rows };
	int r = 0;
	for (size_t i = 0; i < lesson->n_rows; i++) {
		if (lesson->labels[i] == label) {
			rows[cluster.n_rows++] = i;
		}
	}
	cluster.centres.vectors = svm->vectors + (size_t)first * svm->stride;
	cluster.centres.n_vectors = n;
	cluster.nearest = calloc(cluster.n_rows + 1, sizeof(*cluster.nearest));
	if (!cluster.nearest) {
		return -ENOMEM;
	}
	draw_centres(&cluster.centres, lesson, rows, cluster.n_rows, &random);
	for (int round = 0; round < N_ROUNDS && r == 0; round++) {
		hk_parallel_run(lesson->n_threads, (cluster.n_rows + ROWS_A_JOB - 1) / ROWS_A_JOB,
			find_nearest, &cluster);
		r = cluster.out_of_memory ? -ENOMEM : move_centres(&cluster);
	}
	free(cluster.nearest);
	return r;
}

/* How many of N_LANDMARKS each class gets: at least 1, at most its rows. Shapes: ret[n_labels]. */
static void share_out(const struct hk_lesson *lesson, uint32_t n_landmarks, uint32_t *ret)
{
	size_t counts[HK_MAX_CLASSES] = { 0 };
	double total = 0;
	uint32_t n_given = 0;
	for (size_t i = 0; i < lesson->n_rows; i++) {
		counts[lesson->labels[i]]++;
	}
	for (uint32_t c = 0; c < lesson->n_labels; c++) {
		total += pow((double)counts[c], SHARE_POWER);
	}
	for (uint32_t c = 0; c < lesson->n_labels; c++) {
		const double share = pow((double)counts[c], SHARE_POWER) / total;
		const double wanted = fmax(1, floor(share * n_landmarks));
		ret[c] = (uint32_t)fmin(wanted, (double)counts[c]);
		n_given += ret[c];
	}
	/* What rounding left goes to classes that still have rows, what it took too much to the
	 * last. */
	for (uint32_t c = 0; n_given != n_landmarks; c = (c + 1) % lesson->n_labels) {
		if (n_given < n_landmarks && ret[c] < counts[c]) {
			ret[c]++;
			n_given++;
		} else if (n_given > n_landmarks && ret[c] > 1) {
			ret[c]--;
			n_given--;
		}
	}
}

int hk_landmarks_find(struct hk_svm *svm, const struct hk_lesson *lesson)
{
	uint32_t shares[HK_MAX_CLASSES];
	uint32_t first = 0;
	int r = 0;
	size_t *rows = calloc(lesson->n_rows + 1, sizeof(*rows));
	if (!rows) {
		return -ENOMEM;
	}
	share_out(lesson, svm->n_vectors, shares);
	for (uint32_t c = 0; c < lesson->n_labels && r == 0; c++) {
		r = find_of_class(svm, lesson, c, first, shares[c], rows);
		first += shares[c];
	}
	free(rows);
	return r < 0 ? r : hk_svm_pack(svm);
}
