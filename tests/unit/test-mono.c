/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/audio/downmix.h"

static void test_a_channel_is_taken_as_it_is(void **state)
{
	const float frames[] = { 0.1F, 0.2F, 0.3F, 0.4F, 0.5F, 0.6F };
	float mono[2];
	(void)state;
	hk_downmix(frames, 2, 3, 2, mono);
	assert_true(mono[0] == 0.2F && mono[1] == 0.5F);
}

static void test_the_mean_of_all_is_rounded_once(void **state)
{
	const float frames[] = { 0.1F, 0.2F, 0.6F, 1e8F, 1.0F, -1e8F };
	float mono[2];
	(void)state;
	hk_downmix(frames, 2, 3, 0, mono);
	assert_true(mono[0] == (float)(((double)0.1F + (double)0.2F + (double)0.6F) / 3));
	/* In single precision the 1 would be gone. */
	assert_true(mono[1] == (float)(1.0 / 3));
}

static void test_what_is_no_sound_counts_as_zero(void **state)
{
	const float frames[] = { NAN, 0.5F, INFINITY, 0.25F };
	float mono[2];
	(void)state;
	hk_downmix(frames, 2, 2, 0, mono);
	assert_true(mono[0] == 0.25F && mono[1] == 0.125F);
	hk_downmix(frames, 2, 2, 1, mono);
	assert_true(mono[0] == 0.0F && mono[1] == 0.0F);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_channel_is_taken_as_it_is),
		cmocka_unit_test(test_the_mean_of_all_is_rounded_once),
		cmocka_unit_test(test_what_is_no_sound_counts_as_zero),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
