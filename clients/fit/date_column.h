/* SPDX-License-Identifier: MIT */
/*
 * date_column: a column of dates, counted in the step of its table. Any thread.
 *
 * A date without a zone is taken as it stands: no clock is set forward or back.
 * Source: ISO 8601.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "clients/draw/chart.h"

/* How a date is written. A column has one form. */
enum hk_date_form {
	HK_DATE_NONE,  /* no date */
	HK_DATE_MONTH, /* 2024-03 */
	HK_DATE_DAY,   /* 2024-03-31 */
	HK_DATE_TIME,  /* 2024-03-31T18:05, 2024-03-31 18:05:07.5 */
	HK_DATE_ZONED, /* the same with Z, +01, +0100 or +01:00 behind it */
};

/* What dates are counted in. */
enum hk_date_step {
	HK_STEP_YEAR,
	HK_STEP_QUARTER,
	HK_STEP_MONTH,
	HK_STEP_WEEK,
	HK_STEP_DAY,
	HK_STEP_HOUR,
	HK_STEP_MINUTE,
	HK_STEP_SECOND,
};

/* How a column of dates is counted. */
struct hk_date_count {
	enum hk_date_form form; /* HK_DATE_NONE: the column holds numbers, nothing else is set */
	enum hk_date_step step;
	double first_s; /* the earliest date, in seconds since 1970; counted as 0 */
};

/* What TEXT is. *ret_s: seconds since 1970 (a month: its first day); untouched when it is no date.
 */
enum hk_date_form hk_date_read(const char *text, double *ret_s);

/* "a date like 2024-03", for messages. */
const char *hk_date_form_example(enum hk_date_form form);

/*
 * Replace the N > 0 dates SECONDS[i * stride], all of FORM, by what they count: the largest step
 * that divides each distance between two of them, from the earliest. Months, quarters and years are
 * steps when each date is the same day of its month, or the last, at the same time.
 */
struct hk_date_count hk_date_count_all(
	enum hk_date_form form, double *seconds, size_t stride, size_t n);

/* "month", "months". */
const char *hk_date_step_name(enum hk_date_step step, bool plural);

/* The first date as its table writes it. */
void hk_date_first_text(const struct hk_date_count *count, char *ret_text, size_t size);

/* At most MAX ticks at round dates in RANGE of what COUNT counts. Returns how many. */
size_t hk_date_ticks(const struct hk_date_count *count, struct hk_chart_range range,
	struct hk_chart_tick *ret_ticks, size_t max);
