/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/math/regression.h"

#define N_ELEMENTS(array_) (sizeof(array_) / sizeof((array_)[0]))

static void assert_near(double value, double expected, double tolerance)
{
	if (!(fabs(value - expected) <= tolerance)) {
		fail_msg("%.17g is not within %g of %.17g", value, tolerance, expected);
	}
}

static void a_straight_line_is_found_exactly(void **state)
{
	(void)state;
	static const double x[] = { 1, 2, 3, 4, 5 }, y[] = { 5, 7, 9, 11, 13 };
	struct hk_linear line;
	const struct hk_observations observations = { .x = x, .y = y, .n = 5, .n_terms = 1 };
	assert_int_equal(hk_linear_fit(&line, &observations), 0);
	assert_near(line.coefficients[0], 2.0, 1e-14);
	assert_near(hk_linear_intercept(&line), 3.0, 1e-14);
	assert_near(hk_linear_at(&line, (double[]){ 100.0 }), 203.0, 1e-12);
}

static void errors_and_r2_are_those_of_a_fit_by_hand(void **state)
{
	(void)state;
	/* Anscombe's first set: intercept 3.0001, slope 0.5001, R2 0.6665 (published). */
	static const double x[] = { 10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5 };
	static const double y[] = { 8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82,
		5.68 };
	const size_t n = N_ELEMENTS(x);
	struct hk_linear line;
	const struct hk_observations observations = { .x = x, .y = y, .n = n, .n_terms = 1 };
	assert_int_equal(hk_linear_fit(&line, &observations), 0);
	assert_near(hk_linear_intercept(&line), 3.0001, 5e-5);
	assert_near(line.coefficients[0], 0.5001, 5e-5);
	double predicted[N_ELEMENTS(x)], squares = 0.0, absolute = 0.0, sum = 0.0;
	for (size_t i = 0; i < n; i++) {
		predicted[i] = hk_linear_at(&line, &x[i]);
		sum += y[i] - predicted[i];
		squares += (y[i] - predicted[i]) * (y[i] - predicted[i]);
		absolute += fabs(y[i] - predicted[i]);
	}
	assert_near(sum, 0.0, 1e-12); /* residuals of a fit with intercept cancel */
	assert_near(squares, 13.7627, 5e-5);
	const struct hk_residuals residuals = hk_residuals_of(y, predicted, n);
	assert_near(residuals.mse, squares / (double)n, 1e-14);
	assert_near(residuals.mae, absolute / (double)n, 1e-14);
	assert_near(residuals.r2, 0.6665, 5e-5);
	assert_near(residuals.largest, 1.9213, 5e-5);
}

static void large_offsets_cost_no_digits(void **state)
{
	(void)state;
	/* A year of frames at 192 kHz, a slope of parts per million: uncentred sums of squares
	 * would need 43 more bits than a double has. */
	enum { N = 1000 };
	double x[N], y[N];
	for (size_t i = 0; i < N; i++) {
		x[i] = 6e12 + 480.0 * (double)i;
		y[i] = 1e9 + 50e-6 * (480.0 * (double)i);
	}
	struct hk_linear line;
	const struct hk_observations observations = { .x = x, .y = y, .n = N, .n_terms = 1 };
	assert_int_equal(hk_linear_fit(&line, &observations), 0);
	assert_near(line.coefficients[0], 50e-6, 1e-12); /* y itself is rounded to 1e-7 */
}

static void several_terms_are_told_apart(void **state)
{
	(void)state;
	enum { N = 50, P = 3 };
	double x[N * P], y[N];
	unsigned seed = 5;
	for (size_t i = 0; i < N; i++) {
		for (size_t k = 0; k < P; k++) {
			x[i * P + k] = 1000.0 * (double)k + rand_r(&seed) / (double)RAND_MAX;
		}
		y[i] = 7.0 + x[i * P] - 2.0 * x[i * P + 1] + 0.5 * x[i * P + 2];
	}
	struct hk_linear linear;
	const struct hk_observations observations = { .x = x, .y = y, .n = N, .n_terms = P };
	assert_int_equal(hk_linear_fit(&linear, &observations), 0);
	assert_near(linear.coefficients[0], 1.0, 1e-9);
	assert_near(linear.coefficients[1], -2.0, 1e-9);
	assert_near(linear.coefficients[2], 0.5, 1e-9);
	assert_near(hk_linear_intercept(&linear), 7.0, 1e-6);
}

static void a_weight_counts_as_so_many_observations(void **state)
{
	(void)state;
	static const double x[] = { 0, 1, 2, 3 }, y[] = { 0, 2, 1, 5 }, weights[] = { 1, 3, 0, 2 };
	static const double x_each[] = { 0, 1, 1, 1, 3, 3 }, y_each[] = { 0, 2, 2, 2, 5, 5 };
	struct hk_linear weighted, each;
	const struct hk_observations a = { x, y, weights, N_ELEMENTS(x), 1, 0.0 };
	const struct hk_observations b = { x_each, y_each, NULL, N_ELEMENTS(x_each), 1, 0.0 };
	assert_int_equal(hk_linear_fit(&weighted, &a), 0);
	assert_int_equal(hk_linear_fit(&each, &b), 0);
	assert_near(weighted.coefficients[0], each.coefficients[0], 1e-14);
	assert_near(hk_linear_intercept(&weighted), hk_linear_intercept(&each), 1e-14);
}

