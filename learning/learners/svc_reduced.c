/* SPDX-License-Identifier: MIT */
/*
 * svc-reduced: a support vector machine a class against the rest, its function a sum over
 * landmarks: a model of a chosen size, as ridge.c makes, with the loss of an SVM.
 *
 * For each class f(x) = sum_v a_v K(x, v) + b over the landmarks v that minimises
 * sum_i w_i max(0, 1 - y_i f(x_i))^2 + (1 / cost) a'Ka, with y = 1 for the class and -1 for the
 * rest and weights w that make all classes count alike. Rows beyond their margin have no say, which
 * is what makes it an SVM. Newton's method in the primal: the minimum over the rows that are within
 * their margin now is a linear system; the walk ends, after few steps, where these rows stay the
 * same. Sources: Lee and Mangasarian, RSVM: Reduced Support Vector Machines (2001); Chapelle,
 * Training a Support Vector Machine in the Primal (2007).
 *
 * Memory: n_rows * n_landmarks doubles, n_landmarks^2 for all and twice for each thread.
 */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/math/cholesky.h"
#include "learning/base/parallel.h"
#include "learning/learners/landmark_rows.h"
#include "learning/learners/learner.h"

#define MAX_STEPS 60
#define MAX_HALVINGS 30
#define ENOUGH 1e-10 /* of the loss: what a step must gain for another one */

/* What the classes share. */
struct reduced {
	const struct hk_lesson *lesson;
	struct hk_svm *svm;
	struct hk_landmark_rows rows; /* a column a landmark and one for the bias */
	double *penalty;              /* n_columns^2, lower triangle */
	double *all;                  /* the penalty and the normal matrix of all rows */
	int *results;                 /* n_labels: 0, negative errno */
};

/* One class on its way to the minimum. */
struct walk {
	const struct reduced *reduced;
	uint32_t label;
	double *matrix; /* n_columns^2: penalty and normal matrix of the rows in `within` */
	double *factor; /* n_columns^2 */
	double *at, *step, *pull; /* n_columns; pull: penalty times a vector */
	double *values,
		*slopes; /* n_rows: f times the root of the weight, at `at` and along `step` */
	size_t *picked;  /* n_rows */
	bool *within;    /* n_rows: the row is within its margin in `matrix` */
};

static double sign_of(const struct walk *walk, size_t row)
{
	return walk->reduced->lesson->labels[row] == walk->label ? 1 : -1;
}

/* How much ROW lacks of its margin when its function is VALUE, times the root of its weight. */
static double lack_of(const struct walk *walk, size_t row, double value)
{
	return walk->reduced->rows.roots[row] - sign_of(walk, row) * value;
}

static const double *row_values(const struct walk *walk, size_t row)
{
	return walk->reduced->rows.values + row * walk->reduced->rows.tall.stride;
}

static double dot(const double *a, const double *b, size_t n)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++) {
		sum += a[i] * b[i];
	}
	return sum;
}

/* ret = penalty * vector. */
static void apply_penalty(const struct walk *walk, const double *vector, double *ret)
{
	const uint32_t n = walk->reduced->rows.tall.n_columns;
	memset(ret, 0, n * sizeof(*ret));
	for (uint32_t i = 0; i < n; i++) {
		const double *row = walk->reduced->penalty + (size_t)i * n;
		ret[i] += dot(row, vector, i) + row[i] * vector[i];
		for (uint32_t j = 0; j < i; j++) {
			ret[j] += row[j] * vector[i];
		}
	}
}

/* matrix += SIGN times the normal matrix of the rows in `picked`. */
static int add_picked(struct walk *walk, size_t n_picked, double sign)
{
	struct hk_tall some = walk->reduced->rows.tall;
	const uint32_t n = some.n_columns;
	some.picked = walk->picked;
	some.n_rows = n_picked;
	const int r = hk_normal_matrix(walk->factor, &some, 1);
	for (size_t i = 0; i < n && r == 0; i++) {
		for (size_t j = 0; j <= i; j++) {
			walk->matrix[i * n + j] += sign * walk->factor[i * n + j];
		}
	}
	return r;
}

