/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/known.h"

static void words_stand_apart_by_commas(void **state)
{
	(void)state;
	struct hk_known known = { .length = 0 };
	assert_string_equal(known.text, "");
	hk_known_add(&known, "[%s]", "audio");
	hk_known_add(&known, "%.*s", 3, "model.sock");
	assert_string_equal(known.text, "[audio], mod");
	assert_int_equal(known.length, strlen(known.text));
}

static void a_word_that_finds_no_room_is_left_out_whole(void **state)
{
	(void)state;
	struct hk_known known = { .length = 0 };
	char large[2 * sizeof(known.text)];
	memset(large, 'x', sizeof(large));
	hk_known_add(&known, "%.*s", (int)sizeof(known.text), large);
	assert_string_equal(known.text, "");
	hk_known_add(&known, "%.*s", (int)sizeof(known.text) - 6, large);
	assert_int_equal(known.length, sizeof(known.text) - 6);
	hk_known_add(&known, "abcd"); /* with its comma one byte too much */
	assert_int_equal(known.length, strlen(known.text));
	assert_int_equal(known.length, sizeof(known.text) - 6);
	hk_known_add(&known, "abc");
	assert_int_equal(known.length, sizeof(known.text) - 1);
	assert_string_equal(known.text + known.length - 6, "x, abc");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_stand_apart_by_commas),
		cmocka_unit_test(a_word_that_finds_no_room_is_left_out_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
