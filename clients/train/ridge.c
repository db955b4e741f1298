/* SPDX-License-Identifier: MIT */
/*
 * ridge: kernel ridge regression on landmarks, one-vs-rest: a model of a chosen size.
 *
 * For each class the function f(x) = sum_v a_v K(x, v) over the landmarks v that minimises
 * sum_i w_i (f(x_i) - y_i)^2 + (1 / cost) a'Ka, with y = 1 for the class and -1 for the rest and
 * weights w that make all classes count alike. With the rows themselves as landmarks this is the
 * least-squares SVM (Suykens and Vandewalle 1999) without its bias.
 *
 * All in double: the centres of k-means resemble each other, so the kernel is nearly singular, and
 * sums of float32 lose the answer. Memory: n_rows * n_landmarks and n_landmarks^2 doubles.
 */
#include <errno.h>
#include <math.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "clients/train/balance.h"
#include "clients/train/landmarks.h"
#include "clients/train/learner.h"
#include "clients/train/normal.h"
#include "clients/train/parallel.h"
#include "core/kernel.h"
#include "core/spd.h"

#define ROWS_A_JOB 64
#define JITTER 1e-9 /* of the weight of all rows, so that rounding leaves nothing undetermined */

struct ridge {
	const struct hk_lesson *lesson;
	struct hk_svm *svm;
	size_t stride;   /* of a row of `kernel`: hk_tall_stride(n_vectors) */
	double *kernel;  /* n_rows * stride, times the root of the row's weight */
	double *weights; /* n_rows: root of the weight */
	double *normal;  /* n_vectors^2, lower triangle */
	double *targets; /* n_labels * n_vectors */
	atomic_bool out_of_memory;
};

/* ---- rows of kernel values ---- */

static void fill_kernel(void *owner, size_t index, unsigned worker)
{
	(void)worker;
	struct ridge *ridge = owner;
	const struct hk_lesson *lesson = ridge->lesson;
	const struct hk_svm *svm = ridge->svm;
	const size_t end = (index + 1) * ROWS_A_JOB < lesson->n_rows ? (index + 1) * ROWS_A_JOB
								     : lesson->n_rows;
	float *x = aligned_alloc(64, svm->stride * sizeof(*x));
	if (!x) {
		atomic_store(&ridge->out_of_memory, true);
		return;
	}
	memset(x, 0, svm->stride * sizeof(*x));
	for (size_t i = index * ROWS_A_JOB; i < end; i++) {
		double *values = ridge->kernel + i * ridge->stride;
		memcpy(x, lesson->rows + i * lesson->stride, lesson->n_features * sizeof(*x));
		hk_kernel_values(svm, x, values);
		for (uint32_t v = 0; v < svm->n_vectors; v++) {
			values[v] *= ridge->weights[i];
		}
	}
	free(x);
}

/* ---- the normal equations ---- */

/* The right side of class INDEX. */
static void fill_targets(void *owner, size_t index, unsigned worker)
{
	(void)worker;
	struct ridge *ridge = owner;
	const uint32_t n = ridge->svm->n_vectors;
	double *target = ridge->targets + index * n;
	for (size_t row = 0; row < ridge->lesson->n_rows; row++) {
		const double *values = ridge->kernel + row * ridge->stride;
		const double y = ridge->lesson->labels[row] == index ? ridge->weights[row]
								     : -ridge->weights[row];
		for (uint32_t i = 0; i < n; i++) {
			target[i] += y * values[i];
		}
	}
}

/* normal += K / cost + jitter. */
static int add_penalty(struct ridge *ridge)
{
	const struct hk_svm *svm = ridge->svm;
	double *values = calloc(svm->n_vectors, sizeof(*values));
	float *landmark = aligned_alloc(64, svm->stride * sizeof(*landmark));
	if (!values || !landmark) {
		free(values);
		free(landmark);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < svm->n_vectors; i++) {
		hk_svm_vector(svm, i, landmark);
		hk_kernel_values(svm, landmark, values);
		double *row = ridge->normal + (size_t)i * svm->n_vectors;
		for (uint32_t j = 0; j <= i; j++) {
			row[j] += values[j] / ridge->lesson->c;
		}
		row[i] += JITTER * (double)ridge->lesson->n_rows;
	}
	free(values);
	free(landmark);
	return 0;
}

