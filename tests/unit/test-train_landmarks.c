/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <libsvm/svm.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "learning/learners/learner.h"
#include "tests/unit/clouds.h"

/* Is landmark V of SVM the row X? */
static bool is_landmark(const float *x, const struct hk_svm *svm, uint32_t v)
{
	float landmark[STRIDE];
	assert_int_equal(svm->stride, STRIDE);
	hk_svm_vector(svm, v, landmark);
	size_t n_same = 0;
	for (size_t j = 0; j < N_FEATURES; j++) {
		n_same += landmark[j] == x[j]; /* 0 and -0 are */
	}
	return n_same == N_FEATURES;
}

/* The landmark of SVM that is the row X; they stand class by class. */
static uint32_t landmark_of(const struct hk_svm *svm, const float *x)
{
	uint32_t own = 0;
	while (!is_landmark(x, svm, own)) {
		assert_true(++own < svm->n_vectors);
	}
	return own;
}

/*
 * With every row a landmark the minimum of sum w (f - y)^2 + a'Ka / cost is where
 * w (Ka) + a / cost = w y. The jitter of 1e-9 a row leaves 1e-5.
 */
static void ridge_on_all_rows_solves_its_equations(void **state)
{
	(void)state;
	static const double weights[N_LABELS] = { 240 / 360.0, 240 / 240.0, 240 / 120.0 };
	struct hk_lesson lesson = lesson_of(2);
	struct hk_svm svm;
	lesson.n_vectors = N_ROWS;
	assert_int_equal(hk_learner_ridge.learn(&svm, &lesson, NULL), 0);
	assert_int_equal(svm.n_vectors, N_ROWS);
	for (size_t i = 0; i < N_ROWS; i++) {
		double got[N_LABELS];
		const uint32_t own = landmark_of(&svm, rows + i * STRIDE);
		decide(&svm, i, got);
		for (uint32_t c = 0; c < N_LABELS; c++) {
			const double weight = weights[labels[i]];
			const double y = labels[i] == c ? 1 : -1;
			const double a = svm.coefs[(size_t)c * N_ROWS + own];
			assert_true(fabs(weight * got[c] + a / COST - weight * y) < 1e-4);
		}
	}
	hk_svm_finish(&svm);
}

/*
 * With every row a landmark the minimum of sum w max(0, 1 - y f)^2 + a'Ka / cost, f = Ka + b, is
 * where a / cost = w y max(0, 1 - y f), and what the rows lack adds up to 0 over both sides, since
 * the bias is free. The jitter of 1e-9 a row leaves 1e-5.
 */
static void a_reduced_svm_on_all_rows_is_at_the_minimum(void **state)
{
	(void)state;
	static const double weights[N_LABELS] = { 240 / 360.0, 240 / 240.0, 240 / 120.0 };
	struct hk_lesson lesson = lesson_of(2);
	struct hk_svm svm;
	double sums[N_LABELS] = { 0 };
	size_t n_beyond = 0;
	lesson.n_vectors = N_ROWS;
	assert_int_equal(hk_learner_svc_reduced.learn(&svm, &lesson, NULL), 0);
	assert_int_equal(svm.n_vectors, N_ROWS);
	for (size_t i = 0; i < N_ROWS; i++) {
		double got[N_LABELS];
		const uint32_t own = landmark_of(&svm, rows + i * STRIDE);
		decide(&svm, i, got);
		for (uint32_t c = 0; c < N_LABELS; c++) {
			const double y = labels[i] == c ? 1 : -1;
			const double lack = fmax(0, 1 - y * got[c]);
			const double a = svm.coefs[(size_t)c * N_ROWS + own];
			assert_true(fabs(weights[labels[i]] * y * lack - a / COST) < 1e-4);
			sums[c] += weights[labels[i]] * y * lack;
			n_beyond += lack == 0;
		}
	}
	for (uint32_t c = 0; c < N_LABELS; c++) {
		assert_true(fabs(sums[c]) < 1e-3);
	}
	assert_in_range(n_beyond, N_ROWS / 10, 3 * N_ROWS); /* or it was ridge */
	hk_svm_finish(&svm);
}

static double rbf(size_t i, size_t j)
{
	double sum = 0;
	for (size_t k = 0; k < N_FEATURES; k++) {
		const double d = (double)rows[i * STRIDE + k] - (double)rows[j * STRIDE + k];
		sum += d * d;
	}
	return exp(-GAMMA * sum);
}

/*
 * The dual of squared hinges is a hard margin on the kernel K + 1 / (cost w) on its diagonal:
 * libsvm solves that as well, with a kernel that is given and a cost without end.
 */
