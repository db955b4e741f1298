/* SPDX-License-Identifier: MIT */
#include "learning/learners/curvature.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/math/cholesky.h"
#include "learning/learners/normal_matrix.h"

#define MAX_ROWS 4096
#define JITTER 1e-6 /* of the largest: features may be sums of others, and constant */

static size_t count_rows(const struct hk_lesson *lesson)
{
	return lesson->n_rows < MAX_ROWS ? lesson->n_rows : MAX_ROWS;
}

size_t hk_curvature_size(const struct hk_lesson *lesson)
{
	const size_t n = lesson->n_features + 1;
	return lesson->n_features > HK_CURVATURE_MAX_FEATURES
		? 0
		: (count_rows(lesson) * hk_tall_stride((uint32_t)n) + n * (n + 1)) * sizeof(double);
}

/* Rows of all of the lesson, evenly, with a 1 for the bias, times the root of their weights. */
static void fill(double *values, size_t stride, const struct hk_lesson *lesson,
	const double *class_weights, double bend)
{
	const size_t n_rows = count_rows(lesson), n_features = lesson->n_features;
	for (size_t i = 0; i < n_rows; i++) {
		const size_t row = i * lesson->n_rows / n_rows;
		const double root =
			sqrt(bend * class_weights[lesson->labels[row]] / (double)n_rows);
		for (size_t j = 0; j < n_features; j++) {
			values[i * stride + j] =
				root * (double)lesson->rows[row * lesson->stride + j];
		}
		values[i * stride + n_features] = root;
	}
}

static int factorise(struct hk_curvature *curvature, double pull)
{
	const size_t n = curvature->n;
	double largest = pull;
	for (size_t i = 0; i < n; i++) {
		largest = fmax(largest, curvature->factor[i * n + i]);
	}
	for (size_t i = 0; i < n; i++) {
		curvature->factor[i * n + i] += (i + 1 < n ? pull : 0) + JITTER * largest;
	}
	return hk_cholesky_factorise(curvature->factor, (uint32_t)n);
}

int hk_curvature_init(struct hk_curvature *curvature, const struct hk_lesson *lesson,
	const double *class_weights, double bend, double pull)
{
	*curvature = (struct hk_curvature){ 0 };
	if (lesson->n_features > HK_CURVATURE_MAX_FEATURES) {
		return 0;
	}
	const uint32_t n = (uint32_t)lesson->n_features + 1;
	const size_t stride = hk_tall_stride(n), n_values = count_rows(lesson) * stride;
	double *values = aligned_alloc(64, n_values * sizeof(double));
	struct hk_curvature made = {
		.n = n,
		.factor = calloc((size_t)n * n, sizeof(double)),
		.column = calloc(n, sizeof(double)),
	};
	int r = -ENOMEM;
	if (values && made.factor && made.column) {
		const struct hk_tall rows = { values, count_rows(lesson), stride, n };
		memset(values, 0, n_values * sizeof(double));
		fill(values, stride, lesson, class_weights, bend);
		r = hk_normal_matrix(made.factor, &rows, lesson->n_threads);
		r = r < 0 ? r : factorise(&made, pull);
	}
	free(values);
	if (r < 0) {
		hk_curvature_finish(&made);
		return r == -EDOM ? 0 : r; /* without it the way is longer, not wrong */
	}
	*curvature = made;
	return 0;
}

void hk_curvature_finish(struct hk_curvature *curvature)
{
	free(curvature->factor);
	free(curvature->column);
	*curvature = (struct hk_curvature){ 0 };
}

void hk_curvature_divide(
	const struct hk_curvature *curvature, const struct hk_affine *affine, double *vector)
{
	for (uint32_t c = 0; curvature->n > 0 && c < affine->n_classes; c++) {
		for (size_t j = 0; j < curvature->n; j++) {
			curvature->column[j] = vector[j * affine->width + c];
		}
		hk_cholesky_substitute(curvature->factor, curvature->column, curvature->n);
		for (size_t j = 0; j < curvature->n; j++) {
			vector[j * affine->width + c] = curvature->column[j];
		}
	}
}
