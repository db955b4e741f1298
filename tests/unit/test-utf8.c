/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/utf8.h"

static void every_character_survives(void **state)
{
	(void)state;
	for (uint32_t code = 0; code <= 0x10ffff; code++) {
		char text[4];
		uint32_t again = UINT32_MAX;
		const size_t n = hk_utf8_encode(code, text);
		if (code >= 0xd800 && code <= 0xdfff) {
			assert_int_equal(hk_utf8_decode(text, n, &again), 0);
			continue;
		}
		assert_int_equal(hk_utf8_decode(text, n, &again), n);
		assert_int_equal(again, code);
		assert_int_equal(hk_utf8_decode(text, n - 1, &again), 0); /* cut */
	}
}

static void what_is_no_utf8_is_refused(void **state)
{
	(void)state;
	static const char *const wrong[] = { "\200", "\277", "\300\257", "\301\277", "\340\200\200",
		"\355\240\200", "\360\200\200\200", "\364\220\200\200", "\370\210\200\200\200",
		"\377", "\303(", "\342\202(" };
	uint32_t code;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(hk_utf8_decode(wrong[i], strlen(wrong[i]), &code), 0);
	}
}

static void a_prefix_ends_between_characters(void **state)
{
	(void)state;
	assert_int_equal(hk_utf8_prefix("T\303\274r", 0), 0);
	assert_int_equal(hk_utf8_prefix("T\303\274r", 2), 3);
	assert_int_equal(hk_utf8_prefix("T\303\274r", 3), 4);
	assert_int_equal(hk_utf8_prefix("T\303\274r", 99), 4);
	assert_int_equal(hk_utf8_prefix("\377\303x", 2), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_prefix_ends_between_characters),
		cmocka_unit_test(every_character_survives),
		cmocka_unit_test(what_is_no_utf8_is_refused),
	};
	return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
