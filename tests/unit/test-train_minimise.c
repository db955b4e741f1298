/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "learning/learners/minimise.h"

#define N 50

static unsigned n_calls;

/* sum (i + 1)^2 (x_i - i)^2 / 2: the widths of its valley differ by a factor of 2500. */
static double valley(void *owner, const double *x, double *ret_gradient)
{
	(void)owner;
	double sum = 0;
	n_calls++;
	for (int i = 0; i < N; i++) {
		const double steep = (i + 1) * (i + 1), away = x[i] - i;
		sum += steep * away * away / 2;
		ret_gradient[i] = steep * away;
	}
	return sum;
}

static void the_bottom_of_a_narrow_valley_is_found(void **state)
{
	(void)state;
	double x[N] = { 0 };
	const struct hk_minimisation problem = {
		.function = valley, .n = N, .tolerance = 1e-12, .max_steps = 1000
	};
	const int n_steps = hk_minimise(&problem, x);
	assert_in_range(n_steps, 1, 999);
	for (int i = 0; i < N; i++) {
		assert_true(fabs(x[i] - i) < 1e-6);
	}
}

/* log(cosh(x - 3)): convex, straight far away, where whole Newton steps would go astray. */
static double soft(void *owner, const double *x, double *ret_gradient)
{
	(void)owner;
	*ret_gradient = tanh(*x - 3);
	return fabs(*x - 3) + log1p(exp(-2 * fabs(*x - 3)));
}

static void a_start_far_away_is_no_hindrance(void **state)
{
	(void)state;
	double x = 500;
	const struct hk_minimisation problem = {
		.function = soft, .n = 1, .tolerance = 1e-9, .max_steps = 1000
	};
	assert_in_range(hk_minimise(&problem, &x), 1, 999);
	assert_true(fabs(x - 3) < 1e-6);
}

static void no_more_steps_are_taken_than_allowed(void **state)
{
	(void)state;
	double x[N] = { 0 };
	const struct hk_minimisation problem = {
		.function = valley, .n = N, .tolerance = 0, .max_steps = 3
	};
	assert_int_equal(hk_minimise(&problem, x), 3);
}

static void who_stands_at_the_minimum_stays_there(void **state)
{
	(void)state;
	double x[N];
	for (int i = 0; i < N; i++) {
		x[i] = i;
	}
	const struct hk_minimisation problem = {
		.function = valley, .n = N, .tolerance = 1e-6, .max_steps = 100
	};
	n_calls = 0;
	assert_int_equal(hk_minimise(&problem, x), 0);
	assert_int_equal(n_calls, 1);
	for (int i = 0; i < N; i++) {
		assert_true(x[i] == i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_bottom_of_a_narrow_valley_is_found),
		cmocka_unit_test(a_start_far_away_is_no_hindrance),
		cmocka_unit_test(no_more_steps_are_taken_than_allowed),
		cmocka_unit_test(who_stands_at_the_minimum_stays_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
