/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "learning/base/random.h"
#include "learning/validation/calibrate.h"

#define N_ROWS 20000
#define N_LABELS 4

static double scores[N_ROWS * N_LABELS];
static uint32_t labels[N_ROWS];

/* Random scores; labels drawn from softmax(SLOPE * score + bias), so that the truth is known. */
static void draw(double slope, const double *bias)
{
	struct hk_random random = hk_random_of(3, 1, 4);
	for (size_t i = 0; i < N_ROWS; i++) {
		double p[N_LABELS], sum = 0;
		for (int k = 0; k < N_LABELS; k++) {
			scores[i * N_LABELS + k] = hk_random_normal(&random);
			sum += p[k] = exp(slope * scores[i * N_LABELS + k] + bias[k]);
		}
		double left = hk_random_uniform(&random, 0, sum);
		labels[i] = 0;
		while (labels[i] + 1 < N_LABELS && left >= p[labels[i]]) {
			left -= p[labels[i]++];
		}
	}
}

/* 20,000 rows determine slope and biases to about 0.03 (standard error); 0.1 is three of them. */
static void known_slopes_and_biases_are_found_again(void **state)
{
	(void)state;
	static const double slopes[] = { 0.5, 1, 3 };
	static const double bias[N_LABELS] = { 0.5, -1, 0.2, 0.3 };
	for (size_t i = 0; i < sizeof(slopes) / sizeof(slopes[0]); i++) {
		struct hk_calibration calibration;
		draw(slopes[i], bias);
		assert_int_equal(hk_calibrate(&calibration, HK_CALIBRATION_SOFTMAX, scores, labels,
					 N_ROWS, N_LABELS),
			0);
		assert_int_equal(calibration.method, HK_CALIBRATION_SOFTMAX);
		assert_true(fabs(calibration.slope[0] - slopes[i]) < 0.1);
		for (int k = 0; k < N_LABELS; k++) {
			assert_true(fabs(calibration.bias[k] - bias[k]) < 0.1);
		}
	}
}

static void scores_that_tell_all_give_finite_probabilities(void **state)
{
	(void)state;
	static const double separate[] = { 1, -1, -1, 1, 1, -1, -1, 1 };
	static const uint32_t truth[] = { 0, 1, 0, 1 };
	struct hk_calibration calibration;
	assert_int_equal(
		hk_calibrate(&calibration, HK_CALIBRATION_SOFTMAX, separate, truth, 4, 2), 0);
	assert_true(isfinite(calibration.slope[0]) && calibration.slope[0] > 1);
	const struct hk_svm shape = { .n_classes = 2 };
	double p[2];
	hk_calibration_apply(&calibration, &shape, separate, NULL, p);
	assert_true(p[0] > 0.99 && p[1] > 0 && isfinite(p[0]));
}

static void scores_worse_than_chance_do_not_turn_the_order_round(void **state)
{
	(void)state;
	static const double wrong[] = { 1, -1, -1, 1, 1, -1, -1, 1 };
	static const uint32_t truth[] = { 1, 0, 1, 0 };
	struct hk_calibration calibration;
	assert_int_equal(hk_calibrate(&calibration, HK_CALIBRATION_SOFTMAX, wrong, truth, 4, 2), 0);
	assert_true(calibration.slope[0] > 0);
	assert_int_equal(hk_calibrate(&calibration, HK_CALIBRATION_SIGMOID, wrong, truth, 4, 2), 0);
	assert_true(calibration.slope[0] > 0 && calibration.slope[1] > 0);
}

/*
 * Scores of one class against the rest, labels drawn from a sigmoid of them: what is found is that
 * sigmoid. 20,000 rows determine it to about 0.03; 0.1 is three of them.
 */
static void a_known_sigmoid_is_found_again(void **state)
{
	(void)state;
	struct hk_random random = hk_random_of(5, 9, 2);
	for (size_t i = 0; i < N_ROWS; i++) {
		const double score = hk_random_normal(&random);
		const double p = 1 / (1 + exp(-(2 * score - 0.7)));
		scores[2 * i] = score;
		scores[2 * i + 1] = -score;
		labels[i] = hk_random_uniform(&random, 0, 1) < p ? 0 : 1;
	}
	struct hk_calibration calibration;
	assert_int_equal(
		hk_calibrate(&calibration, HK_CALIBRATION_SIGMOID, scores, labels, N_ROWS, 2), 0);
	assert_int_equal(calibration.method, HK_CALIBRATION_SIGMOID);
	assert_true(fabs(calibration.slope[0] - 2) < 0.1);
	assert_true(fabs(calibration.bias[0] + 0.7) < 0.1);
	assert_true(fabs(calibration.slope[1] - 2) < 0.1);
	assert_true(fabs(calibration.bias[1] - 0.7) < 0.1);
}

static void sigmoids_of_scores_that_tell_all_are_finite(void **state)
{
	(void)state;
	static const double separate[] = { 1, -1, -1, 1, 1, -1, -1, 1 };
	static const uint32_t truth[] = { 0, 1, 0, 1 };
	struct hk_calibration calibration;
	const struct hk_svm shape = { .n_classes = 2 };
	double p[2];
	assert_int_equal(
		hk_calibrate(&calibration, HK_CALIBRATION_SIGMOID, separate, truth, 4, 2), 0);
	hk_calibration_apply(&calibration, &shape, separate, NULL, p);
	assert_true(p[0] > 0.99 && p[1] > 0 && isfinite(p[0]));
}

static void nothing_to_fit_on_is_refused(void **state)
{
	(void)state;
	struct hk_calibration calibration;
	assert_int_equal(
		hk_calibrate(&calibration, HK_CALIBRATION_SOFTMAX, NULL, NULL, 0, 2), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_slopes_and_biases_are_found_again),
		cmocka_unit_test(scores_that_tell_all_give_finite_probabilities),
		cmocka_unit_test(scores_worse_than_chance_do_not_turn_the_order_round),
		cmocka_unit_test(a_known_sigmoid_is_found_again),
		cmocka_unit_test(sigmoids_of_scores_that_tell_all_are_finite),
		cmocka_unit_test(nothing_to_fit_on_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
