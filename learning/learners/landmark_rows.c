/* SPDX-License-Identifier: MIT */
#include "learning/learners/landmark_rows.h"

#include <errno.h>
#include <math.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/classifier/kernel.h"
#include "learning/base/parallel.h"
#include "learning/learners/class_weights.h"
#include "learning/learners/landmarks.h"

#define ROWS_A_JOB 64
#define JITTER 1e-9 /* of the weight of all rows */

struct filling {
	struct hk_landmark_rows *rows;
	const struct hk_lesson *lesson;
	const struct hk_svm *svm;
	atomic_bool out_of_memory;
};

size_t hk_landmark_rows_size(const struct hk_lesson *lesson, uint32_t n_columns)
{
	return lesson->n_rows * (hk_tall_stride(n_columns) + 1) * sizeof(double);
}

static void fill_rows(void *owner, size_t index, unsigned worker)
{
	(void)worker;
	struct filling *filling = owner;
	const struct hk_lesson *lesson = filling->lesson;
	const struct hk_svm *svm = filling->svm;
	const struct hk_landmark_rows *rows = filling->rows;
	const size_t end = (index + 1) * ROWS_A_JOB < lesson->n_rows ? (index + 1) * ROWS_A_JOB
								     : lesson->n_rows;
	float *x = aligned_alloc(HK_SVM_ALIGNMENT, svm->stride * sizeof(*x));
	if (!x) {
		atomic_store(&filling->out_of_memory, true);
		return;
	}
	memset(x, 0, svm->stride * sizeof(*x));
	for (size_t i = index * ROWS_A_JOB; i < end; i++) {
		double *values = rows->values + i * rows->tall.stride;
		memcpy(x, lesson->rows + i * lesson->stride, lesson->n_features * sizeof(*x));
		hk_kernel_values(svm, x, values);
		for (uint32_t v = svm->n_vectors; v < rows->tall.n_columns; v++) {
			values[v] = 1;
		}
		for (uint32_t v = 0; v < rows->tall.n_columns; v++) {
			values[v] *= rows->roots[i];
		}
	}
	free(x);
}

static void weigh(const struct hk_landmark_rows *rows, const struct hk_lesson *lesson)
{
	double weights[HK_MAX_CLASSES];
	hk_balance_classes(lesson, weights);
	for (size_t i = 0; i < lesson->n_rows; i++) {
		rows->roots[i] = sqrt(weights[lesson->labels[i]]);
	}
}

int hk_landmark_rows_init(struct hk_landmark_rows *rows, const struct hk_lesson *lesson,
	const struct hk_svm *svm, uint32_t n_constant)
{
	const uint32_t n_columns = svm->n_vectors + n_constant;
	const size_t stride = hk_tall_stride(n_columns);
	*rows = (struct hk_landmark_rows){
		.values = aligned_alloc(64, lesson->n_rows * stride * sizeof(double)),
		.roots = calloc(lesson->n_rows, sizeof(double)),
	};
	struct filling filling = { .rows = rows, .lesson = lesson, .svm = svm };
	if (rows->values && rows->roots) {
		memset(rows->values, 0, lesson->n_rows * stride * sizeof(double));
		rows->tall = (struct hk_tall){ rows->values, lesson->n_rows, stride, n_columns };
		weigh(rows, lesson);
		hk_parallel_run(lesson->n_threads, (lesson->n_rows + ROWS_A_JOB - 1) / ROWS_A_JOB,
			fill_rows, &filling);
	} else {
		filling.out_of_memory = true;
	}
	if (filling.out_of_memory) {
		hk_landmark_rows_finish(rows);
		return -ENOMEM;
	}
	return 0;
}

void hk_landmark_rows_finish(struct hk_landmark_rows *rows)
{
	free(rows->values);
	free(rows->roots);
	*rows = (struct hk_landmark_rows){ 0 };
}

int hk_landmark_add_penalty(double *matrix, uint32_t n_columns, const struct hk_lesson *lesson,
	const struct hk_svm *svm)
{
	double *values = calloc(svm->n_vectors, sizeof(*values));
	float *landmark = aligned_alloc(HK_SVM_ALIGNMENT, svm->stride * sizeof(*landmark));
	if (!values || !landmark) {
		free(values);
		free(landmark);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < svm->n_vectors; i++) {
		hk_svm_vector(svm, i, landmark);
		hk_kernel_values(svm, landmark, values);
		for (uint32_t j = 0; j <= i; j++) {
			matrix[(size_t)i * n_columns + j] += values[j] / lesson->c;
		}
	}
	for (uint32_t i = 0; i < n_columns; i++) {
		matrix[(size_t)i * n_columns + i] += JITTER * (double)lesson->n_rows;
	}
	free(values);
	free(landmark);
	return 0;
}

int hk_landmark_count(uint32_t *ret, const struct hk_lesson *lesson,
	size_t (*n_bytes)(const struct hk_lesson *lesson, uint32_t n_landmarks),
	struct hk_diag *diag)
{
	const uint32_t n =
		lesson->n_rows < lesson->n_vectors ? (uint32_t)lesson->n_rows : lesson->n_vectors;
	const size_t needed = n_bytes(lesson, n);
	if (needed > lesson->memory) {
		return hk_diag_set(diag, -EFBIG,
			"%zu windows on %u landmarks take %.0f MiB to learn from, %.0f are allowed",
			lesson->n_rows, n, (double)needed / 0x1p20,
			(double)lesson->memory / 0x1p20);
	}
	*ret = n;
	return 0;
}

int hk_landmark_svm_init(struct hk_svm *ret, const struct hk_lesson *lesson, uint32_t n)
{
	int r = hk_svm_init(
		ret, HK_SVM_ONE_VS_REST, lesson->n_labels, n, (uint32_t)lesson->n_features);
	if (r < 0) {
		return r;
	}
	ret->kernel = HK_KERNEL_RBF;
	ret->gamma = lesson->gamma;
	r = hk_landmarks_find(ret, lesson);
	if (r < 0) {
		hk_svm_finish(ret);
	}
	return r;
}

int hk_landmark_learn(struct hk_svm *ret, const struct hk_lesson *lesson, const char *name,
	size_t (*n_bytes)(const struct hk_lesson *lesson, uint32_t n_landmarks),
	int (*learn_on)(struct hk_svm *svm, const struct hk_lesson *lesson), struct hk_diag *diag)
{
	struct hk_svm svm;
	uint32_t n = 0;
	int r = hk_landmark_count(&n, lesson, n_bytes, diag);
	r = r < 0 ? r : hk_landmark_svm_init(&svm, lesson, n);
	if (r < 0) {
		return r;
	}
	r = learn_on(&svm, lesson);
	if (r < 0) {
		hk_svm_finish(&svm);
		return r == -EDOM
			? hk_diag_set(
				  diag, r, "%s: the kernel is singular; a smaller cost helps", name)
			: r;
	}
	*ret = svm;
	return 0;
}
