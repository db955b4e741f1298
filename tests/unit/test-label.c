/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/label.h"

#define X16 "0123456789abcdef"

struct row {
	const char *text, *word; /* what the message says */
};

static void letters_of_any_script_are_a_label(void **state)
{
	(void)state;
	static const char *const labels[] = { "fire_alarm", "v-1.0", "T\303\274rklingel",
		"\317\203\317\206\317\205\317\201\316\257\317\207\317\204\317\201\316\261",
		"\344\272\272\345\217\243", "\355\225\234\352\270\200", "\327\247\327\225\327\234",
		"\340\270\231\340\271\211\340\270\263", X16 X16 X16 "0123456789abcde" };
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		char label[HK_LABEL_SIZE];
		struct hk_diag diag = { "" };
		if (hk_label_check(labels[i], strlen(labels[i]), &diag) < 0) {
			fail_msg("%s: %s", labels[i], diag.text);
		}
		assert_int_equal(hk_label_of(labels[i], label, NULL), 0);
		assert_string_equal(label, labels[i]);
	}
}

static void what_hides_or_breaks_is_no_label(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ "", "got nothing" },
		{ "two words", "U+0020" },
		{ "a/b", "U+002F" },
		{ "a,b", "U+002C" },
		{ "a]", "U+005D" },
		{ "a\nb", "U+000A" },
		{ "a\033[1m", "U+001B" },
		{ "a\302\205", "U+0085" },
		{ "a\342\200\256b", "U+202E" }, /* RIGHT-TO-LEFT OVERRIDE */
		{ "a\342\200\213b", "U+200B" }, /* ZERO WIDTH SPACE */
		{ "a\343\205\244", "U+3164" },  /* HANGUL FILLER, a letter that shows nothing */
		{ "a\302\240b", "U+00A0" },
		{ "\314\210a", "U+0308" },             /* an accent upon nothing */
		{ "\357\274\241larm", "U+FF21" },      /* full width */
		{ "\360\235\220\200larm", "U+1D400" }, /* mathematical */
		{ "a\377", "byte 0xff" },
		{ "a\300\257", "byte 0xc0" },     /* overlong slash */
		{ "a\355\240\200", "byte 0xed" }, /* surrogate */
		{ "a\303", "byte 0xc3" },
		{ "Tu\314\210r", "form NFC" },
		{ "\342\204\253", "U+212B" }, /* ANGSTROM SIGN */
		{ "e\314\202\314\243", "form NFC" },
		{ X16 X16 X16 X16, "at most 63 bytes, got 64" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct hk_diag diag = { "" };
		assert_int_equal(
			hk_label_check(rows[i].text, strlen(rows[i].text), &diag), -EINVAL);
		if (!strstr(diag.text, rows[i].word)) {
			fail_msg("row %zu: \"%s\" lacks \"%s\"", i, diag.text, rows[i].word);
		}
	}
	assert_int_equal(hk_label_check("a\0b", 3, NULL), -EINVAL);
}

static void a_name_becomes_a_label_that_is_one(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ "b - two", "b_-_two" },
		{ "Tu\314\210rklingel", "T\303\274rklingel" }, /* as macOS writes it */
		{ "a/b,c", "a_b_c" },
		{ "\360\237\224\245 alarm", "__alarm" },
		{ "\332\257\342\200\214\332\257", "\332\257_\332\257" }, /* ZERO WIDTH NON-JOINER */
		{ "\314\210a", "_a" },
		{ "\342\204\253ngstrom", "\303\205ngstrom" },
		{ "\357\274\241", "_" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char label[HK_LABEL_SIZE];
		assert_int_equal(hk_label_of(rows[i].text, label, NULL), 0);
		assert_string_equal(label, rows[i].word);
		assert_int_equal(hk_label_check(label, strlen(label), NULL), 0);
	}
}

static void a_name_that_hides_something_is_refused(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ "", "got nothing" },
		{ "a\tb", "U+0009" },
		{ "alarm\342\200\256", "U+202E" },
		{ "a\342\201\246b", "U+2066" },
		{ "\357\273\277a", "U+FEFF" },
		{ "a\377", "byte 0xff" },
		{ X16 X16 X16 X16, "at most 63 bytes, got 64" },
		{ X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16, "got 256" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char label[HK_LABEL_SIZE] = "kept";
		struct hk_diag diag = { "" };
		assert_int_equal(hk_label_of(rows[i].text, label, &diag), -EINVAL);
		if (!strstr(diag.text, rows[i].word)) {
			fail_msg("row %zu: \"%s\" lacks \"%s\"", i, diag.text, rows[i].word);
		}
		assert_string_equal(label, "kept");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(letters_of_any_script_are_a_label),
		cmocka_unit_test(what_hides_or_breaks_is_no_label),
		cmocka_unit_test(a_name_becomes_a_label_that_is_one),
		cmocka_unit_test(a_name_that_hides_something_is_refused),
	};
	return cmocka_run_group_tests_name("label", tests, NULL, NULL);
}
