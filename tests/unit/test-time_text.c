/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "core/time_text.h"

/* 2026-11-22 10:30:15.25 UTC = 11:30:15 in the tests' zone */
#define NOW_US 1795343415250000LL

static int set_zone(void **state)
{
	(void)state;
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	return 0;
}

static void a_time_is_printed_in_utc_with_milliseconds(void **state)
{
	(void)state;
	char text[HK_TIME_TEXT_SIZE];
	hk_time_print_utc(NOW_US, text);
	assert_string_equal(text, "2026-11-22T10:30:15.250Z");
	hk_time_print_utc(NOW_US + 999, text);
	assert_string_equal(text, "2026-11-22T10:30:15.250Z");
	hk_time_print_utc(-1, text);
	assert_string_equal(text, "1969-12-31T23:59:59.999Z");
	hk_time_print_local(NOW_US, text);
	assert_string_equal(text, "2026-11-22 11:30:15");
}

static void every_form_of_a_time_is_read(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		const char *utc;
	} cases[] = {
		{ "now", "2026-11-22T10:30:15.250Z" },
		{ "today", "2026-11-21T23:00:00.000Z" },
		{ "yesterday", "2026-11-20T23:00:00.000Z" },
		{ "tomorrow", "2026-11-22T23:00:00.000Z" },
		{ "@1795343415", "2026-11-22T10:30:15.000Z" },
		{ "@1795343415.5", "2026-11-22T10:30:15.500Z" },
		{ "-1h", "2026-11-22T09:30:15.250Z" },
		{ "-1h 30min", "2026-11-22T09:00:15.250Z" },
		{ "-1h30min", "2026-11-22T09:00:15.250Z" },
		{ "+250ms", "2026-11-22T10:30:15.500Z" },
		{ "-0.25s", "2026-11-22T10:30:15.000Z" },
		{ "2 days ago", "2026-11-20T10:30:15.250Z" },
		{ "1w ago", "2026-11-15T10:30:15.250Z" },
		{ "2026-11-22", "2026-11-21T23:00:00.000Z" },
		{ "2026-11-22 10:00", "2026-11-22T09:00:00.000Z" },
		{ "2026-11-22 10:00:30.5", "2026-11-22T09:00:30.500Z" },
		{ "2026-11-22 10:00 UTC", "2026-11-22T10:00:00.000Z" },
		{ "2026-07-01 10:00", "2026-07-01T08:00:00.000Z" },
		{ "10:00", "2026-11-22T09:00:00.000Z" },
		{ "9:05:07", "2026-11-22T08:05:07.000Z" },
		{ "2026-11-22T10:00:00Z", "2026-11-22T10:00:00.000Z" },
		{ "2026-11-22T10:00:00.123456Z", "2026-11-22T10:00:00.123Z" },
		{ "2026-11-22T10:00:00+05:30", "2026-11-22T04:30:00.000Z" },
		{ "2024-02-29", "2024-02-28T23:00:00.000Z" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t time_us;
		struct hk_diag diag = { "" };
		if (hk_time_parse(cases[i].text, NOW_US, &time_us, &diag) != 0) {
			fail_msg("%s", diag.text);
		}
		char text[HK_TIME_TEXT_SIZE];
		hk_time_print_utc(time_us, text);
		if (strcmp(text, cases[i].utc) != 0) {
			fail_msg(
				"\"%s\" was read as %s, not %s", cases[i].text, text, cases[i].utc);
		}
	}
}

static void what_is_no_time_is_refused_and_nothing_written(void **state)
{
	(void)state;
	static const char *const cases[] = { "", " ", "noon", "-", "+", "-1", "-1x", "1h",
		"-1h ago", "2026-13-01", "2026-02-29", "2026-11-22 24:00", "2026-11-22 10:60",
		"2026-11-22T", "2026-11-22 10", "26-11-22", "10:0", "@", "@x", "@1.",
		"2026-11-22 10:00 CET", "ago", "2026-11-22T10:00:00+1", "today now", "-1h x" };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t time_us = 42;
		struct hk_diag diag = { "" };
		if (hk_time_parse(cases[i], NOW_US, &time_us, &diag) != -EINVAL) {
			fail_msg("\"%s\" was read as a time", cases[i]);
		}
		assert_int_equal(time_us, 42);
		assert_non_null(strstr(diag.text, "expected"));
	}
}

static void a_time_out_of_range_is_refused(void **state)
{
	(void)state;
	int64_t time_us = 42;
	struct hk_diag diag;
	assert_int_equal(hk_time_parse("-999999999999y", NOW_US, &time_us, &diag), -ERANGE);
	assert_int_equal(hk_time_parse("@999999999999", NOW_US, &time_us, &diag), -ERANGE);
	assert_int_equal(hk_time_parse("1969-12-31", NOW_US, &time_us, &diag), -ERANGE);
	assert_int_equal(time_us, 42);
}

static void what_was_printed_reads_back(void **state)
{
	(void)state;
	for (int64_t time_us = 0; time_us < 4000000000000000LL; time_us += 86399123000LL * 91) {
		char text[HK_TIME_TEXT_SIZE];
		int64_t back_us;
		hk_time_print_utc(time_us, text);
		assert_int_equal(hk_time_parse(text, NOW_US, &back_us, NULL), 0);
		assert_int_equal(back_us, time_us);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_time_is_printed_in_utc_with_milliseconds),
		cmocka_unit_test(every_form_of_a_time_is_read),
		cmocka_unit_test(what_is_no_time_is_refused_and_nothing_written),
		cmocka_unit_test(a_time_out_of_range_is_refused),
		cmocka_unit_test(what_was_printed_reads_back),
	};
	return cmocka_run_group_tests_name("time_text", tests, set_zone, NULL);
}
