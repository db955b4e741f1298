/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/scan.h"
#include "tests/unit/rounds.h"

static struct hk_span span_of(const char *text)
{
	return (struct hk_span){ text, text + strlen(text) };
}

static void lines_are_counted_and_the_last_must_be_whole(void **state)
{
	(void)state;
	static const char text[] = "one\n\nthree\nfou";
	struct hk_scan scan;
	struct hk_span line;
	struct hk_diag diag;
	hk_scan_init(&scan, "a file", text, strlen(text));
	assert_int_equal(hk_scan_line(&scan, &line, &diag), 1);
	assert_true(hk_span_is(line, "one"));
	assert_int_equal(hk_scan_line(&scan, &line, &diag), 1);
	assert_true(hk_span_is(line, ""));
	assert_int_equal(hk_scan_line(&scan, &line, &diag), 1);
	assert_true(hk_span_is(line, "three"));
	assert_int_equal(scan.line, 3);
	assert_int_equal(hk_scan_line(&scan, &line, &diag), -EINVAL);
	assert_string_equal(diag.text, "a file:4: the file ends within this line");
	hk_scan_init(&scan, "a file", text, 4);
	assert_int_equal(hk_scan_line(&scan, &line, &diag), 1);
	assert_int_equal(hk_scan_line(&scan, &line, &diag), 0);
}

static void words_are_apart_by_blanks(void **state)
{
	(void)state;
	struct hk_span line = span_of("  a\tbc  d "), word;
	assert_true(hk_scan_word(&line, &word) && hk_span_is(word, "a"));
	assert_true(hk_scan_word(&line, &word) && hk_span_is(word, "bc"));
	assert_true(hk_scan_word(&line, &word) && hk_span_is(word, "d"));
	assert_false(hk_scan_word(&line, &word));
}

static void assert_reads_as_strtod(const char *text)
{
	double value = NAN;
	if (hk_span_double(span_of(text), &value) < 0 || value != strtod(text, NULL) ||
		signbit(value) != signbit(strtod(text, NULL))) {
		fail_msg("%s reads as %.17g", text, value);
	}
}

static void numbers_read_exactly_as_strtod_reads_them(void **state)
{
	(void)state;
	static const char *const texts[] = { "0", "-0", "0.5", "1.", ".25", "+3", "1e22", "1e23",
		"9007199254740993", "9007199254740992", "0.1", "1e-22", "1e-23", "4.9e-324",
		"1.7976931348623157e308", "123456789012345678901234567890",
		"0.000000000000000000001", "179769313486231570000000000000000000000",
		"2.2250738585072011e-308", "1e-400", "5e-05", "1E5", "-1e+05", "00012", "1e007" };
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_reads_as_strtod(texts[i]);
	}
	unsigned seed = 11;
	const unsigned n_rounds = rounds(100000);
	for (unsigned i = 0; i < n_rounds; i++) {
		const double value = ldexp(rand_r(&seed) / (double)RAND_MAX - 0.5,
			i % 3 ? rand_r(&seed) % 20 - 10 : rand_r(&seed) % 2000 - 1000);
		char text[64];
		snprintf(text, sizeof(text), "%.*g", (int)(1 + i % 18), value);
		assert_reads_as_strtod(text);
	}
}

static void what_is_no_finite_number_is_refused(void **state)
{
	(void)state;
	static const char *const texts[] = { "", " ", "-", "+", ".", "e5", "1e", "1e+", "1 ", " 1",
		"1,5", "nan", "-nan", "inf", "-Infinity", "0x10", "1.2.3", "--1", "1-", "1e5.0",
		"1_0", "1e1e1", "1d5",
		"12345678901234567890123456789012345678901234567890123456789012345" };
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		double value = 7;
		if (hk_span_double(span_of(texts[i]), &value) != -EINVAL || value != 7) {
			fail_msg("\"%s\" reads as %g", texts[i], value);
		}
	}
	double value = 7;
	assert_int_equal(hk_span_double(span_of("1e309"), &value), -ERANGE);
	static const char with_nul[] = { '1', '\0' };
	const struct hk_span span = { with_nul, with_nul + sizeof(with_nul) };
	assert_int_equal(hk_span_double(span, &value), -EINVAL);
	assert_true(value == 7);
}

static void counts_are_digits_up_to_their_maximum(void **state)
{
	(void)state;
	uint32_t value = 7;
	assert_int_equal(hk_span_uint32(span_of("4294967295"), UINT32_MAX, &value), 0);
	assert_int_equal(value, UINT32_MAX);
	assert_int_equal(hk_span_uint32(span_of("0012"), 12, &value), 0);
	assert_int_equal(value, 12);
	assert_int_equal(hk_span_uint32(span_of("13"), 12, &value), -ERANGE);
	assert_int_equal(hk_span_uint32(span_of("4294967296"), UINT32_MAX, &value), -ERANGE);
	assert_int_equal(
		hk_span_uint32(span_of("18446744073709551617"), UINT32_MAX, &value), -ERANGE);
	static const char *const texts[] = { "", "-1", "+1", " 1", "1 ", "1.0", "1e3", "x" };
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(hk_span_uint32(span_of(texts[i]), UINT32_MAX, &value), -EINVAL);
	}
	assert_int_equal(value, 12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_counted_and_the_last_must_be_whole),
		cmocka_unit_test(words_are_apart_by_blanks),
		cmocka_unit_test(numbers_read_exactly_as_strtod_reads_them),
		cmocka_unit_test(what_is_no_finite_number_is_refused),
		cmocka_unit_test(counts_are_digits_up_to_their_maximum),
	};
	return cmocka_run_group_tests_name("scan", tests, NULL, NULL);
}