static void a_ridge_pulls_the_slope_to_zero_and_no_further(void **state)
{
	(void)state;
	static const double x[] = { -1, 0, 1 }, y[] = { -2, 0, 2 };
	/* Sum of squares about the mean: 2. A ridge as large halves the slope. */
	struct hk_linear line;
	const struct hk_observations observations = { x, y, NULL, 3, 1, 2.0 };
	assert_int_equal(hk_linear_fit(&line, &observations), 0);
	assert_near(line.coefficients[0], 1.0, 1e-14);
}

static void a_quadratic_is_found_with_its_coefficients(void **state)
{
	(void)state;
	double x[21], y[21], coefficients[3];
	for (int i = 0; i < 21; i++) {
		x[i] = 0.5 * i - 3.0;
		y[i] = 2.0 - 3.0 * x[i] + 0.25 * x[i] * x[i];
	}
	struct hk_polynomial polynomial;
	assert_int_equal(hk_polynomial_fit(&polynomial, x, y, 21, 2), 0);
	hk_polynomial_expand(&polynomial, coefficients);
	assert_near(coefficients[0], 2.0, 1e-12);
	assert_near(coefficients[1], -3.0, 1e-12);
	assert_near(coefficients[2], 0.25, 1e-12);
	assert_near(hk_polynomial_at(&polynomial, 10.0), 2.0 - 30.0 + 25.0, 1e-11);
}

static void every_degree_up_to_the_largest_is_found(void **state)
{
	(void)state;
	enum { N = 200 };
	for (uint32_t degree = 1; degree <= HK_MAX_DEGREE; degree++) {
		double x[N], y[N];
		for (size_t i = 0; i < N; i++) {
			x[i] = 50.0 + (double)i / N;
			const double u = 2.0 * (double)i / N - 1.0;
			y[i] = cos(degree * acos(u)); /* Chebyshev: a polynomial of that degree */
		}
		struct hk_polynomial polynomial;
		assert_int_equal(hk_polynomial_fit(&polynomial, x, y, N, degree), 0);
		for (size_t i = 0; i < N; i++) {
			assert_near(hk_polynomial_at(&polynomial, x[i]), y[i], 1e-8);
		}
	}
}

static void degree_0_is_the_mean(void **state)
{
	(void)state;
	static const double x[] = { 1, 2, 3 }, y[] = { 4, 5, 9 };
	struct hk_polynomial polynomial;
	double coefficients[1];
	assert_int_equal(hk_polynomial_fit(&polynomial, x, y, 3, 0), 0);
	hk_polynomial_expand(&polynomial, coefficients);
	assert_near(coefficients[0], 6.0, 1e-14);
	assert_near(hk_polynomial_at(&polynomial, -70.0), 6.0, 1e-14);
}

static void what_determines_no_curve_is_refused(void **state)
{
	(void)state;
	static const double same[] = { 2, 2, 2 }, y[] = { 1, 2, 3 }, two[] = { 1, 2, 1 };
	static const double twice[] = { 1, 2, 2, 4, 3, 6 };
	const double bad[] = { 1, (double)NAN, 3 }, endless[] = { 1, 2, HUGE_VAL };
	struct hk_polynomial polynomial;
	assert_int_equal(hk_polynomial_fit(&polynomial, same, y, 3, 1), -EDOM);
	assert_int_equal(hk_polynomial_fit(&polynomial, two, y, 3, 2), -EDOM);
	assert_int_equal(hk_polynomial_fit(&polynomial, y, y, 0, 1), -EINVAL);
	assert_int_equal(hk_polynomial_fit(&polynomial, bad, y, 3, 1), -EINVAL);
	assert_int_equal(hk_polynomial_fit(&polynomial, y, bad, 3, 1), -EINVAL);
	assert_int_equal(hk_polynomial_fit(&polynomial, endless, y, 3, 0), -EINVAL);
	assert_int_equal(hk_polynomial_fit(&polynomial, y, y, 3, HK_MAX_DEGREE + 1), -EINVAL);
	struct hk_linear linear;
	const struct hk_observations dependent = { twice, y, NULL, 3, 2, 0.0 };
	assert_int_equal(hk_linear_fit(&linear, &dependent), -EDOM);
	static const double nothing[] = { 0, 0, 0 };
	const struct hk_observations unweighted = { y, y, nothing, 3, 1, 0.0 };
	assert_int_equal(hk_linear_fit(&linear, &unweighted), -EINVAL);
}

static void r2_of_a_constant_is_1_only_when_it_is_met(void **state)
{
	(void)state;
	static const double y[] = { 3, 3, 3 }, off[] = { 3, 3, 4 };
	assert_near(hk_residuals_of(y, y, 3).r2, 1.0, 0.0);
	assert_near(hk_residuals_of(y, off, 3).r2, 0.0, 0.0);
	assert_near(hk_residuals_of(off, y, 3).r2, 1.0 - (1.0 / 3.0) / (2.0 / 9.0), 1e-14);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_straight_line_is_found_exactly),
		cmocka_unit_test(errors_and_r2_are_those_of_a_fit_by_hand),
		cmocka_unit_test(large_offsets_cost_no_digits),
		cmocka_unit_test(several_terms_are_told_apart),
		cmocka_unit_test(a_weight_counts_as_so_many_observations),
		cmocka_unit_test(a_ridge_pulls_the_slope_to_zero_and_no_further),
		cmocka_unit_test(a_quadratic_is_found_with_its_coefficients),
		cmocka_unit_test(every_degree_up_to_the_largest_is_found),
		cmocka_unit_test(degree_0_is_the_mean),
		cmocka_unit_test(what_determines_no_curve_is_refused),
		cmocka_unit_test(r2_of_a_constant_is_1_only_when_it_is_met),
	};
	return cmocka_run_group_tests_name("regression", tests, NULL, NULL);
}
