/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "learning/base/random.h"
#include "learning/learners/learner.h"

#define N_ROWS 1501 /* more than one chunk, and a last tile that is not full */
#define N_FEATURES 7
#define STRIDE 16
#define N_LABELS 5 /* more than one group of lanes */
#define COST 0.3

static float rows[N_ROWS * STRIDE] __attribute__((aligned(HK_SVM_ALIGNMENT)));
static uint32_t labels[N_ROWS];
static double class_weights[N_LABELS], rest_weights[N_LABELS][2];

/* Overlapping clouds of different size. */
static int make_rows(void **state)
{
	(void)state;
	static const uint32_t turns[] = { 0, 0, 0, 1, 1, 2, 2, 3, 4, 0 };
	struct hk_random random = hk_random_of(7, 0, 0);
	double counts[N_LABELS] = { 0 };
	for (size_t i = 0; i < N_ROWS; i++) {
		labels[i] = turns[i % 10];
		counts[labels[i]] += 1;
		for (size_t j = 0; j < N_FEATURES; j++) {
			rows[i * STRIDE + j] = (float)((j % N_LABELS == labels[i]) +
				hk_random_normal(&random) * (j == 0 ? 3 : 1));
		}
	}
	for (uint32_t c = 0; c < N_LABELS; c++) {
		class_weights[c] = N_ROWS / (N_LABELS * counts[c]);
		rest_weights[c][0] = N_ROWS / (2 * counts[c]);
		rest_weights[c][1] = N_ROWS / (2 * (N_ROWS - counts[c]));
	}
	return 0;
}

static struct hk_lesson lesson_of(unsigned n_threads)
{
	return (struct hk_lesson){
		.rows = rows,
		.labels = labels,
		.n_rows = N_ROWS,
		.n_features = N_FEATURES,
		.stride = STRIDE,
		.n_labels = N_LABELS,
		.c = COST,
		.n_threads = n_threads,
		.memory = 64 << 20,
	};
}

/* Decision values of row I by the weights as they stand in the model. */
static void decide(const struct hk_svm *svm, size_t i, double *ret)
{
	for (uint32_t c = 0; c < N_LABELS; c++) {
		ret[c] = -svm->rho[c];
		for (size_t j = 0; j < N_FEATURES; j++) {
			ret[c] += (double)svm->vectors[c * svm->stride + j] *
				(double)rows[i * STRIDE + j];
		}
	}
}

/* What a row's loss gains with each decision value, by the textbook. */
typedef void slopes_function(const double *z, uint32_t label, double *ret);

static void slopes_of_cross_entropy(const double *z, uint32_t label, double *ret)
{
	double sum = 0;
	for (uint32_t c = 0; c < N_LABELS; c++) {
		sum += exp(z[c]);
	}
	for (uint32_t c = 0; c < N_LABELS; c++) {
		ret[c] = class_weights[label] * (exp(z[c]) / sum - (c == label));
	}
}

static void slopes_of_sigmoids(const double *z, uint32_t label, double *ret)
{
	for (uint32_t c = 0; c < N_LABELS; c++) {
		ret[c] = rest_weights[c][c != label] * (1 / (1 + exp(-z[c])) - (c == label));
	}
}

static void slopes_of_squared_hinges(const double *z, uint32_t label, double *ret)
{
	for (uint32_t c = 0; c < N_LABELS; c++) {
		const double sign = c == label ? 1 : -1;
		ret[c] = -2 * sign * rest_weights[c][c != label] * fmax(0, 1 - sign * z[c]);
	}
}

/*
 * At the minimum of cost * sum of losses + |w|^2 / 2 the pull of the rows is -w / cost for every
 * weight and 0 for every bias. float32 weights and the solver's tolerance leave 1e-4 of the pull of
 * one side.
 */
static void check_minimum(const struct hk_svm *svm, slopes_function *slopes)
{
	double pulls[N_LABELS][N_FEATURES + 1] = { { 0 } }, sizes[N_LABELS] = { 0 };
	for (size_t i = 0; i < N_ROWS; i++) {
		double z[N_LABELS], slope[N_LABELS];
		decide(svm, i, z);
		slopes(z, labels[i], slope);
		for (uint32_t c = 0; c < N_LABELS; c++) {
			sizes[c] += fabs(slope[c]);
			pulls[c][N_FEATURES] += slope[c];
			for (size_t j = 0; j < N_FEATURES; j++) {
				pulls[c][j] += slope[c] * (double)rows[i * STRIDE + j];
			}
		}
	}
	for (uint32_t c = 0; c < N_LABELS; c++) {
		for (size_t j = 0; j < N_FEATURES; j++) {
			const double weight = (double)svm->vectors[c * svm->stride + j];
			assert_true(fabs(weight) > 1e-3);
			assert_true(fabs(pulls[c][j] + weight / COST) < 1e-4 * sizes[c]);
		}
		assert_true(fabs(pulls[c][N_FEATURES]) < 1e-4 * sizes[c]);
	}
}

