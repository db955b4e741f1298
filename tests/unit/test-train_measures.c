/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "learning/validation/measures.h"

/* Made with scikit-learn 1.2.1: classification_report of these two lists. */
static const uint32_t truth[] = { 0, 0, 0, 0, 1, 1, 1, 2, 2, 2 };
static const uint32_t decided[] = { 0, 0, 1, 2, 1, 1, 0, 2, 2, 2 };

static void classes_are_measured_as_scikit_learn_does(void **state)
{
	(void)state;
	static const double expected[3][3] = { { 2 / 3.0, 2 / 4.0, 4 / 7.0 },
		{ 2 / 3.0, 2 / 3.0, 2 / 3.0 }, { 3 / 4.0, 1, 6 / 7.0 } };
	struct hk_measures measures;
	hk_measure(&measures, truth, decided, NULL, 10, 3);
	for (int c = 0; c < 3; c++) {
		assert_true(fabs(measures.classes[c].precision - expected[c][0]) < 1e-12);
		assert_true(fabs(measures.classes[c].recall - expected[c][1]) < 1e-12);
		assert_true(fabs(measures.classes[c].f1 - expected[c][2]) < 1e-12);
	}
	assert_true(fabs(measures.accuracy - 0.7) < 1e-12);
	assert_true(fabs(measures.balanced_accuracy - (0.5 + 2 / 3.0 + 1) / 3) < 1e-12);
	assert_true(fabs(measures.macro_f1 - (4 / 7.0 + 2 / 3.0 + 6 / 7.0) / 3) < 1e-12);
	assert_int_equal(measures.confusion[0][2], 1);
}

static void a_class_without_rows_does_not_count(void **state)
{
	(void)state;
	struct hk_measures measures;
	hk_measure(&measures, truth, decided, NULL, 4, 3); /* class 0 only */
	assert_true(fabs(measures.balanced_accuracy - 0.5) < 1e-12);
	assert_true(measures.classes[1].recall == 0 && measures.classes[1].n == 0);
}

static void sure_and_right_has_no_calibration_error(void **state)
{
	(void)state;
	static const uint32_t labels[] = { 0, 1 };
	static const double sure[] = { 1, 0, 0, 1 };
	struct hk_measures measures;
	hk_measure(&measures, labels, labels, sure, 2, 2);
	assert_true(measures.ece == 0 && measures.brier == 0);
}

static void overconfidence_is_the_distance_from_the_accuracy(void **state)
{
	(void)state;
	/* 0.9 sure in four rows, right in two of them. */
	static const uint32_t labels[] = { 0, 0, 1, 1 }, says[] = { 0, 0, 0, 0 };
	static const double p[] = { 0.9, 0.1, 0.9, 0.1, 0.9, 0.1, 0.9, 0.1 };
	struct hk_measures measures;
	hk_measure(&measures, labels, says, p, 4, 2);
	assert_true(fabs(measures.ece - 0.4) < 1e-12);
	assert_true(fabs(measures.brier - (2 * 0.02 + 2 * 1.62) / 4) < 1e-12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classes_are_measured_as_scikit_learn_does),
		cmocka_unit_test(a_class_without_rows_does_not_count),
		cmocka_unit_test(sure_and_right_has_no_calibration_error),
		cmocka_unit_test(overconfidence_is_the_distance_from_the_accuracy),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
