/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/features/framing.h"

static const float ramp[10] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 };

static void assert_frame(struct hk_framing *framing, uint32_t t, const float expected[8])
{
	const float *frame = hk_framing_frame(framing, ramp, t);
	for (size_t i = 0; i < 8; i++) {
		assert_true(frame[i] == expected[i]);
	}
}

static void the_ends_of_a_window_are_continued_with_zeros(void **state)
{
	(void)state;
	struct hk_framing framing;
	assert_int_equal(hk_framing_init(&framing, 10, 8, 3, HK_PAD_CONSTANT), 0);
	assert_int_equal(framing.n_frames, 4);
	assert_frame(&framing, 0, (float[8]){ 0, 0, 0, 0, 0, 1, 2, 3 });
	assert_frame(&framing, 1, (float[8]){ 0, 0, 1, 2, 3, 4, 5, 6 });
	assert_frame(&framing, 2, (float[8]){ 2, 3, 4, 5, 6, 7, 8, 9 });
	assert_frame(&framing, 3, (float[8]){ 5, 6, 7, 8, 9, 0, 0, 0 });
	hk_framing_finish(&framing);
}

static void the_ends_of_a_window_are_continued_with_their_mirror_image(void **state)
{
	(void)state;
	struct hk_framing framing;
	assert_int_equal(hk_framing_init(&framing, 10, 8, 3, HK_PAD_REFLECT), 0);
	assert_frame(&framing, 0, (float[8]){ 4, 3, 2, 1, 0, 1, 2, 3 });
	assert_frame(&framing, 1, (float[8]){ 1, 0, 1, 2, 3, 4, 5, 6 });
	assert_frame(&framing, 3, (float[8]){ 5, 6, 7, 8, 9, 8, 7, 6 });
	hk_framing_finish(&framing);
}

static void the_shortest_window_that_can_be_mirrored_is(void **state)
{
	(void)state;
	struct hk_framing framing;
	assert_int_equal(hk_framing_init(&framing, 5, 8, 5, HK_PAD_REFLECT), 0);
	assert_frame(&framing, 0, (float[8]){ 4, 3, 2, 1, 0, 1, 2, 3 });
	assert_frame(&framing, 1, (float[8]){ 1, 2, 3, 4, 3, 2, 1, 0 });
	hk_framing_finish(&framing);
}

static void a_window_shorter_than_a_frame_has_frames_all_the_same(void **state)
{
	(void)state;
	struct hk_framing framing;
	assert_int_equal(hk_framing_init(&framing, 2, 8, 1, HK_PAD_CONSTANT), 0);
	assert_int_equal(framing.n_frames, 3);
	assert_frame(&framing, 0, (float[8]){ 0, 0, 0, 0, 0, 1, 0, 0 });
	assert_frame(&framing, 1, (float[8]){ 0, 0, 0, 0, 1, 0, 0, 0 });
	assert_frame(&framing, 2, (float[8]){ 0, 0, 0, 1, 0, 0, 0, 0 });
	hk_framing_finish(&framing);
}

static void a_frame_within_the_window_is_not_copied(void **state)
{
	(void)state;
	struct hk_framing framing;
	assert_int_equal(hk_framing_init(&framing, 10, 4, 2, HK_PAD_CONSTANT), 0);
	assert_ptr_equal(hk_framing_frame(&framing, ramp, 1), ramp);
	assert_ptr_equal(hk_framing_frame(&framing, ramp, 4), ramp + 6);
	assert_ptr_equal(hk_framing_frame(&framing, ramp, 5), framing.padded);
	hk_framing_finish(&framing);
	hk_framing_finish(&framing);
	hk_framing_finish(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_ends_of_a_window_are_continued_with_zeros),
		cmocka_unit_test(the_ends_of_a_window_are_continued_with_their_mirror_image),
		cmocka_unit_test(the_shortest_window_that_can_be_mirrored_is),
		cmocka_unit_test(a_window_shorter_than_a_frame_has_frames_all_the_same),
		cmocka_unit_test(a_frame_within_the_window_is_not_copied),
	};
	return cmocka_run_group_tests_name("framing", tests, NULL, NULL);
}
