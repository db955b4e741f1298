/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/math/quantile.h"

enum { MAX_N = 200 };

static int compare_floats(const void *a, const void *b)
{
	const float x = *(const float *)a, y = *(const float *)b;
	return (x > y) - (x < y);
}

/* N values, of which many are alike when there are few DIFFERENT ones. */
static void fill(float *values, uint32_t n, int different, unsigned *seed)
{
	for (uint32_t i = 0; i < n; i++) {
		values[i] = (float)(rand_r(seed) % different);
	}
}

static void a_selected_value_is_where_sorting_puts_it(void **state)
{
	(void)state;
	unsigned seed = 3;
	static const int different[] = { 1, 2, 5, 1000000 };
	for (uint32_t n = 1; n <= MAX_N; n += n < 20 ? 1 : 37) {
		for (size_t d = 0; d < 4; d++) {
			float values[MAX_N] = { 0 }, sorted[MAX_N];
			fill(values, n, different[d], &seed);
			memcpy(sorted, values, sizeof(sorted));
			qsort(sorted, n, sizeof(*sorted), compare_floats);
			for (uint32_t k = 0; k < n; k++) {
				float mixed[MAX_N];
				memcpy(mixed, values, sizeof(mixed));
				assert_float_equal(hk_select(mixed, n, k), sorted[k], 0.0f);
				for (uint32_t i = 0; i < n; i++) {
					assert_true(i <= k || mixed[i] >= sorted[k]);
					assert_true(i >= k || mixed[i] <= sorted[k]);
				}
				qsort(mixed, n, sizeof(*mixed), compare_floats);
				assert_memory_equal(mixed, sorted, n * sizeof(*mixed));
			}
		}
	}
}

static void sorted_and_reversed_values_are_no_trap(void **state)
{
	(void)state;
	float up[MAX_N], down[MAX_N];
	for (uint32_t i = 0; i < MAX_N; i++) {
		up[i] = (float)i;
		down[i] = (float)(MAX_N - 1 - i);
	}
	for (uint32_t k = 0; k < MAX_N; k++) {
		assert_float_equal(hk_select(up, MAX_N, k), (float)k, 0.0f);
		assert_float_equal(hk_select(down, MAX_N, k), (float)k, 0.0f);
	}
}

static void quantiles_are_linear_between_neighbours(void **state)
{
	(void)state;
	/* numpy.quantile([7, 1, 4, 2], [0, 0.25, 0.5, 0.9, 1]) */
	static const float values[] = { 7, 1, 4, 2 };
	static const double q[] = { 0.0, 0.25, 0.5, 0.9, 1.0 };
	static const double expected[] = { 1.0, 1.75, 3.0, 6.1, 7.0 };
	for (size_t i = 0; i < sizeof(q) / sizeof(q[0]); i++) {
		float mixed[4];
		memcpy(mixed, values, sizeof(mixed));
		assert_true(fabs(hk_quantile(mixed, 4, q[i]) - expected[i]) < 1e-12);
	}
	float one = 5.0f;
	assert_true(hk_quantile(&one, 1, 0.5) == 5.0);
}

static void values_that_are_no_numbers_end_too(void **state)
{
	(void)state;
	float values[MAX_N];
	for (uint32_t i = 0; i < MAX_N; i++) {
		values[i] = i % 3 == 0 ? NAN : (float)i;
	}
	for (uint32_t k = 0; k < MAX_N; k++) {
		hk_select(values, MAX_N, k);
	}
	int n_nan = 0;
	for (uint32_t i = 0; i < MAX_N; i++) {
		n_nan += isnan(values[i]) != 0;
	}
	assert_int_equal(n_nan, (MAX_N + 2) / 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_selected_value_is_where_sorting_puts_it),
		cmocka_unit_test(sorted_and_reversed_values_are_no_trap),
		cmocka_unit_test(quantiles_are_linear_between_neighbours),
		cmocka_unit_test(values_that_are_no_numbers_end_too),
	};
	return cmocka_run_group_tests_name("quantile", tests, NULL, NULL);
}