/* The roots of the weights. */
static void weigh(struct ridge *ridge)
{
	const struct hk_lesson *lesson = ridge->lesson;
	double weights[HK_MAX_CLASSES];
	hk_balance_classes(lesson, weights);
	for (size_t i = 0; i < lesson->n_rows; i++) {
		ridge->weights[i] = sqrt(weights[lesson->labels[i]]);
	}
}

static int solve(struct ridge *ridge)
{
	const struct hk_lesson *lesson = ridge->lesson;
	const uint32_t n = ridge->svm->n_vectors;
	weigh(ridge);
	hk_parallel_run(lesson->n_threads, (lesson->n_rows + ROWS_A_JOB - 1) / ROWS_A_JOB,
		fill_kernel, ridge);
	hk_parallel_run(lesson->n_threads, lesson->n_labels, fill_targets, ridge);
	const struct hk_tall kernel = { ridge->kernel, lesson->n_rows, ridge->stride, n };
	if (ridge->out_of_memory ||
		hk_normal_matrix(ridge->normal, &kernel, lesson->n_threads) < 0 ||
		add_penalty(ridge) < 0) {
		return -ENOMEM;
	}
	const int r = hk_spd_factorise(ridge->normal, n);
	for (uint32_t c = 0; c < lesson->n_labels && r == 0; c++) {
		hk_spd_substitute(ridge->normal, ridge->targets + (size_t)c * n, n);
	}
	return r;
}

static int learn_on(struct hk_svm *svm, const struct hk_lesson *lesson)
{
	const uint32_t n = svm->n_vectors;
	const size_t stride = hk_tall_stride(n);
	struct ridge ridge = {
		.lesson = lesson,
		.svm = svm,
		.stride = stride,
		.kernel = aligned_alloc(64, lesson->n_rows * stride * sizeof(double)),
		.weights = calloc(lesson->n_rows, sizeof(double)),
		.normal = calloc((size_t)n * n, sizeof(double)),
		.targets = calloc((size_t)lesson->n_labels * n, sizeof(double)),
	};
	int r = -ENOMEM;
	if (ridge.kernel && ridge.weights && ridge.normal && ridge.targets) {
		memset(ridge.kernel, 0, lesson->n_rows * stride * sizeof(double));
		r = solve(&ridge);
	}
	if (r == 0) {
		memcpy(svm->coefs, ridge.targets, (size_t)lesson->n_labels * n * sizeof(double));
	}
	free(ridge.kernel);
	free(ridge.weights);
	free(ridge.normal);
	free(ridge.targets);
	return r;
}

static int learn(struct hk_svm *ret, const struct hk_lesson *lesson, struct hk_diag *diag)
{
	const uint32_t n =
		lesson->n_rows < lesson->n_vectors ? (uint32_t)lesson->n_rows : lesson->n_vectors;
	const size_t needed = lesson->n_rows * hk_tall_stride(n) * sizeof(double) +
		(size_t)n * n * sizeof(double);
	if (needed > lesson->memory) {
		return hk_diag_set(diag, -EFBIG,
			"%zu windows on %u landmarks take %.0f MiB to learn from, %.0f are allowed",
			lesson->n_rows, n, (double)needed / 0x1p20,
			(double)lesson->memory / 0x1p20);
	}
	struct hk_svm svm;
	int r = hk_svm_init(
		&svm, HK_SVM_ONE_VS_REST, lesson->n_labels, n, (uint32_t)lesson->n_features);
	if (r < 0) {
		return r;
	}
	svm.kernel = HK_KERNEL_RBF;
	svm.gamma = lesson->gamma;
	r = hk_landmarks_find(&svm, lesson);
	r = r < 0 ? r : learn_on(&svm, lesson);
	if (r < 0) {
		hk_svm_finish(&svm);
		return r == -EDOM ? hk_diag_set(diag, r,
					    "ridge: the kernel is singular; "
					    "a smaller cost helps")
				  : r;
	}
	*ret = svm;
	return 0;
}

const struct hk_learner hk_learner_ridge = {
	.name = "ridge",
	.help = "kernel ridge regression on so many landmarks as --vectors says: small models",
	.has_kernel = true,
	.costs = { 2, { 1, 0.1 } },
	.gammas = { 3, { 1, 0.5, 2 } },
	.learn = learn,
};
