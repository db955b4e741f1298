/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/math/logistic.h"

#define N_ELEMENTS(array_) (sizeof(array_) / sizeof((array_)[0]))

static void assert_near(double value, double expected, double tolerance)
{
	if (!(fabs(value - expected) <= tolerance)) {
		fail_msg("%.17g is not within %g of %.17g", value, tolerance, expected);
	}
}

static void the_sigmoid_neither_overflows_nor_leaves_0_to_1(void **state)
{
	(void)state;
	assert_near(hk_sigmoid(0.0), 0.5, 0.0);
	assert_near(hk_sigmoid(log(3.0)), 0.75, 1e-15);
	assert_near(hk_sigmoid(1e6), 1.0, 0.0);
	assert_near(hk_sigmoid(-1e6), 0.0, 0.0);
	for (double z = -40.0; z <= 40.0; z += 0.5) {
		assert_near(hk_sigmoid(z) + hk_sigmoid(-z), 1.0, 1e-15);
	}
	assert_true(hk_sigmoid(-40.0) > 0.0);
}

static const double gate_x[] = { 0, 0, 0, 1, 1, 0, 1, 1 };
static const double and_y[] = { 0, 0, 0, 1 };

static void the_and_gate_is_learnt(void **state)
{
	(void)state;
	const struct hk_observations gate = {
		.x = gate_x, .y = and_y, .n = 4, .n_terms = 2, .ridge = 1e-3
	};
	struct hk_logistic model;
	assert_int_equal(hk_logistic_fit(&model, &gate), 0);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(hk_logistic_at(&model, gate_x + 2 * i) >= 0.5, and_y[i] == 1.0);
	}
	assert_near(model.coefficients[0], model.coefficients[1], 1e-9);
	const struct hk_logistic_quality quality = hk_logistic_quality_of(&model, &gate, 0.5);
	assert_near(quality.accuracy, 1.0, 0.0);
	assert_int_equal(quality.n_true_yes, 1);
	assert_int_equal(quality.n_true_no, 3);
	assert_true(quality.cross_entropy < 0.1);
}

static void a_threshold_moves_what_is_said(void **state)
{
	(void)state;
	const struct hk_observations gate = {
		.x = gate_x, .y = and_y, .n = 4, .n_terms = 2, .ridge = 0.1
	};
	struct hk_logistic model;
	assert_int_equal(hk_logistic_fit(&model, &gate), 0);
	const struct hk_logistic_quality bold = hk_logistic_quality_of(&model, &gate, 0.0);
	assert_int_equal(bold.n_true_yes, 1);
	assert_int_equal(bold.n_false_yes, 3);
	assert_near(bold.accuracy, 0.25, 0.0);
	const struct hk_logistic_quality shy = hk_logistic_quality_of(&model, &gate, 1.1);
	assert_int_equal(shy.n_false_no, 1);
	assert_int_equal(shy.n_true_no, 3);
	assert_near(shy.accuracy, 0.75, 0.0);
	assert_near(shy.cross_entropy, bold.cross_entropy, 0.0);
}

static void two_groups_give_their_log_odds(void **state)
{
	(void)state;
	/* 1 of 4 without, 3 of 4 with: intercept ln(1/3), coefficient ln(3) - ln(1/3). The loss is
	 * the entropy of 1/4 in nats. */
	static const double x[] = { 0, 0, 0, 0, 1, 1, 1, 1 }, y[] = { 1, 0, 0, 0, 1, 1, 1, 0 };
	const struct hk_observations groups = { .x = x, .y = y, .n = 8, .n_terms = 1 };
	struct hk_logistic model;
	assert_int_equal(hk_logistic_fit(&model, &groups), 0);
	assert_near(model.intercept, -log(3.0), 1e-9);
	assert_near(model.coefficients[0], 2.0 * log(3.0), 1e-9);
	const struct hk_logistic_quality quality = hk_logistic_quality_of(&model, &groups, 0.5);
	assert_near(quality.cross_entropy, -(0.25 * log(0.25) + 0.75 * log(0.75)), 1e-12);
	assert_near(quality.accuracy, 0.75, 0.0);
}

static void shares_and_weights_say_the_same_as_single_answers(void **state)
{
	(void)state;
	static const double x[] = { 0, 1 }, y[] = { 0.25, 0.75 }, weights[] = { 4, 4 };
	const struct hk_observations shares = { x, y, weights, 2, 1, 0.0 };
	struct hk_logistic model;
	assert_int_equal(hk_logistic_fit(&model, &shares), 0);
	assert_near(model.intercept, -log(3.0), 1e-9);
	assert_near(model.coefficients[0], 2.0 * log(3.0), 1e-9);
}

static void coefficients_that_made_the_data_are_found_again(void **state)
{
	(void)state;
	enum { N = 20000, P = 3 };
	static const double truth[P] = { 1.5, -0.5, 0.02 };
	double *x = calloc((size_t)N * P, sizeof(*x)), *y = calloc(N, sizeof(*y));
	assert_true(x && y);
	unsigned seed = 11;
	for (size_t i = 0; i < N; i++) {
		double z = -2.0;
		for (size_t k = 0; k < P; k++) {
			const double scale = k == 2 ? 100.0 : 1.0;
			x[i * P + k] = scale * 4.0 * (rand_r(&seed) / (double)RAND_MAX - 0.5);
			z += truth[k] * x[i * P + k];
		}
		y[i] = rand_r(&seed) / (double)RAND_MAX < hk_sigmoid(z);
	}
	const struct hk_observations observations = { .x = x, .y = y, .n = N, .n_terms = P };
	struct hk_logistic model;
	assert_int_equal(hk_logistic_fit(&model, &observations), 0);
	/* Standard errors are about 0.03 (and 0.0003 for the last): 4 of them. */
	assert_near(model.intercept, -2.0, 0.12);
	assert_near(model.coefficients[0], truth[0], 0.12);
	assert_near(model.coefficients[1], truth[1], 0.12);
	assert_near(model.coefficients[2], truth[2], 0.0012);
	assert_true(model.n_iterations < 15);
	free(x);
	free(y);
}

static void what_has_no_answer_is_refused(void **state)
{
	(void)state;
	struct hk_logistic model;
	struct hk_observations gate = { .x = gate_x, .y = and_y, .n = 4, .n_terms = 2 };
	assert_int_equal(hk_logistic_fit(&model, &gate), -EDOM); /* separable without ridge */
	static const double too_much[] = { 0, 0, 0, 2 };
	gate.y = too_much;
	gate.ridge = 1.0;
	assert_int_equal(hk_logistic_fit(&model, &gate), -EINVAL);
	gate.y = and_y;
	gate.n = 0;
	assert_int_equal(hk_logistic_fit(&model, &gate), -EINVAL);
	gate.n = 4;
	gate.n_terms = 0;
	assert_int_equal(hk_logistic_fit(&model, &gate), -EINVAL);
	gate.n_terms = HK_MAX_TERMS + 1;
	assert_int_equal(hk_logistic_fit(&model, &gate), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sigmoid_neither_overflows_nor_leaves_0_to_1),
		cmocka_unit_test(the_and_gate_is_learnt),
		cmocka_unit_test(a_threshold_moves_what_is_said),
		cmocka_unit_test(two_groups_give_their_log_odds),
		cmocka_unit_test(shares_and_weights_say_the_same_as_single_answers),
		cmocka_unit_test(coefficients_that_made_the_data_are_found_again),
		cmocka_unit_test(what_has_no_answer_is_refused),
	};
	return cmocka_run_group_tests_name("logistic", tests, NULL, NULL);
}
