/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "clients/draw/colour_map.h"

/* Relative luminance of a screen's colours, without their gamma: enough for an order. */
static double lightness(struct hk_rgb colour)
{
	return 0.299 * colour.red + 0.587 * colour.green + 0.114 * colour.blue;
}

static void more_is_lighter_everywhere(void **state)
{
	(void)state;
	for (int i = 1; i <= 64; i++) {
		assert_true(lightness(hk_colour_map(i / 64.0)) >
			lightness(hk_colour_map((i - 1) / 64.0)));
	}
}

static void the_ends_are_nearly_black_and_nearly_white(void **state)
{
	(void)state;
	assert_true(lightness(hk_colour_map(0)) < 5);
	assert_true(lightness(hk_colour_map(1)) > 230);
}

static void what_is_outside_is_the_nearer_end(void **state)
{
	(void)state;
	const struct hk_rgb below = hk_colour_map(-3), low = hk_colour_map(0);
	const struct hk_rgb above = hk_colour_map(1e9), high = hk_colour_map(1);
	assert_memory_equal(&below, &low, sizeof(low));
	assert_memory_equal(&above, &high, sizeof(high));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(more_is_lighter_everywhere),
		cmocka_unit_test(the_ends_are_nearly_black_and_nearly_white),
		cmocka_unit_test(what_is_outside_is_the_nearer_end),
	};
	return cmocka_run_group_tests_name("colour_map", tests, NULL, NULL);
}
