/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
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

static void every_byte_that_is_no_utf8_is_marked_and_nothing_else_changes(void **state)
{
	(void)state;
	static const struct {
		const char *text, *valid, *repaired;
	} rows[] = {
		{ "", "", "" },
		{ "T\303\274r \360\237\224\224", "T\303\274r \360\237\224\224",
			"T\303\274r \360\237\224\224" },
		{ "\377a\344z", "\357\277\275a\357\277\275z", "?a?z" },
		{ "gr\303\274\303", "gr\303\274\357\277\275", "gr\303\274?" },
		{ "\355\240\200", "\357\277\275\357\277\275\357\277\275", "???" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *valid = hk_utf8_valid(rows[i].text), text[64];
		assert_non_null(valid);
		assert_string_equal(valid, rows[i].valid);
		free(valid);
		snprintf(text, sizeof(text), "%s", rows[i].text);
		hk_utf8_repair(text);
		assert_string_equal(text, rows[i].repaired);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_prefix_ends_between_characters),
		cmocka_unit_test(every_byte_that_is_no_utf8_is_marked_and_nothing_else_changes),
		cmocka_unit_test(every_character_survives),
		cmocka_unit_test(what_is_no_utf8_is_refused),
	};
	return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