/* Pick the rows that are to ENTER `within`, or to leave it. Returns how many. */
static size_t pick(struct walk *walk, bool enter)
{
	size_t n = 0;
	for (size_t i = 0; i < walk->reduced->lesson->n_rows; i++) {
		const bool is_within = lack_of(walk, i, walk->values[i]) > 0;
		if (is_within != walk->within[i] && is_within == enter) {
			walk->picked[n++] = i;
		}
	}
	return n;
}

static void note_picked(struct walk *walk, size_t n_picked, bool enter)
{
	for (size_t k = 0; k < n_picked; k++) {
		walk->within[walk->picked[k]] = enter;
	}
}

/* Bring `matrix` to the rows that are within their margin. Returns how many changed, -ENOMEM. */
static long follow(struct walk *walk)
{
	long n_changed = 0;
	for (int enter = 0; enter < 2; enter++) {
		const size_t n = pick(walk, enter);
		if (n > 0 && add_picked(walk, n, enter ? 1 : -1) < 0) {
			return -ENOMEM;
		}
		note_picked(walk, n, enter);
		n_changed += (long)n;
	}
	return n_changed;
}

/* step = the minimum over the rows within, less where we are. */
static int aim(struct walk *walk)
{
	const struct hk_lesson *lesson = walk->reduced->lesson;
	const uint32_t n = walk->reduced->rows.tall.n_columns;
	memset(walk->step, 0, n * sizeof(*walk->step));
	for (size_t row = 0; row < lesson->n_rows; row++) {
		const double target = sign_of(walk, row) * walk->reduced->rows.roots[row];
		const double *values = row_values(walk, row);
		for (uint32_t i = 0; walk->within[row] && i < n; i++) {
			walk->step[i] += target * values[i];
		}
	}
	memcpy(walk->factor, walk->matrix, (size_t)n * n * sizeof(double));
	const int r = hk_cholesky_factorise(walk->factor, n);
	if (r < 0) {
		return r;
	}
	hk_cholesky_substitute(walk->factor, walk->step, n);
	for (uint32_t i = 0; i < n; i++) {
		walk->step[i] -= walk->at[i];
	}
	for (size_t row = 0; row < lesson->n_rows; row++) {
		walk->slopes[row] = dot(row_values(walk, row), walk->step, n);
	}
	return 0;
}

/* The loss of the rows at LENGTH along the step. */
static double rows_loss(const struct walk *walk, double length)
{
	double sum = 0;
	for (size_t i = 0; i < walk->reduced->lesson->n_rows; i++) {
		const double lack = lack_of(walk, i, walk->values[i] + length * walk->slopes[i]);
		sum += lack > 0 ? lack * lack : 0;
	}
	return sum;
}

/* Walk along the step as far as it gains. Returns the share of the loss that was gained. */
static double walk_on(struct walk *walk)
{
	const uint32_t n = walk->reduced->rows.tall.n_columns;
	apply_penalty(walk, walk->at, walk->pull);
	const double own = dot(walk->at, walk->pull, n), mixed = dot(walk->step, walk->pull, n);
	apply_penalty(walk, walk->step, walk->pull);
	const double bend = dot(walk->step, walk->pull, n);
	const double before = rows_loss(walk, 0) + own;
	double length = 1, after = INFINITY;
	for (int k = 0; k < MAX_HALVINGS; k++, length /= 2) {
		after = rows_loss(walk, length) + own + 2 * length * mixed + length * length * bend;
		if (after < before) {
			break;
		}
	}
	if (!(after < before)) {
		return 0;
	}
	for (uint32_t i = 0; i < n; i++) {
		walk->at[i] += length * walk->step[i];
	}
	for (size_t i = 0; i < walk->reduced->lesson->n_rows; i++) {
		walk->values[i] += length * walk->slopes[i];
	}
	return (before - after) / before;
}

/* All rows are within at the start, where the function is 0. */
static int walk_to_minimum(struct walk *walk)
{
	const struct reduced *reduced = walk->reduced;
	const size_t n = reduced->rows.tall.n_columns, n_rows = reduced->lesson->n_rows;
	memcpy(walk->matrix, reduced->all, n * n * sizeof(double));
	memset(walk->within, true, n_rows * sizeof(*walk->within));
	for (int k = 0; k < MAX_STEPS; k++) {
		const int r = aim(walk);
		if (r < 0) {
			return r;
		}
		const double gained = walk_on(walk);
		const long n_changed = follow(walk);
		if (n_changed < 0) {
			return (int)n_changed;
		}
		if (n_changed == 0 || gained < ENOUGH) {
			break;
		}
	}
	return 0;
}

