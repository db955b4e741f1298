/* SPDX-License-Identifier: MIT */
/*
 * svc_ovr: one binary C-SVC a class against all others, solved side by side on the same kernel
 * rows; the support vectors of all of them become one matrix.
 *
 * Memory: whatever the lesson allows, up to the whole kernel of n_rows^2 floats.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "learning/base/parallel.h"
#include "learning/learners/class_weights.h"
#include "learning/learners/kernel_rows.h"
#include "learning/learners/learner.h"
#include "learning/learners/smo.h"

#define TOLERANCE 1e-3 /* libsvm's and scikit-learn's */

struct one_vs_rest {
	const struct hk_lesson *lesson;
	struct hk_kernel_rows *rows;
	size_t n_held;  /* by each class */
	double *coefs;  /* n_labels * n_rows */
	double *biases; /* n_labels */
	atomic_int error;
};

static void learn_class(void *owner, size_t index, unsigned worker)
{
	(void)worker;
	struct one_vs_rest *all = owner;
	const struct hk_lesson *lesson = all->lesson;
	struct hk_smo problem = {
		.rows = all->rows,
		.labels = lesson->labels,
		.n_rows = lesson->n_rows,
		.label = (uint32_t)index,
		.tolerance = TOLERANCE,
		.n_held = all->n_held,
	};
	hk_balance_against_rest(lesson, problem.label, problem.costs);
	problem.costs[0] *= lesson->c;
	problem.costs[1] *= lesson->c;
	const int r =
		hk_smo_solve(&problem, all->coefs + index * lesson->n_rows, &all->biases[index]);
	if (r < 0) {
		atomic_store(&all->error, r);
	}
}

static bool is_vector(const struct one_vs_rest *all, size_t row)
{
	for (uint32_t c = 0; c < all->lesson->n_labels; c++) {
		if (all->coefs[c * all->lesson->n_rows + row] != 0) {
			return true;
		}
	}
	return false;
}

static int collect(struct hk_svm *ret, const struct one_vs_rest *all)
{
	const struct hk_lesson *lesson = all->lesson;
	uint32_t n_vectors = 0;
	for (size_t i = 0; i < lesson->n_rows; i++) {
		n_vectors += is_vector(all, i);
	}
	const int r = hk_svm_init(
		ret, HK_SVM_ONE_VS_REST, lesson->n_labels, n_vectors, (uint32_t)lesson->n_features);
	if (r < 0) {
		return r;
	}
	ret->kernel = HK_KERNEL_RBF;
	ret->gamma = lesson->gamma;
	uint32_t v = 0;
	for (size_t i = 0; i < lesson->n_rows; i++) {
		if (!is_vector(all, i)) {
			continue;
		}
		memcpy(ret->vectors + (size_t)v * ret->stride, lesson->rows + i * lesson->stride,
			lesson->n_features * sizeof(float));
		for (uint32_t c = 0; c < lesson->n_labels; c++) {
			ret->coefs[(size_t)c * n_vectors + v] = all->coefs[c * lesson->n_rows + i];
		}
		v++;
	}
	for (uint32_t c = 0; c < lesson->n_labels; c++) {
		ret->rho[c] = -all->biases[c];
	}
	return 0;
}

/* Bytes, with room for N_KEPT kernel rows. */
static size_t size_of(const struct hk_lesson *lesson, unsigned n_at_once, size_t n_kept)
{
	return lesson->n_labels * lesson->n_rows * sizeof(double) +
		n_at_once * hk_smo_size(lesson->n_rows) + hk_kernel_rows_size(lesson, n_kept);
}

static int learn(struct hk_svm *ret, const struct hk_lesson *lesson, struct hk_diag *diag)
{
	const unsigned n_at_once =
		lesson->n_threads < lesson->n_labels ? lesson->n_threads : lesson->n_labels;
	const size_t n_held = lesson->n_rows < HK_SMO_ROWS_HELD ? lesson->n_rows : HK_SMO_ROWS_HELD;
	const size_t least = size_of(lesson, n_at_once, n_at_once * n_held);
	if (least > lesson->memory) {
		return hk_lesson_too_large(lesson, least, diag);
	}
	const size_t row_size = hk_kernel_rows_size(lesson, 1) - hk_kernel_rows_size(lesson, 0);
	const size_t n_kept = n_at_once * n_held + (lesson->memory - least) / row_size;
	struct one_vs_rest all = {
		.lesson = lesson,
		.n_held = n_held,
		.coefs = calloc(lesson->n_labels, lesson->n_rows * sizeof(double)),
		.biases = calloc(lesson->n_labels, sizeof(double)),
	};
	int r = all.coefs && all.biases ? hk_kernel_rows_new(&all.rows, lesson, n_kept) : -ENOMEM;
	if (r == 0) {
		hk_parallel_run(n_at_once, lesson->n_labels, learn_class, &all);
		r = all.error < 0 ? all.error : collect(ret, &all);
	}
	hk_kernel_rows_free(all.rows);
	free(all.coefs);
	free(all.biases);
	return r;
}

const struct hk_learner hk_learner_svc_ovr = {
	.name = "svc-ovr",
	.title = "support vector machine",
	.help = "one C-SVC a class against the rest, RBF kernel, balanced",
	.has_kernel = true,
	.costs = { 2, { 1, 0.1 } },
	.gammas = { 3, { 1, 0.5, 2 } },
	.learn = learn,
};
