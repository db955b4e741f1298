/* SPDX-License-Identifier: MIT */
/*
 * linear: one weight a feature and a bias for each class: the decision of a class is its weights
 * times the row. Three losses share the solver:
 *
 * svc-linear    max(0, 1 - t z)^2 of each class against the rest (t = +-1), as LinearSVC has it
 * logistic      the cross-entropy of softmax(z): multinomial logistic regression
 * logistic-ovr  the cross-entropy of sigmoid(z) of each class against the rest
 *
 * What is minimised is the sum of the rows' losses, balanced (balance.h), and 1 / (2 cost) of the
 * squared weights; biases are free. That is what scikit-learn 1.2 minimises, but that its LinearSVC
 * holds the bias back as well. Memory: a gradient for every CHUNK_ROWS rows and
 * 26 more for the solver, and what curvature.h takes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/math/logistic.h"
#include "core/math/softmax.h"
#include "learning/base/parallel.h"
#include "learning/learners/affine.h"
#include "learning/learners/class_weights.h"
#include "learning/learners/curvature.h"
#include "learning/learners/learner.h"
#include "learning/learners/minimise.h"

#define CHUNK_ROWS 1024 /* whose gradients are summed in order: the same bits on any threads */
#define TOLERANCE 1e-6
#define MAX_STEPS 1000
#define SOLVER_VECTORS 26

struct linear;

/*
 * The loss of a row with label LABEL, from the decision values Z; they become its gradient. Shapes:
 * z[n_labels].
 */
typedef double loss_fn(const struct linear *linear, double *z, uint32_t label);

/* What is lost, and about the largest second derivative of it. */
struct loss {
	loss_fn *function;
	double bend;
};

struct linear {
	const struct hk_lesson *lesson;
	const struct loss *loss;
	struct hk_affine affine;
	struct hk_curvature curvature;
	double class_weights[HK_MAX_CLASSES];   /* among all */
	double rest_weights[HK_MAX_CLASSES][2]; /* of the class, of the rest */
	const double *weights;
	double *gradients; /* a gradient a chunk */
	double *losses;    /* n_chunks */
};

/* ---- losses ---- */

static double multinomial(const struct linear *linear, double *z, uint32_t label)
{
	const double own = z[label], weight = linear->class_weights[label];
	const double log_sum = hk_softmax(z, linear->lesson->n_labels);
	z[label] -= 1;
	for (uint32_t c = 0; c < linear->lesson->n_labels; c++) {
		z[c] *= weight;
	}
	return weight * (log_sum - own);
}

static double sigmoids(const struct linear *linear, double *z, uint32_t label)
{
	double loss = 0;
	for (uint32_t c = 0; c < linear->lesson->n_labels; c++) {
		const double y = c == label ? 1 : 0;
		const double weight = linear->rest_weights[c][c != label];
		loss += weight * hk_cross_entropy(z[c], y);
		z[c] = weight * (hk_sigmoid(z[c]) - y);
	}
	return loss;
}

static double squared_hinges(const struct linear *linear, double *z, uint32_t label)
{
	double loss = 0;
	for (uint32_t c = 0; c < linear->lesson->n_labels; c++) {
		const double sign = c == label ? 1 : -1;
		const double weight = linear->rest_weights[c][c != label];
		const double lack = 1 - sign * z[c] > 0 ? 1 - sign * z[c] : 0;
		loss += weight * lack * lack;
		z[c] = -2 * weight * sign * lack;
	}
	return loss;
}

/* ---- the sum over all rows ---- */

/* Rows FIRST .. END - 1, at most HK_AFFINE_ROWS. Returns their loss. */
static double sum_rows(
	const struct linear *linear, size_t first, size_t end, double *z, double *gradient)
{
	const struct hk_lesson *lesson = linear->lesson;
	const size_t width = linear->affine.width;
	const float *rows[HK_AFFINE_ROWS];
	double loss = 0;
	for (size_t i = 0; i < HK_AFFINE_ROWS; i++) {
		const size_t row = first + i < end ? first + i : end - 1;
		rows[i] = lesson->rows + row * lesson->stride;
	}
	hk_affine_apply(&linear->affine, linear->weights, rows, z);
	for (size_t i = 0; i < HK_AFFINE_ROWS; i++) {
		if (first + i < end) {
			loss += linear->loss->function(
				linear, z + i * width, lesson->labels[first + i]);
		} else {
			memset(z + i * width, 0, width * sizeof(double));
		}
	}
	hk_affine_add_gradient(&linear->affine, rows, z, gradient);
	return loss;
}

static void sum_chunk(void *owner, size_t index, unsigned worker)
{
	(void)worker;
	struct linear *linear = owner;
	const size_t n_rows = linear->lesson->n_rows, n_weights = hk_affine_size(&linear->affine);
	const size_t first = index * CHUNK_ROWS;
	const size_t end = first + CHUNK_ROWS < n_rows ? first + CHUNK_ROWS : n_rows;
	double *gradient = linear->gradients + index * n_weights;
	double z[HK_AFFINE_ROWS * HK_MAX_CLASSES];
	memset(gradient, 0, n_weights * sizeof(double));
	linear->losses[index] = 0;
	for (size_t i = first; i < end; i += HK_AFFINE_ROWS) {
		linear->losses[index] += sum_rows(linear, i, end, z, gradient);
	}
}

static size_t count_chunks(const struct hk_lesson *lesson)
{
	return (lesson->n_rows + CHUNK_ROWS - 1) / CHUNK_ROWS;
}