static void check_learner(const struct hk_learner *learner, slopes_function *slopes)
{
	const struct hk_lesson lesson = lesson_of(2);
	struct hk_svm svm;
	assert_int_equal(learner->learn(&svm, &lesson, NULL), 0);
	check_minimum(&svm, slopes);
	hk_svm_finish(&svm);
}

static void logistic_regression_stands_at_its_minimum(void **state)
{
	(void)state;
	check_learner(&hk_learner_logistic, slopes_of_cross_entropy);
}

static void sigmoids_stand_at_their_minimum(void **state)
{
	(void)state;
	check_learner(&hk_learner_logistic_ovr, slopes_of_sigmoids);
}

static void linear_svms_stand_at_their_minimum(void **state)
{
	(void)state;
	check_learner(&hk_learner_svc_linear, slopes_of_squared_hinges);
}

/* What is learnt is a matrix of classes times values; its prediction is that matrix times the row.
 */
static void a_linear_model_is_a_weight_matrix(void **state)
{
	(void)state;
	const struct hk_lesson lesson = lesson_of(1);
	struct hk_svm svm;
	assert_int_equal(hk_learner_logistic.learn(&svm, &lesson, NULL), 0);
	assert_int_equal(svm.kernel, HK_KERNEL_LINEAR);
	assert_int_equal(svm.n_vectors, N_LABELS);
	float *x = aligned_alloc(64, svm.stride * sizeof(float));
	double *scratch = calloc(hk_svm_scratch_size(&svm), sizeof(double));
	assert_true(x && scratch);
	memset(x, 0, svm.stride * sizeof(float));
	for (size_t i = 0; i < N_ROWS; i += 100) {
		double expected[N_LABELS], got[N_LABELS];
		memcpy(x, rows + i * STRIDE, N_FEATURES * sizeof(float));
		hk_svm_decisions(&svm, x, scratch, got);
		decide(&svm, i, expected);
		for (uint32_t c = 0; c < N_LABELS; c++) {
			assert_true(fabs(got[c] - expected[c]) < 1e-12 * (1 + fabs(expected[c])));
		}
	}
	free(x);
	free(scratch);
	hk_svm_finish(&svm);
}

static void the_number_of_threads_changes_no_bit(void **state)
{
	(void)state;
	static const struct hk_learner *const learners[] = { &hk_learner_logistic,
		&hk_learner_logistic_ovr, &hk_learner_svc_linear };
	for (size_t i = 0; i < sizeof(learners) / sizeof(learners[0]); i++) {
		const struct hk_lesson one = lesson_of(1), three = lesson_of(3);
		struct hk_svm a, b;
		assert_int_equal(learners[i]->learn(&a, &one, NULL), 0);
		assert_int_equal(learners[i]->learn(&b, &three, NULL), 0);
		assert_memory_equal(a.rho, b.rho, N_LABELS * sizeof(*a.rho));
		assert_memory_equal(a.vectors, b.vectors, N_LABELS * a.stride * sizeof(*a.vectors));
		hk_svm_finish(&a);
		hk_svm_finish(&b);
	}
}

/* Features that are copies of each other, and one that never changes. */
static void features_that_say_the_same_do_no_harm(void **state)
{
	(void)state;
	static float doubled[100 * 3];
	static uint32_t truth[100];
	for (size_t i = 0; i < 100; i++) {
		truth[i] = i % 2;
		doubled[3 * i] = doubled[3 * i + 1] = truth[i] ? 1.5F : -0.5F;
		doubled[3 * i + 2] = 0;
	}
	const struct hk_lesson lesson = {
		.rows = doubled,
		.labels = truth,
		.n_rows = 100,
		.n_features = 3,
		.stride = 3,
		.n_labels = 2,
		.c = 1,
		.n_threads = 1,
		.memory = 1 << 20,
	};
	struct hk_svm svm;
	assert_int_equal(hk_learner_logistic.learn(&svm, &lesson, NULL), 0);
	assert_true(svm.vectors[svm.stride] > 0.1F);
	assert_true(fabsf(svm.vectors[0] - svm.vectors[1]) < 1e-5F);
	assert_true(svm.vectors[2] == 0);
	hk_svm_finish(&svm);
}

static void too_little_memory_is_refused_with_the_need(void **state)
{
	(void)state;
	struct hk_lesson lesson = lesson_of(1);
	struct hk_svm svm;
	struct hk_diag diag;
	lesson.memory = 1000;
	assert_int_equal(hk_learner_logistic.learn(&svm, &lesson, &diag), -EFBIG);
	assert_non_null(strstr(diag.text, "1501 windows of 7 values"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(logistic_regression_stands_at_its_minimum),
		cmocka_unit_test(sigmoids_stand_at_their_minimum),
		cmocka_unit_test(linear_svms_stand_at_their_minimum),
		cmocka_unit_test(a_linear_model_is_a_weight_matrix),
		cmocka_unit_test(the_number_of_threads_changes_no_bit),
		cmocka_unit_test(features_that_say_the_same_do_no_harm),
		cmocka_unit_test(too_little_memory_is_refused_with_the_need),
	};
	return cmocka_run_group_tests(tests, make_rows, NULL);
}