static void a_reduced_svm_decides_as_libsvm_with_squared_hinges(void **state)
{
	(void)state;
	static const double weights[N_LABELS] = { 240 / 360.0, 240 / 240.0, 240 / 120.0 };
	static struct svm_node nodes[N_ROWS][N_ROWS + 2];
	struct svm_node *x[N_ROWS];
	struct hk_lesson lesson = lesson_of(1);
	struct hk_svm svm;
	lesson.n_vectors = N_ROWS;
	assert_int_equal(hk_learner_svc_reduced.learn(&svm, &lesson, NULL), 0);
	for (size_t i = 0; i < N_ROWS; i++) {
		x[i] = nodes[i];
		nodes[i][0] = (struct svm_node){ 0, (double)(i + 1) };
		for (size_t j = 0; j < N_ROWS; j++) {
			const double own = i == j ? 1 / (COST * weights[labels[i]]) : 0;
			nodes[i][j + 1] = (struct svm_node){ (int)j + 1, rbf(i, j) + own };
		}
		nodes[i][N_ROWS + 1].index = -1;
	}
	for (uint32_t c = 0; c < N_LABELS; c++) {
		double y[N_ROWS];
		for (size_t i = 0; i < N_ROWS; i++) {
			y[i] = labels[i] == c ? 1 : -1;
		}
		const struct svm_problem problem = { .l = N_ROWS, .y = y, .x = x };
		const struct svm_parameter parameters = { .svm_type = C_SVC,
			.kernel_type = PRECOMPUTED,
			.cache_size = 10,
			.eps = 1e-5,
			.C = 1e6,
			.shrinking = 1 };
		struct svm_model *model = svm_train(&problem, &parameters);
		for (size_t i = 0; i < N_ROWS; i++) {
			double got[N_LABELS], expected = -model->rho[0];
			for (int k = 0; k < model->l; k++) {
				expected +=
					model->sv_coef[0][k] * /* K alone, without 1 / (cost w) */
					rbf(i, (size_t)model->SV[k][0].value - 1);
			}
			decide(&svm, i, got);
			assert_true(fabs(got[c] - model->label[0] * expected) < 1e-3);
		}
		svm_free_and_destroy_model(&model);
	}
	hk_svm_finish(&svm);
}

static double accuracy_of(const struct hk_svm *svm)
{
	size_t n_right = 0;
	for (size_t i = 0; i < N_ROWS; i++) {
		double decisions[N_LABELS];
		decide(svm, i, decisions);
		n_right += hk_svm_label(svm, decisions) == labels[i];
	}
	return (double)n_right / N_ROWS;
}

/* Those that take landmarks. */
static const struct hk_learner *const reduced[] = { &hk_learner_ridge, &hk_learner_svc_reduced };

static void a_few_landmarks_do_nearly_as_well_as_all_rows(void **state)
{
	(void)state;
	for (size_t k = 0; k < 2; k++) {
		struct hk_lesson few = lesson_of(1), all = lesson_of(1);
		struct hk_svm small, large;
		few.n_vectors = 24;
		all.n_vectors = N_ROWS;
		assert_int_equal(reduced[k]->learn(&small, &few, NULL), 0);
		assert_int_equal(reduced[k]->learn(&large, &all, NULL), 0);
		assert_int_equal(small.n_vectors, 24);
		assert_true(accuracy_of(&small) > accuracy_of(&large) - 0.1);
		assert_true(accuracy_of(&small) > 0.7);
		hk_svm_finish(&small);
		hk_svm_finish(&large);
	}
}

static void on_landmarks_the_number_of_threads_changes_no_bit(void **state)
{
	(void)state;
	for (size_t k = 0; k < 2; k++) {
		struct hk_lesson one = lesson_of(1), three = lesson_of(3);
		struct hk_svm a, b;
		one.n_vectors = three.n_vectors = 37;
		assert_int_equal(reduced[k]->learn(&a, &one, NULL), 0);
		assert_int_equal(reduced[k]->learn(&b, &three, NULL), 0);
		assert_memory_equal(
			a.coefs, b.coefs, (size_t)a.n_coefs * a.n_vectors * sizeof(*a.coefs));
		assert_memory_equal(a.rho, b.rho, a.n_decisions * sizeof(*a.rho));
		assert_int_equal(a.exponent, b.exponent);
		assert_memory_equal(
			a.packed, b.packed, (size_t)a.stride * a.n_vectors * sizeof(*a.packed));
		hk_svm_finish(&a);
		hk_svm_finish(&b);
	}
}

static void too_little_memory_is_refused_with_the_need(void **state)
{
	(void)state;
	struct hk_lesson lesson = lesson_of(1);
	struct hk_svm svm;
	struct hk_diag diag;
	lesson.memory = 1000;
	lesson.n_vectors = 24;
	for (size_t k = 0; k < 2; k++) {
		assert_int_equal(reduced[k]->learn(&svm, &lesson, &diag), -EFBIG);
		assert_non_null(strstr(diag.text, "24 landmarks"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ridge_on_all_rows_solves_its_equations),
		cmocka_unit_test(a_reduced_svm_on_all_rows_is_at_the_minimum),
		cmocka_unit_test(a_reduced_svm_decides_as_libsvm_with_squared_hinges),
		cmocka_unit_test(a_few_landmarks_do_nearly_as_well_as_all_rows),
		cmocka_unit_test(on_landmarks_the_number_of_threads_changes_no_bit),
		cmocka_unit_test(too_little_memory_is_refused_with_the_need),
	};
	return cmocka_run_group_tests(tests, make_rows, NULL);
}
