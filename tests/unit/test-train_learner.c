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
#include "learning/learners/libsvm_rows.h"
#include "tests/unit/clouds.h"

/* The predictor sums in float32: 1e-5 of libsvm, as its own test has it. */
#define TOLERANCE 1e-5

/* Both solvers stop when no pair violates the conditions by 1e-3: they end that near to each other.
 */
#define SOLVER_TOLERANCE 2e-3

static void one_vs_rest_decides_as_k_binary_models_of_libsvm(void **state)
{
	(void)state;
	const struct hk_lesson lesson = lesson_of(2);
	struct hk_svm svm;
	struct hk_nodes nodes;
	assert_int_equal(hk_learner_svc_ovr.learn(&svm, &lesson, NULL), 0);
	assert_int_equal(hk_nodes_init(&nodes, &lesson), 0);
	for (uint32_t c = 0; c < N_LABELS; c++) {
		double y[N_ROWS], weights[2];
		int signs[2] = { 1, -1 };
		size_t n_own = 0;
		struct svm_parameter parameters;
		for (size_t i = 0; i < N_ROWS; i++) {
			y[i] = labels[i] == c ? 1 : -1;
			n_own += labels[i] == c;
		}
		weights[0] = N_ROWS / (2.0 * (double)n_own);
		weights[1] = N_ROWS / (2.0 * (double)(N_ROWS - n_own));
		assert_int_equal(hk_svc_parameters(&parameters, &lesson, NULL), 0);
		parameters.nr_weight = 2;
		parameters.weight_label = signs;
		parameters.weight = weights;
		const struct svm_problem problem = { .l = N_ROWS, .y = y, .x = nodes.rows };
		struct svm_model *model = svm_train(&problem, &parameters);
		for (size_t i = 0; i < N_ROWS; i++) {
			double expected, got[N_LABELS];
			svm_predict_values(model, nodes.rows[i], &expected);
			expected *= model->label[0]; /* towards the class */
			decide(&svm, i, got);
			assert_true(fabs(got[c] - expected) < SOLVER_TOLERANCE);
		}
		svm_free_and_destroy_model(&model);
	}
	hk_nodes_finish(&nodes);
	hk_svm_finish(&svm);
}

static void one_vs_one_decides_as_libsvm(void **state)
{
	(void)state;
	const struct hk_lesson lesson = lesson_of(1);
	struct hk_svm svm;
	struct hk_nodes nodes;
	struct svm_parameter parameters;
	assert_int_equal(hk_learner_svc_ovo.learn(&svm, &lesson, NULL), 0);
	assert_int_equal(hk_nodes_init(&nodes, &lesson), 0);
	assert_int_equal(hk_svc_parameters(&parameters, &lesson, NULL), 0);
	double y[N_ROWS];
	for (size_t i = 0; i < N_ROWS; i++) {
		y[i] = labels[i];
	}
	/* 120, 80 and 40 rows: balanced weights are n / (3 count) */
	int names[N_LABELS] = { 0, 1, 2 };
	double weights[N_LABELS] = { 240 / 360.0, 240 / 240.0, 240 / 120.0 };
	parameters.nr_weight = N_LABELS;
	parameters.weight_label = names;
	parameters.weight = weights;
	const struct svm_problem problem = { .l = N_ROWS, .y = y, .x = nodes.rows };
	struct svm_model *model = svm_train(&problem, &parameters);
	for (size_t i = 0; i < N_ROWS; i++) {
		double expected[3], got[3];
		const double label = svm_predict_values(model, nodes.rows[i], expected);
		decide(&svm, i, got);
		for (int d = 0; d < 3; d++) {
			assert_true(fabs(got[d] - expected[d]) < TOLERANCE);
		}
		assert_int_equal(hk_svm_label(&svm, got), (int)label);
	}
	svm_free_and_destroy_model(&model);
	hk_nodes_finish(&nodes);
	hk_svm_finish(&svm);
}

static void the_number_of_threads_changes_no_bit(void **state)
{
	(void)state;
	const struct hk_lesson one = lesson_of(1), three = lesson_of(3);
	struct hk_svm a, b;
	assert_int_equal(hk_learner_svc_ovr.learn(&a, &one, NULL), 0);
	assert_int_equal(hk_learner_svc_ovr.learn(&b, &three, NULL), 0);
	assert_int_equal(a.n_vectors, b.n_vectors);
	assert_memory_equal(a.rho, b.rho, a.n_decisions * sizeof(*a.rho));
	assert_memory_equal(a.coefs, b.coefs, (size_t)a.n_coefs * a.n_vectors * sizeof(*a.coefs));
	assert_memory_equal(
		a.vectors, b.vectors, (size_t)a.stride * a.n_vectors * sizeof(*a.vectors));
	hk_svm_finish(&a);
	hk_svm_finish(&b);
}

static void a_support_vector_is_kept_once(void **state)
{
	(void)state;
	const struct hk_lesson lesson = lesson_of(1);
	struct hk_svm svm;
	assert_int_equal(hk_learner_svc_ovr.learn(&svm, &lesson, NULL), 0);
	assert_in_range(svm.n_vectors, N_LABELS, N_ROWS);
	for (uint32_t v = 0; v < svm.n_vectors; v++) {
		double sum = 0;
		for (uint32_t c = 0; c < N_LABELS; c++) {
			sum += fabs(svm.coefs[(size_t)c * svm.n_vectors + v]);
		}
		assert_true(sum > 0);
	}
	hk_svm_finish(&svm);
}

static void too_little_memory_is_refused_with_the_need(void **state)
{
	(void)state;
	struct hk_lesson lesson = lesson_of(1);
	struct hk_svm svm;
	struct hk_diag diag;
	lesson.memory = 1000;
	assert_int_equal(hk_learner_svc_ovr.learn(&svm, &lesson, &diag), -EFBIG);
	assert_non_null(strstr(diag.text, "240 windows of 10 values"));
	assert_int_equal(hk_learner_svc_ovo.learn(&svm, &lesson, &diag), -EFBIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_vs_rest_decides_as_k_binary_models_of_libsvm),
		cmocka_unit_test(one_vs_one_decides_as_libsvm),
		cmocka_unit_test(the_number_of_threads_changes_no_bit),
		cmocka_unit_test(a_support_vector_is_kept_once),
		cmocka_unit_test(too_little_memory_is_refused_with_the_need),
	};
	return cmocka_run_group_tests(tests, make_rows, NULL);
}
