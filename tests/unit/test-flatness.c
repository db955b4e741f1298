/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/features/flatness.h"

enum { MAX_BINS = 5000 };

/* Powers over many orders of magnitude. */
static void fill_powers(float *power, size_t n, double decades)
{
	uint32_t x = 4711;
	for (size_t k = 0; k < n; k++) {
		x = x * 1664525u + 1013904223u;
		power[k] = (float)pow(10.0, ((double)x / UINT32_MAX - 0.5) * decades);
	}
}

static double exact_flatness(const float *power, size_t n)
{
	double log_sum = 0.0;
	double sum = 0.0;
	for (size_t k = 0; k < n; k++) {
		const double p = fmax(1e-10, (double)power[k]);
		log_sum += log(p);
		sum += p;
	}
	return exp(log_sum / (double)n) / (sum / (double)n);
}

static void assert_flatness(const float *power, size_t n, double expected)
{
	/* a run's float32 sums and products: some dozen roundings of 6e-8 */
	const double flatness = hk_flatness(power, n);
	if (!(fabs(flatness / expected - 1.0) <= 2e-6)) {
		fail_msg("%zu bins: %.9g, expected %.9g", n, flatness, expected);
	}
}

static void any_number_of_bins_has_the_quotient_of_the_means(void **state)
{
	(void)state;
	float power[MAX_BINS];
	fill_powers(power, MAX_BINS, 12.0);
	for (size_t n = 1; n <= 40; n++) {
		assert_flatness(power, n, exact_flatness(power, n));
	}
	for (size_t n = 200; n <= MAX_BINS; n += 101) {
		assert_flatness(power, n, exact_flatness(power, n));
	}
	assert_flatness(power, 1025, exact_flatness(power, 1025));
}

static void the_same_power_everywhere_is_flat(void **state)
{
	(void)state;
	static const float levels[] = { 1e-10f, 1e-3f, 1.9999999f, 3e30f };
	float power[1025];
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		for (size_t k = 0; k < 1025; k++) {
			power[k] = levels[i];
		}
		assert_flatness(power, 1025, 1.0);
	}
}

static void silence_and_less_than_the_floor_are_flat(void **state)
{
	(void)state;
	float power[1025] = { 0 };
	power[3] = 1e-20f;
	power[4] = 1e-44f;
	assert_flatness(power, 1025, 1.0);
}

static void a_lone_line_is_far_from_flat(void **state)
{
	(void)state;
	float power[1025] = { 0 };
	power[100] = 1e6f;
	assert_flatness(power, 1025, exact_flatness(power, 1025));
	assert_true(hk_flatness(power, 1025) < 1e-12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_number_of_bins_has_the_quotient_of_the_means),
		cmocka_unit_test(the_same_power_everywhere_is_flat),
		cmocka_unit_test(silence_and_less_than_the_floor_are_flat),
		cmocka_unit_test(a_lone_line_is_far_from_flat),
	};
	return cmocka_run_group_tests_name("flatness", tests, NULL, NULL);
}
