/* SPDX-License-Identifier: MIT */
#include "clients/fit/date_column.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#define DAY_S INT64_C(86400)

/* One row a step. */
static const struct step_row {
	const char *name, *plural;
	int64_t months, seconds; /* one of them is 0 */
} steps[] = {
	[HK_STEP_YEAR] = { "year", "years", 12, 0 },
	[HK_STEP_QUARTER] = { "quarter", "quarters", 3, 0 },
	[HK_STEP_MONTH] = { "month", "months", 1, 0 },
	[HK_STEP_WEEK] = { "week", "weeks", 0, 7 * DAY_S },
	[HK_STEP_DAY] = { "day", "days", 0, DAY_S },
	[HK_STEP_HOUR] = { "hour", "hours", 0, 3600 },
	[HK_STEP_MINUTE] = { "minute", "minutes", 0, 60 },
	[HK_STEP_SECOND] = { "second", "seconds", 0, 1 },
};

/* ---- reading ---- */

/* Read exactly N digits at *AT, which moves past them, as a number from LOW to HIGH. */
static bool read_number(const char **at, int n, int low, int high, int *ret)
{
	int value = 0;
	for (int i = 0; i < n; i++, (*at)++) {
		if (**at < '0' || **at > '9') {
			return false;
		}
		value = 10 * value + (**at - '0');
	}
	*ret = value;
	return value >= low && value <= high;
}

static bool take(const char **at, char wanted)
{
	const bool found = **at == wanted;
	*at += found;
	return found;
}

/* Z, +01, +0100 or +01:00, to the end of the text. *ret_s: what lies it ahead of UTC. */
static bool read_zone(const char *at, double *ret_s)
{
	int hours, minutes = 0;
	const bool west = *at == '-';
	if (take(&at, 'Z')) {
		*ret_s = 0.0;
		return *at == '\0';
	}
	if ((!take(&at, '+') && !take(&at, '-')) || !read_number(&at, 2, 0, 23, &hours)) {
		return false;
	}
	if (*at != '\0') {
		(void)take(&at, ':');
		if (!read_number(&at, 2, 0, 59, &minutes)) {
			return false;
		}
	}
	*ret_s = (west ? -60.0 : 60.0) * (60 * hours + minutes);
	return *at == '\0';
}

/* The time of day at AT and what follows it. *ret_s: seconds to add to the day. */
static enum hk_date_form read_time(const char *at, double *ret_s)
{
	int hours, minutes, seconds = 0;
	double fraction = 0.0, zone_s = 0.0;
	if (!read_number(&at, 2, 0, 23, &hours) || !take(&at, ':') ||
		!read_number(&at, 2, 0, 59, &minutes)) {
		return HK_DATE_NONE;
	}
	if (take(&at, ':')) {
		if (!read_number(&at, 2, 0, 60, &seconds)) {
			return HK_DATE_NONE;
		}
		const char *digits = at + (*at == '.');
		if (take(&at, '.')) {
			for (double unit = 0.1; *at >= '0' && *at <= '9'; at++, unit /= 10.0) {
				fraction += unit * (*at - '0');
			}
			if (at == digits) {
				return HK_DATE_NONE;
			}
		}
	}
	const bool zoned = *at != '\0';
	if (zoned && !read_zone(at, &zone_s)) {
		return HK_DATE_NONE;
	}
	*ret_s = 3600.0 * hours + 60.0 * minutes + seconds + fraction - zone_s;
	return zoned ? HK_DATE_ZONED : HK_DATE_TIME;
}

enum hk_date_form hk_date_read(const char *text, double *ret_s)
{
	int year, month, day = 1;
	double time_s = 0.0;
	enum hk_date_form form = HK_DATE_MONTH;
	if (!read_number(&text, 4, 1, 9999, &year) || !take(&text, '-') ||
		!read_number(&text, 2, 1, 12, &month)) {
		return HK_DATE_NONE;
	}
	if (take(&text, '-')) {
		form = HK_DATE_DAY;
		if (!read_number(&text, 2, 1, 31, &day)) {
			return HK_DATE_NONE;
		}
		if (take(&text, 'T') || take(&text, ' ')) {
			form = read_time(text, &time_s);
			text = "";
		}
	}
	struct tm tm = { .tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day };
	const time_t day_s = timegm(&tm);
	if (form == HK_DATE_NONE || *text != '\0' || tm.tm_mday != day) { /* no 30 February */
		return HK_DATE_NONE;
	}
	*ret_s = (double)day_s + time_s;
	return form;
}

const char *hk_date_form_example(enum hk_date_form form)
{
	static const char *const examples[] = {
		[HK_DATE_NONE] = "a number",
		[HK_DATE_MONTH] = "a date like 2024-03",
		[HK_DATE_DAY] = "a date like 2024-03-31",
		[HK_DATE_TIME] = "a time like 2024-03-31T18:05",
		[HK_DATE_ZONED] = "a time with a zone like 2024-03-31T18:05+01:00",
	};
	return examples[form];
}

