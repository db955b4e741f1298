/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/classifier/calibration.h"

/* As many classes as the tests below have scores. */
static const struct hk_svm three = { .n_classes = 3, .n_decisions = 3 };

static void apply(
	const struct hk_calibration *calibration, const double *scores, double ret_probabilities[3])
{
	hk_calibration_apply(calibration, &three, scores, NULL, ret_probabilities);
	double sum = 0;
	for (int i = 0; i < 3; i++) {
		assert_true(isfinite(ret_probabilities[i]));
		assert_true(ret_probabilities[i] >= 0);
		sum += ret_probabilities[i];
	}
	assert_true(fabs(sum - 1) < 1e-12);
}

static void without_calibration_the_scores_softmax(void **state)
{
	(void)state;
	const struct hk_calibration calibration = { .method = HK_CALIBRATION_NONE };
	double p[3];
	apply(&calibration, (const double[]){ log(1), log(2), log(5) }, p);
	assert_true(fabs(p[0] - 0.125) < 1e-12);
	assert_true(fabs(p[2] - 0.625) < 1e-12);
}

static void softmax_has_one_slope_and_a_bias_a_class(void **state)
{
	(void)state;
	const struct hk_calibration calibration = {
		.method = HK_CALIBRATION_SOFTMAX, .slope = { 2, 77, 77 }, .bias = { 0, log(3), 0 }
	};
	double p[3];
	apply(&calibration, (const double[]){ 0.5 * log(4), 0, 0 }, p);
	assert_true(fabs(p[0] - 0.5) < 1e-12);
	assert_true(fabs(p[1] - 0.375) < 1e-12);
}

static void sigmoids_are_normalised(void **state)
{
	(void)state;
	const struct hk_calibration calibration = {
		.method = HK_CALIBRATION_SIGMOID, .slope = { 1, 2, 1 }, .bias = { 0, 0, -log(3) }
	};
	double p[3]; /* sigmoids 1/2, 1/2, 1/4 */
	apply(&calibration, (const double[]){ 0, 0, 0 }, p);
	assert_true(fabs(p[0] - 0.4) < 1e-12);
	assert_true(fabs(p[1] - 0.4) < 1e-12);
	assert_true(fabs(p[2] - 0.2) < 1e-12);
}

static void extreme_scores_still_give_probabilities(void **state)
{
	(void)state;
	static const double extremes[][3] = {
		{ 1e130, -1e130, 0 },
		{ -1e130, -1e130, -1e130 },
		{ -800, -801, -900 }, /* sigmoids below the smallest double */
		{ 1e130, 1e130, 1e130 },
	};
	for (enum hk_calibration_method method = HK_CALIBRATION_NONE;
		method <= HK_CALIBRATION_SIGMOID; method++) {
		const struct hk_calibration calibration = { .method = method,
			.slope = { 1, 1, 1 } };
		for (size_t i = 0; i < sizeof(extremes) / sizeof(extremes[0]); i++) {
			double p[3];
			apply(&calibration, extremes[i], p);
			assert_true(p[0] >= p[1]);
		}
	}
}

static void the_libsvm_method_uses_the_models_own_sigmoids(void **state)
{
	(void)state;
	double prob_a[] = { -2 }, prob_b[] = { 0.5 };
	uint32_t labels[] = { 1, 0 };
	const struct hk_svm svm = { .n_classes = 2,
		.n_decisions = 1,
		.labels = labels,
		.prob_a = prob_a,
		.prob_b = prob_b };
	const struct hk_calibration calibration = { .method = HK_CALIBRATION_LIBSVM };
	const double decisions[] = { 0.3 };
	double p[2];
	hk_calibration_apply(&calibration, &svm, NULL, decisions, p);
	assert_true(fabs(p[1] - 1 / (1 + exp(-2 * 0.3 + 0.5))) < 1e-12);
	assert_true(fabs(p[0] + p[1] - 1) < 1e-12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_calibration_the_scores_softmax),
		cmocka_unit_test(softmax_has_one_slope_and_a_bias_a_class),
		cmocka_unit_test(sigmoids_are_normalised),
		cmocka_unit_test(extreme_scores_still_give_probabilities),
		cmocka_unit_test(the_libsvm_method_uses_the_models_own_sigmoids),
	};
	return cmocka_run_group_tests_name("calibration", tests, NULL, NULL);
}