static void keep(const struct walk *walk)
{
	struct hk_svm *svm = walk->reduced->svm;
	memcpy(svm->coefs + (size_t)walk->label * svm->n_vectors, walk->at,
		svm->n_vectors * sizeof(double));
	svm->rho[walk->label] = -walk->at[svm->n_vectors];
}

static void learn_class(void *owner, size_t label, unsigned worker)
{
	(void)worker;
	struct reduced *reduced = owner;
	const size_t n = reduced->rows.tall.n_columns, n_rows = reduced->lesson->n_rows;
	double *memory = calloc(2 * n * n + 3 * n + 2 * n_rows, sizeof(*memory));
	struct walk walk = {
		.reduced = reduced,
		.label = (uint32_t)label,
		.picked = calloc(n_rows, sizeof(*walk.picked)),
		.within = calloc(n_rows, sizeof(*walk.within)),
	};
	reduced->results[label] = -ENOMEM;
	if (memory && walk.picked && walk.within) {
		walk.matrix = memory;
		walk.factor = walk.matrix + n * n;
		walk.at = walk.factor + n * n;
		walk.step = walk.at + n;
		walk.pull = walk.step + n;
		walk.values = walk.pull + n;
		walk.slopes = walk.values + n_rows;
		reduced->results[label] = walk_to_minimum(&walk);
		keep(&walk);
	}
	free(memory);
	free(walk.picked);
	free(walk.within);
}

static int solve(struct reduced *reduced)
{
	const struct hk_lesson *lesson = reduced->lesson;
	const uint32_t n = reduced->rows.tall.n_columns;
	if (hk_normal_matrix(reduced->all, &reduced->rows.tall, lesson->n_threads) < 0 ||
		hk_landmark_add_penalty(reduced->penalty, n, lesson, reduced->svm) < 0) {
		return -ENOMEM;
	}
	for (size_t i = 0; i < (size_t)n * n; i++) {
		reduced->all[i] += reduced->penalty[i];
	}
	hk_parallel_run(lesson->n_threads, lesson->n_labels, learn_class, reduced);
	for (uint32_t c = 0; c < lesson->n_labels; c++) {
		if (reduced->results[c] < 0) {
			return reduced->results[c];
		}
	}
	return 0;
}

static int learn_on(struct hk_svm *svm, const struct hk_lesson *lesson)
{
	const size_t n = (size_t)svm->n_vectors + 1;
	struct reduced reduced = {
		.lesson = lesson,
		.svm = svm,
		.penalty = calloc(n * n, sizeof(double)),
		.all = calloc(n * n, sizeof(double)),
		.results = calloc(lesson->n_labels, sizeof(int)),
	};
	int r = reduced.penalty && reduced.all && reduced.results
		? hk_landmark_rows_init(&reduced.rows, lesson, svm, 1)
		: -ENOMEM;
	r = r < 0 ? r : solve(&reduced);
	hk_landmark_rows_finish(&reduced.rows);
	free(reduced.penalty);
	free(reduced.all);
	free(reduced.results);
	return r;
}

static size_t count_bytes(const struct hk_lesson *lesson, uint32_t n)
{
	const size_t n_walks =
		lesson->n_threads < lesson->n_labels ? lesson->n_threads : lesson->n_labels;
	return hk_landmark_rows_size(lesson, n + 1) +
		(2 + 2 * n_walks) * ((size_t)n + 1) * ((size_t)n + 1) * sizeof(double);
}

static int learn(struct hk_svm *ret, const struct hk_lesson *lesson, struct hk_diag *diag)
{
	return hk_landmark_learn(ret, lesson, "svc-reduced", count_bytes, learn_on, diag);
}

const struct hk_learner hk_learner_svc_reduced = {
	.name = "svc-reduced",
	.title = "reduced support vector machine",
	.help = "one SVM a class against the rest on so many landmarks as --vectors says: small models",
	.has_kernel = true,
	.costs = { 2, { 1, 0.1 } },
	.gammas = { 3, { 1, 0.5, 2 } },
	.learn = learn,
};