/* ---- counting ---- */

/* The calendar of a point in time. */
static struct tm calendar_of(double seconds)
{
	struct tm tm = { 0 };
	const time_t whole = (time_t)floor(seconds);
	(void)gmtime_r(&whole, &tm);
	return tm;
}

/* Months since year 0. */
static int64_t month_of(double seconds)
{
	const struct tm tm = calendar_of(seconds);
	return 12 * (INT64_C(1900) + tm.tm_year) + tm.tm_mon;
}

/* Its first second, since 1970. */
static double month_start(int64_t month)
{
	struct tm tm = {
		.tm_year = (int)(month / 12 - 1900), .tm_mon = (int)(month % 12), .tm_mday = 1
	};
	return (double)timegm(&tm);
}

static bool is_last_day(double seconds)
{
	return month_start(month_of(seconds) + 1) - seconds <= (double)DAY_S;
}

/* Is each date the same day of its month, or the last, at the same time? */
static bool is_monthly(const double *seconds, size_t stride, size_t n)
{
	bool same_day = true, last_day = true, several = false;
	const double first = seconds[0], first_offset = first - month_start(month_of(first));
	for (size_t i = 0; i < n; i++) {
		const double s = seconds[i * stride], offset = s - month_start(month_of(s));
		same_day = same_day && offset == first_offset;
		last_day = last_day && is_last_day(s) &&
			fmod(offset, (double)DAY_S) == fmod(first_offset, (double)DAY_S);
		several = several || month_of(s) != month_of(first);
	}
	return several && (same_day || last_day);
}

static int64_t common_divisor(int64_t a, int64_t b)
{
	while (b != 0) {
		const int64_t rest = a % b;
		a = b;
		b = rest;
	}
	return a;
}

/* The largest that divides the DISTANCE that all distances share; 0: there is none. */
static enum hk_date_step step_of(bool months, int64_t distance, enum hk_date_step fallback)
{
	for (size_t i = 0; distance != 0 && i < sizeof(steps) / sizeof(steps[0]); i++) {
		const int64_t unit = months ? steps[i].months : steps[i].seconds;
		if (unit != 0 && distance % unit == 0) {
			return (enum hk_date_step)i;
		}
	}
	return fallback;
}

/* What SECONDS count. */
static double counted(const struct hk_date_count *count, double seconds)
{
	const struct step_row *step = &steps[count->step];
	return step->months != 0
		? (double)(month_of(seconds) - month_of(count->first_s)) / (double)step->months
		: (seconds - count->first_s) / (double)step->seconds;
}

struct hk_date_count hk_date_count_all(
	enum hk_date_form form, double *seconds, size_t stride, size_t n)
{
	struct hk_date_count count = { .form = form, .first_s = seconds[0] };
	for (size_t i = 1; i < n; i++) {
		count.first_s = fmin(count.first_s, seconds[i * stride]);
	}
	const bool months = form == HK_DATE_MONTH || is_monthly(seconds, stride, n);
	const int64_t first_month = month_of(count.first_s);
	int64_t shared = 0;
	for (size_t i = 0; i < n; i++) {
		const double s = seconds[i * stride], distance_s = s - count.first_s;
		const int64_t whole_s = distance_s == floor(distance_s) ? (int64_t)distance_s : 1;
		shared = common_divisor(shared, months ? month_of(s) - first_month : whole_s);
	}
	count.step = step_of(months, shared,
		form == HK_DATE_MONTH         ? HK_STEP_MONTH
			: form == HK_DATE_DAY ? HK_STEP_DAY
					      : HK_STEP_SECOND);
	for (size_t i = 0; i < n; i++) {
		seconds[i * stride] = counted(&count, seconds[i * stride]);
	}
	return count;
}

const char *hk_date_step_name(enum hk_date_step step, bool plural)
{
	return plural ? steps[step].plural : steps[step].name;
}

/* How much of a date is printed. */
enum detail {
	DETAIL_YEAR,
	DETAIL_MONTH,
	DETAIL_DAY,
	DETAIL_MINUTE,
	DETAIL_SECOND,
	DETAIL_ALL,
	DETAIL_ZONED
};