/* The mean over the rows, so that the solver meets numbers near 1. */
static double objective(void *owner, const double *weights, double *ret_gradient)
{
	struct linear *linear = owner;
	const struct hk_lesson *lesson = linear->lesson;
	const double n_rows = (double)lesson->n_rows, pull = 1 / (lesson->c * n_rows);
	const size_t n_weights = hk_affine_size(&linear->affine);
	double loss = 0;
	linear->weights = weights;
	hk_parallel_run(lesson->n_threads, count_chunks(lesson), sum_chunk, linear);
	memset(ret_gradient, 0, n_weights * sizeof(double));
	for (size_t k = 0; k < count_chunks(lesson); k++) {
		const double *gradient = linear->gradients + k * n_weights;
		loss += linear->losses[k] / n_rows;
		for (size_t i = 0; i < n_weights; i++) {
			ret_gradient[i] += gradient[i] / n_rows;
		}
	}
	for (size_t i = 0; i < n_weights - linear->affine.width; i++) {
		loss += pull / 2 * weights[i] * weights[i];
		ret_gradient[i] += pull * weights[i];
	}
	return loss;
}

/* ---- the model ---- */

/* A vector a class, its weights, with a coefficient of 1 for the class and 0 for the others. */
static int collect(struct hk_svm *ret, const struct linear *linear, const double *weights)
{
	const struct hk_lesson *lesson = linear->lesson;
	const uint32_t n_labels = lesson->n_labels, n_features = (uint32_t)lesson->n_features;
	const size_t width = linear->affine.width;
	const int r = hk_svm_init(ret, HK_SVM_ONE_VS_REST, n_labels, n_labels, n_features);
	if (r < 0) {
		return r;
	}
	ret->kernel = HK_KERNEL_LINEAR;
	for (uint32_t c = 0; c < n_labels; c++) {
		for (uint32_t j = 0; j < n_features; j++) {
			ret->vectors[(size_t)c * ret->stride + j] = (float)weights[j * width + c];
		}
		ret->coefs[(size_t)c * n_labels + c] = 1;
		ret->rho[c] = -weights[n_features * width + c];
	}
	return 0;
}

static void divide(void *owner, double *vector)
{
	const struct linear *linear = owner;
	hk_curvature_divide(&linear->curvature, &linear->affine, vector);
}

static int solve(struct linear *linear, double *weights)
{
	const struct hk_lesson *lesson = linear->lesson;
	const int r = hk_curvature_init(&linear->curvature, lesson, linear->class_weights,
		linear->loss->bend, 1 / (lesson->c * (double)lesson->n_rows));
	const struct hk_minimisation problem = {
		.function = objective,
		.divide = linear->curvature.n > 0 ? divide : NULL,
		.owner = linear,
		.n = hk_affine_size(&linear->affine),
		.tolerance = TOLERANCE,
		.max_steps = MAX_STEPS,
	};
	return r < 0 ? r : hk_minimise(&problem, weights);
}

static int learn_with(struct hk_svm *ret, const struct hk_lesson *lesson, const struct loss *loss,
	struct hk_diag *diag)
{
	struct linear linear = {
		.lesson = lesson,
		.loss = loss,
		.affine = hk_affine_of(lesson->n_features, lesson->n_labels),
	};
	const size_t n_weights = hk_affine_size(&linear.affine), n_chunks = count_chunks(lesson);
	const size_t needed = (n_chunks + SOLVER_VECTORS) * n_weights * sizeof(double) +
		hk_curvature_size(lesson);
	if (needed > lesson->memory) {
		return hk_lesson_too_large(lesson, needed, diag);
	}
	hk_balance_classes(lesson, linear.class_weights);
	for (uint32_t c = 0; c < lesson->n_labels; c++) {
		hk_balance_against_rest(lesson, c, linear.rest_weights[c]);
	}
	double *weights = calloc(n_weights, sizeof(double));
	linear.gradients = calloc(n_chunks, n_weights * sizeof(double));
	linear.losses = calloc(n_chunks, sizeof(double));
	int r = weights && linear.gradients && linear.losses ? solve(&linear, weights) : -ENOMEM;
	r = r < 0 ? r : collect(ret, &linear, weights);
	free(weights);
	free(linear.gradients);
	free(linear.losses);
	hk_curvature_finish(&linear.curvature);
	return r;
}

static int learn_svc(struct hk_svm *ret, const struct hk_lesson *lesson, struct hk_diag *diag)
{
	return learn_with(ret, lesson, &(struct loss){ squared_hinges, 2 }, diag);
}

static int learn_logistic(struct hk_svm *ret, const struct hk_lesson *lesson, struct hk_diag *diag)
{
	return learn_with(ret, lesson, &(struct loss){ multinomial, 0.25 }, diag);
}

static int learn_logistic_ovr(
	struct hk_svm *ret, const struct hk_lesson *lesson, struct hk_diag *diag)
{
	return learn_with(ret, lesson, &(struct loss){ sigmoids, 0.25 }, diag);
}

const struct hk_learner hk_learner_svc_linear = {
	.name = "svc-linear",
	.title = "linear support vector machine",
	.help = "one linear SVM a class against the rest, balanced: the smallest and fastest models",
	.costs = { 3, { 0.01, 0.001, 0.1 } },
	.gammas = { 1, { 1 } },
	.learn = learn_svc,
};

const struct hk_learner hk_learner_logistic = {
	.name = "logistic",
	.title = "multinomial logistic regression",
	.help = "multinomial logistic regression (softmax and cross-entropy), balanced",
	.costs = { 3, { 0.1, 0.01, 1 } },
	.gammas = { 1, { 1 } },
	.learn = learn_logistic,
};

const struct hk_learner hk_learner_logistic_ovr = {
	.name = "logistic-ovr",
	.title = "logistic regression",
	.help = "a logistic regression (sigmoid) a class against the rest, balanced",
	.costs = { 3, { 0.1, 0.01, 1 } },
	.gammas = { 1, { 1 } },
	.learn = learn_logistic_ovr,
};
