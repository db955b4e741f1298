/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/known.h"

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

static void letters_that_differ_are_counted(void **state)
{
	(void)state;
	static const struct {
		const char *a, *b;
		size_t distance;
	} rows[] = { { "", "", 0 }, { "", "ab", 2 }, { "a", "a", 0 }, { "stauts", "status", 1 },
		{ "vaccum", "vacuum", 1 }, { "Silence", "silence", 0 }, { "kitten", "sitting", 3 },
		{ "ca", "abc", 3 }, { "fire_alrm", "fire_alarm", 1 } };
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(hk_edit_distance(rows[i].a, rows[i].b), rows[i].distance);
		assert_int_equal(hk_edit_distance(rows[i].b, rows[i].a), rows[i].distance);
	}
	char large[300];
	memset(large, 'x', sizeof(large) - 1);
	large[sizeof(large) - 1] = '\0';
	assert_int_equal(hk_edit_distance(large, ""), HK_EDIT_MAX);
}

static void the_word_that_was_meant_is_named_and_no_other(void **state)
{
	(void)state;
	static const char *const words[] = { "status", "events", "on", "vacuum_cleaner", NULL };
	static const struct {
		const char *asked, *hint;
	} rows[] = { { "stauts", " (did you mean status?)" },
		{ "EVENTS", " (did you mean events?)" }, { "even", " (did you mean events?)" },
		{ "vacuum", " (did you mean vacuum_cleaner?)" }, { "no", "" }, { "", "" },
		{ "statistics", "" } };
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct hk_known known = { .asked = rows[i].asked };
		hk_known_add_all(&known, words);
		assert_string_equal(known.hint, rows[i].hint);
		assert_string_equal(known.text, "status, events, on, vacuum_cleaner");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_stand_apart_by_commas),
		cmocka_unit_test(letters_that_differ_are_counted),
		cmocka_unit_test(the_word_that_was_meant_is_named_and_no_other),
		cmocka_unit_test(a_word_that_finds_no_room_is_left_out_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
