/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "clients/train/random.h"
#include "clients/train/softmax.h"

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
		assert_int_equal(
			hk_softmax_fit(&calibration, scores, labels, NULL, N_ROWS, N_LABELS), 0);
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
	assert_int_equal(hk_softmax_fit(&calibration, separate, truth, NULL, 4, 2), 0);
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
	assert_int_equal(hk_softmax_fit(&calibration, wrong, truth, NULL, 4, 2), 0);
	assert_true(calibration.slope[0] > 0);
}

static void weights_count_as_copies(void **state)
{
	(void)state;
	static const double twice[] = { 0.5, 0.1, 0.5, 0.1, 0.2, 0.4, 0.6, 0.3 };
	static const double once[] = { 0.5, 0.1, 0.2, 0.4, 0.6, 0.3 };
	static const uint32_t labels_twice[] = { 0, 0, 1, 1 }, labels_once[] = { 0, 1, 1 };
	static const double weights[] = { 2, 1, 1 };
	struct hk_calibration a, b;
	assert_int_equal(hk_softmax_fit(&a, twice, labels_twice, NULL, 4, 2), 0);
	assert_int_equal(hk_softmax_fit(&b, once, labels_once, weights, 3, 2), 0);
	assert_true(fabs(a.slope[0] - b.slope[0]) < 1e-6 * fabs(a.slope[0]));
	assert_true(fabs(a.bias[0] - b.bias[0]) < 1e-6 * (1 + fabs(a.bias[0])));
}

static void nothing_to_fit_on_is_refused(void **state)
{
	(void)state;
	struct hk_calibration calibration;
	assert_int_equal(hk_softmax_fit(&calibration, NULL, NULL, NULL, 0, 2), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_slopes_and_biases_are_found_again),
		cmocka_unit_test(scores_that_tell_all_give_finite_probabilities),
		cmocka_unit_test(scores_worse_than_chance_do_not_turn_the_order_round),
		cmocka_unit_test(weights_count_as_copies),
		cmocka_unit_test(nothing_to_fit_on_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
