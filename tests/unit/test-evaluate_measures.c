/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "clients/evaluate/description.h"
#include "learning/scoring/curves.h"
#include "learning/scoring/matching.h"
#include "learning/scoring/poisson.h"

static void bounds_of_poisson_counts_are_those_of_the_tables(void **state)
{
	(void)state;
	/* scipy.stats.chi2.ppf(0.95, 2 * (n + 1)) / 2 */
	static const double expected[] = { 2.995732273553991, 4.743864518390576, 6.295793621871988,
		7.753656527932725 };
	for (size_t n = 0; n < 4; n++) {
		assert_true(fabs(hk_poisson_upper(n, 0.95) - expected[n]) < 1e-9);
	}
	assert_true(fabs(hk_poisson_upper(100, 0.95) - 118.07927278209706) < 1e-9);
}

static void pairs_are_as_many_as_possible_and_no_event_is_in_two(void **state)
{
	(void)state;
	/* The first truth could take either, the second only the first of them. */
	static const struct hk_interval truths[] = { { 10, 20 }, { 9.2, 20 } };
	static const struct hk_interval found[] = { { 10, 20 }, { 10.9, 20 } };
	static const struct hk_collar collar = { 1.0, 0.5 };
	size_t n;
	assert_int_equal(hk_match(truths, 2, found, 2, &collar, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(hk_match(truths, 2, found, 1, &collar, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(hk_match(truths, 0, found, 2, &collar, &n), 0);
	assert_int_equal(n, 0);
}

static void an_offset_may_be_off_by_its_share_of_the_length(void **state)
{
	(void)state;
	static const struct hk_interval truth = { 0, 10 }, near = { 0.5, 14.9 },
					far = { 0.5, 15.1 };
	static const struct hk_collar collar = { 1.0, 0.5 };
	size_t n;
	assert_int_equal(hk_match(&truth, 1, &near, 1, &collar, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(hk_match(&truth, 1, &far, 1, &collar, &n), 0);
	assert_int_equal(n, 0);
}

static void a_threshold_keeps_what_is_at_or_above_it(void **state)
{
	(void)state;
	static const uint32_t labels[] = { 0, 0, 1, 1 };
	static const double p[] = { 0.9, 0.1, 0.5, 0.5, 0.7, 0.3, 0.2, 0.8 };
	struct hk_threshold_curve curve;
	hk_threshold_curve_of(&curve, 0, labels, p, 4, 2);
	assert_true(curve.recall[0] == 1 && curve.precision[0] == 0.5);
	assert_true(curve.recall[50] == 1 && fabs(curve.precision[50] - 2 / 3.0) < 1e-12);
	assert_true(curve.recall[51] == 0.5 && curve.precision[51] == 0.5);
	assert_true(curve.false_share[51] == 0.5 && curve.false_share[71] == 0);
	assert_true(curve.recall[100] == 0 && isnan(curve.precision[100]));
	assert_int_equal(curve.best, 50);
}

static void reliability_is_the_mean_of_each_bin(void **state)
{
	(void)state;
	static const uint32_t labels[] = { 0, 1, 1 };
	static const double p[] = { 0.99, 0.01, 0.97, 0.03, 0.5, 0.5 };
	struct hk_reliability reliability;
	hk_reliability_of(&reliability, labels, p, 3, 2);
	assert_int_equal(reliability.n[14], 2);
	assert_true(fabs(reliability.confidence[14] - 0.98) < 1e-12);
	assert_true(reliability.accuracy[14] == 0.5);
	assert_int_equal(reliability.n[7], 1); /* 0.5 of 15 bins */
}

static void a_feature_is_described_as_pandas_does(void **state)
{
	(void)state;
	/* pandas.Series([3, 1, 4, 1, 5]).describe() */
	static const float rows[] = { 3, 0, 1, 0, 4, 0, 1, 0, 5, 0 };
	float scratch[5];
	struct hk_description d;
	hk_describe(&d, rows, 5, 2, 0, scratch);
	assert_true(fabs(d.mean - 2.8) < 1e-12 && fabs(d.std - 1.7888543819998317) < 1e-12);
	assert_true(d.min == 1 && d.lower_quartile == 1 && d.median == 3);
	assert_true(d.upper_quartile == 4 && d.max == 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bounds_of_poisson_counts_are_those_of_the_tables),
		cmocka_unit_test(pairs_are_as_many_as_possible_and_no_event_is_in_two),
		cmocka_unit_test(an_offset_may_be_off_by_its_share_of_the_length),
		cmocka_unit_test(a_threshold_keeps_what_is_at_or_above_it),
		cmocka_unit_test(reliability_is_the_mean_of_each_bin),
		cmocka_unit_test(a_feature_is_described_as_pandas_does),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