static void print_date(double seconds, enum detail detail, char *ret_text, size_t size)
{
	const struct tm tm = calendar_of(seconds);
	size_t n = 0;
	switch (detail) {
	case DETAIL_YEAR:
		n = strftime(ret_text, size, "%Y", &tm);
		break;
	case DETAIL_MONTH:
		n = strftime(ret_text, size, "%Y-%m", &tm);
		break;
	case DETAIL_DAY:
		n = strftime(ret_text, size, "%Y-%m-%d", &tm);
		break;
	case DETAIL_MINUTE:
		n = strftime(ret_text, size, "%m-%d %H:%M", &tm);
		break;
	case DETAIL_SECOND:
		n = strftime(ret_text, size, "%H:%M:%S", &tm);
		break;
	case DETAIL_ALL:
		n = strftime(ret_text, size, "%Y-%m-%dT%H:%M:%S", &tm);
		break;
	case DETAIL_ZONED:
		n = strftime(ret_text, size, "%Y-%m-%dT%H:%M:%SZ", &tm);
		break;
	}
	ret_text[n] = '\0';
}

void hk_date_first_text(const struct hk_date_count *count, char *ret_text, size_t size)
{
	static const enum detail details[] = {
		[HK_DATE_MONTH] = DETAIL_MONTH,
		[HK_DATE_DAY] = DETAIL_DAY,
		[HK_DATE_TIME] = DETAIL_ALL,
		[HK_DATE_ZONED] = DETAIL_ZONED,
	};
	print_date(count->first_s, details[count->form], ret_text, size);
}

/* ---- ticks ---- */

/* Ticks while they are collected. */
struct ticks {
	const struct hk_date_count *count;
	struct hk_chart_range range;
	struct hk_chart_tick *ticks;
	size_t n, max;
};

/* A tick at SECONDS, if that lies in the range and there is room. */
static void add_tick(struct ticks *ticks, double seconds, enum detail detail)
{
	const double at = counted(ticks->count, seconds);
	if (ticks->n < ticks->max && at >= ticks->range.low && at <= ticks->range.high) {
		struct hk_chart_tick *tick = &ticks->ticks[ticks->n++];
		tick->at = at;
		print_date(seconds, detail, tick->text, sizeof(tick->text));
	}
}

/* Each so many months, from the month of LOW_S to that of HIGH_S. */
static void month_ticks(struct ticks *ticks, double low_s, double high_s)
{
	static const int64_t sizes[] = { 1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400, 6000,
		12000, 24000 };
	const int64_t low = month_of(low_s), high = month_of(high_s);
	size_t k = 0;
	while (k + 1 < sizeof(sizes) / sizeof(sizes[0]) &&
		(high - low) / sizes[k] + 1 > (int64_t)ticks->max) {
		k++;
	}
	const enum detail detail = sizes[k] < 12 ? DETAIL_MONTH : DETAIL_YEAR;
	for (int64_t month = low / sizes[k] * sizes[k]; month <= high; month += sizes[k]) {
		add_tick(ticks, month_start(month), detail);
	}
}

/* Each so many seconds. None: the range is too long for that. */
static void second_ticks(struct ticks *ticks, double low_s, double high_s)
{
	static const int64_t sizes[] = { 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600,
		7200, 10800, 21600, 43200, DAY_S, 2 * DAY_S, 7 * DAY_S, 14 * DAY_S };
	size_t k = 0;
	const int64_t step = steps[ticks->count->step].seconds;
	const int64_t least = step < DAY_S ? step : DAY_S; /* no time of day in a table of days */
	while (sizes[k] < least || (high_s - low_s) / (double)sizes[k] + 1.0 > (double)ticks->max) {
		if (++k == sizeof(sizes) / sizeof(sizes[0])) {
			return;
		}
	}
	const double size = (double)sizes[k];
	const double monday =
		4.0 * (double)DAY_S; /* 5 January 1970; whole days and hours fit too */
	const enum detail detail = sizes[k] >= DAY_S ? DETAIL_DAY
		: sizes[k] >= 60                     ? DETAIL_MINUTE
						     : DETAIL_SECOND;
	for (double s = monday + ceil((low_s - monday) / size) * size; s <= high_s; s += size) {
		add_tick(ticks, s, detail);
	}
}

size_t hk_date_ticks(const struct hk_date_count *count, struct hk_chart_range range,
	struct hk_chart_tick *ret_ticks, size_t max)
{
	const struct step_row *step = &steps[count->step];
	struct ticks ticks = { .count = count, .range = range, .ticks = ret_ticks, .max = max };
	if (step->months != 0) {
		const double first = (double)month_of(count->first_s);
		const double low = first + floor(range.low * (double)step->months);
		const double high = first + ceil(range.high * (double)step->months);
		month_ticks(&ticks, month_start((int64_t)low), month_start((int64_t)high));
		return ticks.n;
	}
	const double low_s = count->first_s + range.low * (double)step->seconds;
	const double high_s = count->first_s + range.high * (double)step->seconds;
	second_ticks(&ticks, low_s, high_s);
	if (ticks.n == 0) {
		month_ticks(&ticks, low_s, high_s);
	}
	return ticks.n;
}
