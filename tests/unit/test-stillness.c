/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/audio/stillness.h"

#define STEP (1.0F / 32768.0F)

/* How long N samples of PATTERN have stood still at their end. */
static uint64_t still_after(const float *pattern, size_t n_pattern, size_t n)
{
	struct hk_stillness still = { 0 };
	for (size_t i = 0; i < n; i++) {
		hk_stillness_push(&still, pattern[i % n_pattern]);
	}
	return still.n_still;
}

static void any_constant_is_still(void **state)
{
	const float constants[] = { 0.0F, -STEP, 1.0F, -1.0F, 0.25F, 1e-30F };
	(void)state;
	for (size_t i = 0; i < sizeof(constants) / sizeof(constants[0]); i++) {
		assert_int_equal(still_after(&constants[i], 1, 1000), 1000);
	}
}

static void a_toggling_bit_and_the_mean_of_several_are_still(void **state)
{
	const float bit[] = { 0.0F, -STEP, -STEP };
	const float high[] = { 1.0F - STEP, 1.0F - 2 * STEP };
	const float mean[] = { 0.0F, STEP / 3, 2 * STEP / 3, STEP };
	const float bit_24[] = { 0.0F, 1.0F / 8388608.0F };
	(void)state;
	assert_int_equal(still_after(bit, 3, 1000), 1000);
	assert_int_equal(still_after(high, 2, 1000), 1000);
	assert_int_equal(still_after(mean, 4, 1000), 1000);
	assert_int_equal(still_after(bit_24, 2, 1000), 1000);
}

static void the_quietest_sound_is_not(void **state)
{
	const float three_values[] = { 0.0F, STEP, 0.0F, -STEP };
	(void)state;
	assert_true(still_after(three_values, 4, 1000) < 4);
	struct hk_stillness still = { 0 };
	uint64_t longest = 0;
	for (int i = 0; i < 1000; i++) { /* far below one bit, but never the same */
		hk_stillness_push(&still, 1e-6F * sinf((float)i));
		longest = still.n_still > longest ? still.n_still : longest;
	}
	assert_int_equal(longest, HK_STILL_VALUES);
}

static void a_change_begins_a_new_stillness_with_itself(void **state)
{
	struct hk_stillness still = { 0 };
	(void)state;
	for (int i = 0; i < 10; i++) {
		hk_stillness_push(&still, 0.5F);
	}
	hk_stillness_push(&still, 0.6F);
	assert_int_equal(still.n_still, 1);
	hk_stillness_push(&still, 0.6F);
	assert_int_equal(still.n_still, 2);
	assert_float_equal(still.lowest, 0.6F, 0);
	assert_float_equal(still.highest, 0.6F, 0);
}

static void a_run_gives_what_its_samples_give(void **state)
{
	unsigned seed = 1;
	(void)state;
	for (int round = 0; round < 300; round++) {
		struct hk_stillness one = { 0 }, run = { 0 };
		const float scale = STEP * (float)(round % 5 + 1) / 2;
		for (int block = 0; block < 20; block++) {
			float samples[2 * 50];
			const size_t n = 1 + (size_t)rand_r(&seed) % 50;
			const int n_values = rand_r(&seed) % 6 + 1;
			for (size_t i = 0; i < n; i++) {
				samples[2 * i] = scale * (float)(rand_r(&seed) % n_values);
				samples[2 * i + 1] = 1.0F; /* another channel's */
				hk_stillness_push(&one, samples[2 * i]);
			}
			hk_stillness_run(&run, samples, n, 2);
			assert_int_equal(run.n_still, one.n_still);
			assert_int_equal(run.n_values, one.n_values);
			assert_float_equal(run.lowest, one.lowest, 0);
			assert_float_equal(run.highest, one.highest, 0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_constant_is_still),
		cmocka_unit_test(a_toggling_bit_and_the_mean_of_several_are_still),
		cmocka_unit_test(the_quietest_sound_is_not),
		cmocka_unit_test(a_change_begins_a_new_stillness_with_itself),
		cmocka_unit_test(a_run_gives_what_its_samples_give),
	};
	return cmocka_run_group_tests_name("stillness", tests, NULL, NULL);
}
