/* SPDX-License-Identifier: MIT */
/*
 * ridge: kernel ridge regression on landmarks, one-vs-rest: a model of a chosen size.
 *
 * For each class the function f(x) = sum_v a_v K(x, v) over the landmarks v that minimises
 * sum_i w_i (f(x_i) - y_i)^2 + (1 / cost) a'Ka, with y = 1 for the class and -1 for the rest and
 * weights w that make all classes count alike. With the rows themselves as landmarks this is the
 * least-squares SVM (Suykens and Vandewalle 1999) without its bias. Not a support vector machine:
 * svc_reduced.c is the one that takes the same landmarks.
 *
 * Memory: n_rows * n_landmarks and n_landmarks^2 doubles.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/math/cholesky.h"
#include "learning/base/parallel.h"
#include "learning/learners/landmark_rows.h"
#include "learning/learners/learner.h"

struct ridge {
	const struct hk_lesson *lesson;
	const struct hk_svm *svm;
	struct hk_landmark_rows rows;
	double *normal;  /* n_vectors^2, lower triangle */
	double *targets; /* n_labels * n_vectors */
};

/* The right side of class INDEX. */
static void fill_targets(void *owner, size_t index, unsigned worker)
{
	(void)worker;
	struct ridge *ridge = owner;
	const uint32_t n = ridge->svm->n_vectors;
	double *target = ridge->targets + index * n;
	for (size_t row = 0; row < ridge->lesson->n_rows; row++) {
		const double *values = ridge->rows.values + row * ridge->rows.tall.stride;
		const double root = ridge->rows.roots[row];
		const double y = ridge->lesson->labels[row] == index ? root : -root;
		for (uint32_t i = 0; i < n; i++) {
			target[i] += y * values[i];
		}
	}
}

static int solve(struct ridge *ridge)
{
	const struct hk_lesson *lesson = ridge->lesson;
	const uint32_t n = ridge->svm->n_vectors;
	hk_parallel_run(lesson->n_threads, lesson->n_labels, fill_targets, ridge);
	if (hk_normal_matrix(ridge->normal, &ridge->rows.tall, lesson->n_threads) < 0 ||
		hk_landmark_add_penalty(ridge->normal, n, lesson, ridge->svm) < 0) {
		return -ENOMEM;
	}
	const int r = hk_cholesky_factorise(ridge->normal, n);
	for (uint32_t c = 0; c < lesson->n_labels && r == 0; c++) {
		hk_cholesky_substitute(ridge->normal, ridge->targets + (size_t)c * n, n);
	}
	return r;
}

static int learn_on(struct hk_svm *svm, const struct hk_lesson *lesson)
{
	const uint32_t n = svm->n_vectors;
	struct ridge ridge = {
		.lesson = lesson,
		.svm = svm,
		.normal = calloc((size_t)n * n, sizeof(double)),
		.targets = calloc((size_t)lesson->n_labels * n, sizeof(double)),
	};
	int r = ridge.normal && ridge.targets ? hk_landmark_rows_init(&ridge.rows, lesson, svm, 0)
					      : -ENOMEM;
	r = r < 0 ? r : solve(&ridge);
	if (r == 0) {
		memcpy(svm->coefs, ridge.targets, (size_t)lesson->n_labels * n * sizeof(double));
	}
	hk_landmark_rows_finish(&ridge.rows);
	free(ridge.normal);
	free(ridge.targets);
	return r;
}

static size_t count_bytes(const struct hk_lesson *lesson, uint32_t n)
{
	return hk_landmark_rows_size(lesson, n) + (size_t)n * n * sizeof(double);
}

static int learn(struct hk_svm *ret, const struct hk_lesson *lesson, struct hk_diag *diag)
{
	return hk_landmark_learn(ret, lesson, "ridge", count_bytes, learn_on, diag);
}

const struct hk_learner hk_learner_ridge = {
	.name = "ridge",
	.title = "kernel ridge regression",
	.help = "kernel ridge regression on so many landmarks as --vectors says: small models",
	.has_kernel = true,
	.costs = { 2, { 1, 0.1 } },
	.gammas = { 3, { 1, 0.5, 2 } },
	.learn = learn,
};
