/* SPDX-License-Identifier: MIT */
#include "core/base/time_text.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/base/time_calendar.h"

#define US_PER_S 1000000LL
#define DAY_S 86400.0
#define SHORT_UNIX_DIGITS 9        /* since 1973 */
#define LAST_SECOND 253402300799LL /* 9999-12-31 23:59:59 UTC */

void hk_time_print_utc(int64_t time_us, char ret_text[HK_TIME_TEXT_SIZE])
{
	const time_t seconds = hk_time_whole_seconds(time_us);
	const int ms = (int)((time_us - (int64_t)seconds * US_PER_S) / 1000);
	struct tm tm;
	gmtime_r(&seconds, &tm);
	const size_t n = strftime(ret_text, HK_TIME_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(ret_text + n, HK_TIME_TEXT_SIZE - n, ".%03dZ", ms);
}

void hk_time_print_local(int64_t time_us, char ret_text[HK_TIME_TEXT_SIZE])
{
	const time_t seconds = hk_time_whole_seconds(time_us);
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

static const double *find_unit(const char *at, size_t length)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strlen(units[i].name) == length && strncmp(units[i].name, at, length) == 0) {
			return &units[i].seconds;
		}
	}
	return NULL;
}

enum direction { NONE, AGO, LEFT };

/* "1h 30min", and the "ago" or "left" that may follow it. */
static bool read_span(const char *at, double *ret_s, enum direction *ret_direction)
{
	double sum_s = 0;
	bool any = false;
	*ret_direction = NONE;
	for (at = skip_blanks(at); *at != '\0'; at = skip_blanks(at)) {
		if (any && (strcmp(at, "ago") == 0 || strcmp(at, "left") == 0)) {
			*ret_direction = *at == 'a' ? AGO : LEFT;
			break;
		}
		int64_t whole;
		int64_t fraction_us;
		if (hk_time_read_digits(&at, 12, &whole) == 0 ||
			!hk_time_read_fraction(&at, &fraction_us)) {
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
	const time_t now = hk_time_whole_seconds(now_us);
	struct tm tm;
	localtime_r(&now, &tm);
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	tm.tm_mday += days;
	tm.tm_isdst = -1;
	return (int64_t)mktime(&tm) * US_PER_S;
}

static int check_range(double time_s, const char *text, struct hk_diag *diag)
{
	if (time_s < 0 || time_s > (double)LAST_SECOND) {
		return hk_diag_set(
			diag, -ERANGE, "time \"%s\": expected one of the years 1970 to 9999", text);
	}
	return 0;
}

/* "@1795343415.5", and as `journalctl -o short-unix` prints it, without the "@". */
static bool read_seconds(const char *at, int64_t *ret_us)
{
	int64_t seconds, fraction_us;
	const int least_digits = *at == '@' ? 1 : SHORT_UNIX_DIGITS;
	at += *at == '@';
	if (hk_time_read_digits(&at, 12, &seconds) < least_digits ||
		!hk_time_read_fraction(&at, &fraction_us) || *at != '\0') {
		return false;
	}
	*ret_us = seconds * US_PER_S + fraction_us;
	return true;
}

static bool read_word(const char *at, int64_t now_us, int64_t *ret_us)
{
	static const struct {
		const char *word;
		int days;
	} days[] = { { "yesterday", -1 }, { "today", 0 }, { "tomorrow", 1 } };
	if (strcmp(at, "now") == 0) {
		*ret_us = now_us;
		return true;
	}
	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
		if (strcmp(at, days[i].word) == 0) {
			*ret_us = midnight(now_us, days[i].days);
			return true;
		}
	}
	return false;
}

/* "-1h", "+1h", "1h ago", "1h left": seconds from now. */
static bool read_relative(const char *at, double *ret_s)
{
	enum direction direction;
	const bool sign = *at == '-' || *at == '+';
	double span_s;
	if (!read_span(at + sign, &span_s, &direction) || sign != (direction == NONE)) {
		return false;
	}
	*ret_s = *at == '-' || direction == AGO ? -span_s : span_s;
	return true;
}

int hk_time_parse(const char *text, int64_t now_us, int64_t *ret_us, struct hk_diag *diag)
{
	const char *at = skip_blanks(text);
	int64_t time_us = now_us;
	double span_s = 0;
	struct hk_diag weekday = { "" };
	if (!read_word(at, now_us, &time_us) && !read_seconds(at, &time_us) &&
		!read_relative(at, &span_s) &&
		hk_time_read_calendar(at, now_us, &time_us, &weekday) < 0) {
		if (weekday.text[0] != '\0') {
			return hk_diag_set(diag, -EINVAL, "%s", weekday.text);
		}
		return hk_diag_set(diag, -EINVAL,
			"time \"%s\": expected for example \"-1h\", \"2h ago\", \"today\", \"10:00\", "
			"\"2026-11-22 10:00\", \"Sun 2026-11-22 10:00:00 UTC\" or "
			"\"2026-11-22T10:00:00Z\"",
			text);
	}
	const int r = check_range((double)time_us * 1e-6 + span_s, text, diag);
	if (r < 0) {
		return r;
	}
	*ret_us = time_us + llround(span_s * 1e6);
	return 0;
}
