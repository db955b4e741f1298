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

#include "core/base/time_text.h"

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
		/* as journalctl prints: -o short, short-precise, short-full, short-iso, short-unix
		 */
		{ "Nov 21 10:00:00", "2026-11-21T09:00:00.000Z" },
		{ "Nov  2 10:00:00.250000", "2026-11-02T09:00:00.250Z" },
		{ "Dec 31 10:00:00", "2025-12-31T09:00:00.000Z" },
		{ "Nov 23 00:00:00", "2026-11-22T23:00:00.000Z" },
		{ "Feb 29 10:00:00", "2024-02-29T09:00:00.000Z" },
		{ "Sun 2026-11-22 10:00:00 CET", "2026-11-22T09:00:00.000Z" },
		{ "Wed 2026-07-01 10:00:00 CEST", "2026-07-01T08:00:00.000Z" },
		{ "2026-11-22T10:00:00+0100", "2026-11-22T09:00:00.000Z" },
		{ "2026-11-22T10:00:00.250000+0100", "2026-11-22T09:00:00.250Z" },
		{ "1795343415.500000", "2026-11-22T10:30:15.500Z" },
		/* the hour that the clock shows twice, by its zone */
		{ "2026-10-25 02:30 CEST", "2026-10-25T00:30:00.000Z" },
		{ "2026-10-25 02:30 CET", "2026-10-25T01:30:00.000Z" },
		/* a day has 25 hours then, and its midnights are local */
		{ "2026-10-25", "2026-10-24T22:00:00.000Z" },
		{ "2026-10-26", "2026-10-25T23:00:00.000Z" },
		{ "2026-11-22 10:00:00 UTC", "2026-11-22T10:00:00.000Z" },
		{ "Sunday 2026-11-22 10:00:00 UTC", "2026-11-22T10:00:00.000Z" },
		{ "mon 2026-11-30", "2026-11-29T23:00:00.000Z" },
		{ "2026-11-22 10:00:00 +01:00", "2026-11-22T09:00:00.000Z" },
		{ "2026-11-22T10:00:00-08", "2026-11-22T18:00:00.000Z" },
		{ "2026-11-22 UTC", "2026-11-22T00:00:00.000Z" },
		{ "2026-06-30T23:59:60Z", "2026-07-01T00:00:00.000Z" },
		/* the latest one */
		{ "Sunday", "2026-11-21T23:00:00.000Z" },
		{ "Mon", "2026-11-15T23:00:00.000Z" },
		{ "Sat 10:00", "2026-11-21T09:00:00.000Z" },
		{ "Sat 10:00 UTC", "2026-11-21T10:00:00.000Z" },
		{ "5min ago", "2026-11-22T10:25:15.250Z" },
		{ "5min left", "2026-11-22T10:35:15.250Z" },
		{ "1h 5min left", "2026-11-22T11:35:15.250Z" },
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
		"2026-11-22 10:00 EST", "ago", "2026-11-22T10:00:00+1", "today now", "-1h x",
		"-5min left", "5min left ago", "left", "5min", "Xxx 2026-11-22",
		"Mon 2026-11-22" /* a Sunday */, "Mo 2026-11-23", "Sun2026-11-22", "Sun ", "Nov",
		"Nov 31", "Feb 30", "Nov10", "2026-11-22T10:00:61Z",
		"2026-11-22T10:00:00+01:", "2026-11-22T10:00:00+24:00", "2026-11-22T10:00:00UTC",
		"12345678", "123456789.", "2026-11-22 10:00 Sun" };
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

static void a_weekday_that_contradicts_its_date_is_named(void **state)
{
	(void)state;
	int64_t time_us;
	struct hk_diag diag = { "" };
	assert_int_equal(hk_time_parse("Mon 2026-11-22", NOW_US, &time_us, &diag), -EINVAL);
	assert_non_null(strstr(diag.text, "\"Sunday\""));
}

/* "10:00 UTC" is today's in UTC, which here is another day than the local one. */
static void a_time_of_day_is_of_the_day_in_its_zone(void **state)
{
	(void)state;
	int64_t time_us;
	char text[HK_TIME_TEXT_SIZE];
	const int64_t late_us = NOW_US + 13 * 3600 * INT64_C(1000000); /* 23:30 UTC, 00:30 CET */
	assert_int_equal(hk_time_parse("10:00 UTC", late_us, &time_us, NULL), 0);
	hk_time_print_utc(time_us, text);
	assert_string_equal(text, "2026-11-22T10:00:00.000Z");
	assert_int_equal(hk_time_parse("10:00", late_us, &time_us, NULL), 0);
	hk_time_print_utc(time_us, text);
	assert_string_equal(text, "2026-11-23T09:00:00.000Z");
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
		cmocka_unit_test(a_weekday_that_contradicts_its_date_is_named),
		cmocka_unit_test(a_time_of_day_is_of_the_day_in_its_zone),
		cmocka_unit_test(a_time_out_of_range_is_refused),
		cmocka_unit_test(what_was_printed_reads_back),
	};
	return cmocka_run_group_tests_name("time_text", tests, set_zone, NULL);
}
