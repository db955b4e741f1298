/* SPDX-License-Identifier: MIT */
#include "core/math/lanes.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { MAX_N = 70 };

static void fill(float *values, size_t n, unsigned *seed)
{
	for (size_t i = 0; i < n; i++) {
		values[i] = (float)rand_r(seed) / (float)RAND_MAX - 0.5f;
	}
}

static void sums_take_every_value_once_however_many_there_are(void **state)
{
	(void)state;
	unsigned seed = 1;
	for (size_t n = 0; n <= MAX_N; n++) {
		float a[MAX_N + 1], b[MAX_N + 1];
		fill(a, MAX_N + 1, &seed);
		fill(b, MAX_N + 1, &seed);
		double sum = 0, squares = 0, dot = 0;
		for (size_t i = 0; i < n; i++) {
			sum += (double)a[i];
			squares += (double)a[i] * (double)a[i];
			dot += (double)a[i] * (double)b[i];
		}
		/* at most 70 roundings of values below 35, each by half of 2^-24 */
		const double float_error = 70 * 35 * 3e-8, double_error = 70 * 35 * 1.2e-16;
		assert_true(fabs((double)hk_lanes_sum(a, n) - sum) <= float_error);
		assert_true(fabs((double)hk_lanes_dot(a, b, n) - dot) <= float_error);
		assert_true(fabs(hk_lanes_power_sum(a, n, 1) - sum) <= double_error);
		assert_true(fabs(hk_lanes_power_sum(a, n, 2) - squares) <= double_error);
	}
}

static void the_peak_is_the_largest_magnitude_wherever_it_stands(void **state)
{
	(void)state;
	for (size_t n = 1; n <= MAX_N; n++) {
		for (size_t at = 0; at < n; at++) {
			float values[MAX_N];
			for (size_t i = 0; i < n; i++) {
				values[i] = i % 2 ? 0.25f : -0.25f;
			}
			values[at] = at % 3 ? -3.5f : 3.5f;
			assert_float_equal(hk_lanes_peak(values, n), 3.5f, 0.0f);
		}
	}
	assert_float_equal(hk_lanes_peak(NULL, 0), 0.0f, 0.0f);
	const float faint[] = { 0.0f, -1e-40f, 0.0f };
	assert_float_equal(hk_lanes_peak(faint, 3), 1e-40f, 0.0f);
}

static void logarithms_are_those_of_the_library(void **state)
{
	(void)state;
	unsigned seed = 2;
	for (int exponent = -126; exponent <= 127; exponent++) {
		for (int i = 0; i < 200; i++) {
			const float mantissa =
				i == 0 ? 1.0f : 1.0f + (float)rand_r(&seed) / (float)RAND_MAX;
			const float x = ldexpf(mantissa, exponent - (mantissa >= 2.0f));
			const double expected = log((double)x);
			const double error = fabs((double)hk_lanes_log(x) - expected);
			assert_true(error <= 2e-7 * fmax(1.0, fabs(expected)));
		}
	}
	assert_float_equal(hk_lanes_log(1.0f), 0.0f, 0.0f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_take_every_value_once_however_many_there_are),
		cmocka_unit_test(the_peak_is_the_largest_magnitude_wherever_it_stands),
		cmocka_unit_test(logarithms_are_those_of_the_library),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
