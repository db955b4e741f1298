/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "clients/fit/date_column.h"

#define MAX_DATES 6

/* Dates that end with NULL, and what they count. */
struct column {
	const char *dates[MAX_DATES];
	enum hk_date_step step;
	const char *first;
	double values[MAX_DATES];
};

static void each_table_is_counted_in_its_own_step(void **state)
{
	(void)state;
	static const struct column columns[] = {
		{ { "2024-01", "2024-02", "2024-04" }, HK_STEP_MONTH, "2024-01", { 0, 1, 3 } },
		{ { "2024-03", "2024-01" }, HK_STEP_MONTH, "2024-01", { 2, 0 } },
		{ { "2023-11", "2024-02", "2024-11" }, HK_STEP_QUARTER, "2023-11", { 0, 1, 4 } },
		{ { "1960-07", "1961-07", "1970-07" }, HK_STEP_YEAR, "1960-07", { 0, 1, 10 } },
		{ { "2024-01-15", "2024-02-15", "2024-04-15" }, HK_STEP_MONTH, "2024-01-15",
			{ 0, 1, 3 } },
		{ { "2024-01-31", "2024-02-29", "2024-03-31" }, HK_STEP_MONTH, "2024-01-31",
			{ 0, 1, 2 } },
		{ { "2024-01-30", "2024-02-29", "2024-03-31" }, HK_STEP_DAY, "2024-01-30",
			{ 0, 30, 61 } },
		{ { "2024-02-28", "2024-02-29", "2024-03-02" }, HK_STEP_DAY, "2024-02-28",
			{ 0, 1, 3 } },
		{ { "2023-12-25", "2024-01-01", "2024-01-15" }, HK_STEP_WEEK, "2023-12-25",
			{ 0, 1, 3 } },
		{ { "2024-03-01 22:00", "2024-03-02T01:00" }, HK_STEP_HOUR, "2024-03-01T22:00:00",
			{ 0, 3 } },
		{ { "2024-03-01 22:00", "2024-03-01 22:15", "2024-03-01 22:45" }, HK_STEP_MINUTE,
			"2024-03-01T22:00:00", { 0, 15, 45 } },
		{ { "2024-03-01T00:00:00.5", "2024-03-01T00:00:02" }, HK_STEP_SECOND,
			"2024-03-01T00:00:00", { 0, 1.5 } },
		{ { "2024-03-31T01:00+01:00", "2024-03-31T03:00+0200", "2024-03-31T04:00Z" },
			HK_STEP_HOUR, "2024-03-31T00:00:00Z", { 0, 1, 4 } },
		{ { "2024-05", "2024-05" }, HK_STEP_MONTH, "2024-05", { 0, 0 } },
	};
	for (size_t k = 0; k < sizeof(columns) / sizeof(columns[0]); k++) {
		const struct column *column = &columns[k];
		double seconds[2 * MAX_DATES] = { 0 };
		enum hk_date_form form = HK_DATE_NONE;
		size_t n = 0;
		for (; n < MAX_DATES && column->dates[n]; n++) {
			form = hk_date_read(column->dates[n], &seconds[2 * n]);
			assert_int_not_equal(form, HK_DATE_NONE);
		}
		const struct hk_date_count count = hk_date_count_all(form, seconds, 2, n);
		char first[32];
		hk_date_first_text(&count, first, sizeof(first));
		assert_string_equal(first, column->first);
		assert_int_equal(count.step, column->step);
		for (size_t i = 0; i < n; i++) {
			assert_true(seconds[2 * i] == column->values[i]);
		}
	}
}

static void what_is_no_date_is_none(void **state)
{
	(void)state;
	static const char *const texts[] = { "", "2024", "2024-", "2024-1", "2024-13", "2024-00",
		"24-01", "2024-01-", "2024-02-30", "2023-02-29", "2024-01-01x", "2024-01-01T",
		"2024-01-01 24:00", "2024-01-01 10", "2024-01-01 10:60", "2024-01-01 10:00:00.",
		"2024-01-01 10:00+1", "2024-01-01 10:00+01:0", "2024-01-01 10:00Zx", "2024/01",
		"0000-01", "-2024-01", " 2024-01" };
	double seconds = 42.0;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(hk_date_read(texts[i], &seconds), HK_DATE_NONE);
	}
	assert_true(seconds == 42.0);
}

/* The ticks of a column of DATES in its own range are WANTED, which end with NULL. */
static void assert_ticks(const char *from, const char *to, const char *const *wanted)
{
	double seconds[2];
	const enum hk_date_form form = hk_date_read(from, &seconds[0]);
	assert_int_equal(hk_date_read(to, &seconds[1]), form);
	const struct hk_date_count count = hk_date_count_all(form, seconds, 1, 2);
	struct hk_chart_tick ticks[7];
	const struct hk_chart_range range = { seconds[0], seconds[1] };
	const size_t n = hk_date_ticks(&count, range, ticks, 7);
	for (size_t i = 0; i < n; i++) {
		assert_non_null(wanted[i]);
		assert_string_equal(ticks[i].text, wanted[i]);
		assert_true(ticks[i].at >= range.low && ticks[i].at <= range.high);
	}
	assert_null(wanted[n]);
}

static void ticks_stand_at_round_dates(void **state)
{
	(void)state;
	assert_ticks("2023-11", "2024-03",
		(const char *[]){ "2023-11", "2023-12", "2024-01", "2024-02", "2024-03", NULL });
	assert_ticks("2023-02", "2025-01",
		(const char *[]){ "2023-07", "2024-01", "2024-07", "2025-01", NULL });
	assert_ticks("1950-05", "2009-12",
		(const char *[]){ "1960", "1970", "1980", "1990", "2000", NULL });
	assert_ticks("2024-02-28", "2024-03-02",
		(const char *[]){ "2024-02-28", "2024-02-29", "2024-03-01", "2024-03-02", NULL });
	assert_ticks("2024-02-28", "2024-12-03",
		(const char *[]){ "2024-03", "2024-05", "2024-07", "2024-09", "2024-11", NULL });
	assert_ticks("2024-03-01 22:10", "2024-03-02 01:20",
		(const char *[]){ "03-01 23:00", "03-02 00:00", "03-02 01:00", NULL });
	assert_ticks("2024-03-01T10:00:00", "2024-03-01T10:00:03",
		(const char *[]){ "10:00:00", "10:00:01", "10:00:02", "10:00:03", NULL });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_table_is_counted_in_its_own_step),
		cmocka_unit_test(what_is_no_date_is_none),
		cmocka_unit_test(ticks_stand_at_round_dates),
	};
	return cmocka_run_group_tests_name("fit_date_column", tests, NULL, NULL);
}
