/* SPDX-License-Identifier: MIT */
#include "core/time_text.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define US_PER_S 1000000LL
#define DAY_S 86400.0
#define LAST_SECOND 253402300799LL /* 9999-12-31 23:59:59 UTC */

/* Seconds since 1970 of the whole second that TIME_US lies in. */
static time_t whole_seconds(int64_t time_us)
{
	return (time_t)(time_us >= 0 ? time_us / US_PER_S
				     : -((-time_us + US_PER_S - 1) / US_PER_S));
}

void hk_time_print_utc(int64_t time_us, char ret_text[HK_TIME_TEXT_SIZE])
{
	const time_t seconds = whole_seconds(time_us);
	const int ms = (int)((time_us - (int64_t)seconds * US_PER_S) / 1000);
	struct tm tm;
	gmtime_r(&seconds, &tm);
	const size_t n = strftime(ret_text, HK_TIME_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(ret_text + n, HK_TIME_TEXT_SIZE - n, ".%03dZ", ms);
}

void hk_time_print_local(int64_t time_us, char ret_text[HK_TIME_TEXT_SIZE])
{
	const time_t seconds = whole_seconds(time_us);
	struct tm tm;
	localtime_r(&seconds, &tm);
	strftime(ret_text, HK_TIME_TEXT_SIZE, "%Y-%m-%d %H:%M:%S", &tm);
}

static const struct {
	const char *name;
	double seconds;
} units[] = {
	{ "us", 1e-6 },
	{ "usec", 1e-6 },
	{ "ms", 1e-3 },
	{ "msec", 1e-3 },
	{ "s", 1 },
	{ "sec", 1 },
	{ "second", 1 },
	{ "seconds", 1 },
	{ "m", 60 },
	{ "min", 60 },
	{ "minute", 60 },
	{ "minutes", 60 },
	{ "h", 3600 },
	{ "hr", 3600 },
	{ "hour", 3600 },
	{ "hours", 3600 },
	{ "d", DAY_S },
	{ "day", DAY_S },
	{ "days", DAY_S },
	{ "w", 7 * DAY_S },
	{ "week", 7 * DAY_S },
	{ "weeks", 7 * DAY_S },
	{ "M", 30.44 * DAY_S },
	{ "month", 30.44 * DAY_S },
	{ "months", 30.44 * DAY_S },
	{ "y", 365.25 * DAY_S },
	{ "year", 365.25 * DAY_S },
	{ "years", 365.25 * DAY_S },
};

static const char *skip_blanks(const char *at)
{
	while (*at == ' ') {
		at++;
	}
	return at;
}

/* Digits at *AT as a number, at most MAX_DIGITS of them. Returns their count. */
static int read_digits(const char **at, int max_digits, int64_t *ret)
{
	int n = 0;
	int64_t value = 0;
	while (n < max_digits && isdigit((unsigned char)(*at)[n])) {
		value = 10 * value + ((*at)[n] - '0');
		n++;
	}
	*at += n;
	*ret = value;
	return n;
}

/* ".5" at *AT as microseconds; nothing there is 0. False: a dot without digits. */
static bool read_fraction(const char **at, int64_t *ret_us)
{
	*ret_us = 0;
	if (**at != '.') {
		return true;
	}
	(*at)++;
	int64_t unit_us = US_PER_S;
	const char *start = *at;
	while (isdigit((unsigned char)**at)) {
		unit_us /= 10;
		*ret_us += (**at - '0') * unit_us;
		(*at)++;
	}
	return *at > start;
}

static const double *find_unit(const char *at, size_t length)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strlen(units[i].name) == length && strncmp(units[i].name, at, length) == 0) {
			return &units[i].seconds;
		}
	}
	return NULL;
}

/* "1h 30min", all of it but an " ago" at the end. */
static bool read_span(const char *at, double *ret_s, bool *ret_ago)
{
	double sum_s = 0;
	bool any = false;
	*ret_ago = false;
	for (at = skip_blanks(at); *at != '\0'; at = skip_blanks(at)) {
		if (any && strcmp(at, "ago") == 0) {
			*ret_ago = true;
			break;
		}
		int64_t whole;
		int64_t fraction_us;
		if (read_digits(&at, 12, &whole) == 0 || !read_fraction(&at, &fraction_us)) {
			return false;
		}
		at = skip_blanks(at);
		size_t length = 0;
		while (isalpha((unsigned char)at[length])) {
			length++;
		}
		const double *unit_s = find_unit(at, length);
		if (!unit_s) {
			return false;
		}
		sum_s += ((double)whole + (double)fraction_us * 1e-6) * *unit_s;
		at += length;
		any = true;
	}
	*ret_s = sum_s;
	return any;
}

static int64_t midnight(int64_t now_us, int days)
{
	const time_t now = whole_seconds(now_us);
	struct tm tm;
	localtime_r(&now, &tm);
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	tm.tm_mday += days;
	tm.tm_isdst = -1;
	return (int64_t)mktime(&tm) * US_PER_S;
}

/* "HH:MM[:SS[.fff]]" */
static bool read_clock(const char **at, struct tm *tm, int64_t *ret_fraction_us)
{
	int64_t hour;
	int64_t minute;
	int64_t second = 0;
	*ret_fraction_us = 0;
	if (read_digits(at, 2, &hour) == 0 || **at != ':') {
		return false;
	}
	(*at)++;
	if (read_digits(at, 2, &minute) != 2) {
		return false;
	}
	if (**at == ':') {
		(*at)++;
		if (read_digits(at, 2, &second) != 2 || !read_fraction(at, ret_fraction_us)) {
			return false;
		}
	}
	if (hour > 23 || minute > 59 || second > 59) {
		return false;
	}
	tm->tm_hour = (int)hour;
	tm->tm_min = (int)minute;
	tm->tm_sec = (int)second;
	return true;
}

/* "YYYY-MM-DD", a day that exists */
static bool read_date(const char **at, struct tm *tm)
{
	int64_t year;
	int64_t month;
	int64_t day;
	if (read_digits(at, 4, &year) != 4 || **at != '-') {
		return false;
	}
	(*at)++;
	if (read_digits(at, 2, &month) != 2 || **at != '-') {
		return false;
	}
	(*at)++;
	if (read_digits(at, 2, &day) != 2 || month < 1 || month > 12 || day < 1) {
		return false;
	}
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	if (day > days[month - 1] + (month == 2 && leap)) {
		return false;
	}
	tm->tm_year = (int)year - 1900;
	tm->tm_mon = (int)month - 1;
	tm->tm_mday = (int)day;
	return true;
}

/* "Z", " UTC", "+01:00", or nothing: local. *RET_OFFSET_S is what UTC is behind. */
static bool read_zone(const char **at, bool *ret_local, int64_t *ret_offset_s)
{
	*ret_local = false;
	*ret_offset_s = 0;
	if (strcmp(*at, "") == 0) {
		*ret_local = true;
		return true;
	}
	if (strcmp(*at, "Z") == 0 || strcmp(*at, " UTC") == 0) {
		*at += strlen(*at);
		return true;
	}
	if (**at != '+' && **at != '-') {
		return false;
	}
	const int sign = **at == '+' ? 1 : -1;
	struct tm offset = { 0 };
	int64_t fraction_us;
	(*at)++;
	if (!read_clock(at, &offset, &fraction_us) || **at != '\0') {
		return false;
	}
	*ret_offset_s = sign * (3600 * offset.tm_hour + 60 * offset.tm_min);
	return true;
}

/* "YYYY-MM-DD[ T]HH:MM[:SS][zone]", "YYYY-MM-DD", "HH:MM[:SS]" */
static bool read_calendar(const char *at, int64_t now_us, int64_t *ret_us)
{
	const time_t now = whole_seconds(now_us);
	struct tm tm;
	localtime_r(&now, &tm);
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	tm.tm_isdst = -1;
	int64_t fraction_us = 0;
	const char *start = at;
	bool clock_follows = true;
	if (!read_date(&at, &tm)) {
		at = start;
	} else if (*at == 'T' || (*at == ' ' && isdigit((unsigned char)at[1]))) {
		at++;
	} else {
		clock_follows = false;
	}
	if (clock_follows && !read_clock(&at, &tm, &fraction_us)) {
		return false;
	}
	bool local;
	int64_t offset_s;
	if (!read_zone(&at, &local, &offset_s)) {
		return false;
	}
	const int64_t seconds = local ? (int64_t)mktime(&tm) : (int64_t)timegm(&tm) - offset_s;
	*ret_us = seconds * US_PER_S + fraction_us;
	return true;
}

static int check_range(double time_s, const char *text, struct hk_diag *diag)
{
	if (time_s < 0 || time_s > (double)LAST_SECOND) {
		return hk_diag_set(
			diag, -ERANGE, "time \"%s\": expected one of the years 1970 to 9999", text);
	}
	return 0;
}

int hk_time_parse(const char *text, int64_t now_us, int64_t *ret_us, struct hk_diag *diag)
{
	static const struct {
		const char *word;
		int days;
	} days[] = { { "yesterday", -1 }, { "today", 0 }, { "tomorrow", 1 } };
	const char *at = skip_blanks(text);
	int64_t time_us = now_us;
	double span_s = 0;
	bool ago = false;
	bool known = strcmp(at, "now") == 0;
	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]) && !known; i++) {
		if (strcmp(at, days[i].word) == 0) {
			time_us = midnight(now_us, days[i].days);
			known = true;
		}
	}
	if (!known && *at == '@') {
		int64_t seconds;
		int64_t fraction_us;
		at++;
		known = read_digits(&at, 12, &seconds) > 0 && read_fraction(&at, &fraction_us) &&
			*at == '\0';
		if (known) {
			time_us = seconds * US_PER_S + fraction_us;
		}
	} else if (!known && (*at == '-' || *at == '+')) {
		known = read_span(at + 1, &span_s, &ago) && !ago;
		span_s = *at == '-' ? -span_s : span_s;
	} else if (!known) {
		known = read_calendar(at, now_us, &time_us);
		if (!known) {
			known = read_span(at, &span_s, &ago) && ago;
			span_s = -span_s;
		}
	}
	if (!known) {
		return hk_diag_set(diag, -EINVAL,
			"time \"%s\": expected for example \"-1h\", \"2h ago\", \"today\", \"10:00\", "
			"\"2026-11-22 10:00\" or \"2026-11-22T10:00:00Z\"",
			text);
	}
	const int r = check_range((double)time_us * 1e-6 + span_s, text, diag);
	if (r < 0) {
		return r;
	}
	*ret_us = time_us + llround(span_s * 1e6);
	return 0;
}
