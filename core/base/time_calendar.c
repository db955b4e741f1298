/* SPDX-License-Identifier: MIT */
#include "core/base/time_calendar.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#define US_PER_S 1000000LL
#define DAY_US (86400 * US_PER_S)
#define YEARS_BACK 8 /* in which a 29 February occurs, whatever the century */

static const char *const weekdays[] = { "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday",
	"Friday", "Saturday" };
static const char *const months[] = { "January", "February", "March", "April", "May", "June",
	"July", "August", "September", "October", "November", "December" };

/* What the text names; -1: not named. */
struct calendar {
	int weekday; /* 0: Sunday */
	int year, month, day;
	bool has_clock;
	int hour, minute, second;
	int64_t fraction_us;
	bool local;
	int is_dst; /* of a local time */
	int64_t offset_s;
};

time_t hk_time_whole_seconds(int64_t time_us)
{
	return (time_t)(time_us >= 0 ? time_us / US_PER_S
				     : -((-time_us + US_PER_S - 1) / US_PER_S));
}

int hk_time_read_digits(const char **at, int max_digits, int64_t *ret)
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

bool hk_time_read_fraction(const char **at, int64_t *ret_us)
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

/* One of NAMES, whole or its first three letters, whatever their case. Returns its index, -1: none.
 */
static int read_name(const char **at, const char *const *names, size_t n_names)
{
	size_t length = 0;
	while (isalpha((unsigned char)(*at)[length])) {
		length++;
	}
	for (size_t i = 0; i < n_names; i++) {
		if ((length == 3 || length == strlen(names[i])) &&
			strncasecmp(*at, names[i], length) == 0) {
			*at += length;
			return (int)i;
		}
	}
	return -1;
}

static int n_days(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return days[month] + (month == 1 && leap);
}

/* Two numbers with SEPARATOR between them. */
static bool read_pair(const char **at, char separator, int64_t *ret_a, int64_t *ret_b)
{
	if (hk_time_read_digits(at, 2, ret_a) == 0 || **at != separator) {
		return false;
	}
	(*at)++;
	return hk_time_read_digits(at, 2, ret_b) == 2;
}

/* "YYYY-MM-DD" or "Mon DD". False: neither, *AT stays. */
static bool read_date(const char **at, struct calendar *ret)
{
	const char *next = *at;
	int64_t year = -1, month, day;
	const int name = read_name(&next, months, sizeof(months) / sizeof(months[0]));
	if (name >= 0) {
		/* syslog pads the day with a blank */
		const size_t n_blanks = strspn(next, " ");
		month = name + 1;
		next += n_blanks;
		if (n_blanks == 0 || n_blanks > 2 || hk_time_read_digits(&next, 2, &day) == 0) {
			return false;
		}
	} else if (hk_time_read_digits(&next, 4, &year) != 4 || *next++ != '-' ||
		!read_pair(&next, '-', &month, &day) || month < 1 || month > 12) {
		return false;
	}
	/* a day without a year may be in a leap year */
	if (day < 1 || day > n_days(year < 0 ? 2000 : (int)year, (int)month - 1)) {
		return false;
	}
	ret->year = (int)year;
	ret->month = (int)month - 1;
	ret->day = (int)day;
	*at = next;
	return true;
}

/* "HH:MM[:SS[.fff]]"; a leap second is the first one of the next minute. */
static bool read_clock(const char **at, struct calendar *ret)
{
	int64_t hour, minute, second = 0;
	ret->fraction_us = 0;
	if (!read_pair(at, ':', &hour, &minute)) {
		return false;
	}
	if (**at == ':') {
		(*at)++;
		if (hk_time_read_digits(at, 2, &second) != 2 ||
			!hk_time_read_fraction(at, &ret->fraction_us)) {
			return false;
		}
	}
	if (hour > 23 || minute > 59 || second > 60) {
		return false;
	}
	ret->has_clock = true;
	ret->hour = (int)hour;
	ret->minute = (int)minute;
	ret->second = (int)second;
	return true;
}

/* "+HH", "+HHMM", "+HH:MM" to the end */
static bool read_offset(const char *at, int64_t *ret_s)
{
	int64_t hours, minutes = 0;
	const int sign = *at == '-' ? -1 : 1;
	at++;
	if (hk_time_read_digits(&at, 2, &hours) != 2) {
		return false;
	}
	if (*at != '\0') {
		at += *at == ':';
		if (hk_time_read_digits(&at, 2, &minutes) != 2) {
			return false;
		}
	}
	*ret_s = sign * (3600 * hours + 60 * minutes);
	return *at == '\0' && hours < 24 && minutes < 60;
}

/* "Z", "UTC", "+01:00", a name of the local zone, or nothing: local; to the end. */
static bool read_zone(const char *at, struct calendar *ret)
{
	ret->local = false;
	ret->offset_s = 0;
	if (*at == '\0') {
		ret->local = true;
		ret->is_dst = -1;
		return true;
	}
	const bool blank = *at == ' ';
	at += blank;
	if (*at == '+' || *at == '-') {
		return read_offset(at, &ret->offset_s);
	}
	if ((!blank && strcmp(at, "Z") == 0) || (blank && strcmp(at, "UTC") == 0)) {
		return true;
	}
	tzset();
	for (int i = 0; i < 2 && blank; i++) {
		if (strcmp(at, tzname[i]) == 0) {
			ret->local = true;
			ret->is_dst = i;
			return true;
		}
	}
	return false;
}

static bool read_parts(const char *at, struct calendar *ret)
{
	*ret = (struct calendar){ .weekday = -1, .year = -1, .month = -1, .day = -1 };
	ret->weekday = read_name(&at, weekdays, sizeof(weekdays) / sizeof(weekdays[0]));
	if (ret->weekday >= 0 && *at == ' ') {
		at++;
	} else if (ret->weekday >= 0) {
		return read_zone(at, ret);
	}
	const bool has_date = read_date(&at, ret);
	bool clock_follows = !has_date && isdigit((unsigned char)*at);
	if (has_date && (*at == 'T' || (*at == ' ' && isdigit((unsigned char)at[1])))) {
		clock_follows = true;
		at++;
	}
	if (!has_date && !clock_follows && ret->weekday < 0) {
		return false;
	}
	if (!has_date && !clock_follows) {
		at--; /* the blank belongs to the zone */
	}
	return (!clock_follows || read_clock(&at, ret)) && read_zone(at, ret);
}

/* Seconds since 1970 of TM, whose fields come back in order. */
static int64_t seconds_of(const struct calendar *calendar, struct tm *tm)
{
	return calendar->local ? (int64_t)mktime(tm) : (int64_t)timegm(tm) - calendar->offset_s;
}

/* Put the named date into DAY, which is today; false: that day has not been for years. */
static bool choose_day(const struct calendar *calendar, int64_t now_us, struct tm *day)
{
	if (calendar->month < 0) {
		const int back =
			calendar->weekday < 0 ? 0 : (day->tm_wday - calendar->weekday + 7) % 7;
		day->tm_mday -= back;
		return true;
	}
	const int this_year = day->tm_year + 1900;
	day->tm_mon = calendar->month;
	day->tm_mday = calendar->day;
	if (calendar->year >= 0) {
		day->tm_year = calendar->year - 1900;
		return true;
	}
	for (int year = this_year + 1; year >= this_year - YEARS_BACK; year--) {
		struct tm tried = *day;
		tried.tm_year = day->tm_year = year - 1900;
		if (calendar->day <= n_days(year, calendar->month) &&
			seconds_of(calendar, &tried) * US_PER_S <= now_us + DAY_US) {
			return true;
		}
	}
	return false;
}

int hk_time_read_calendar(const char *text, int64_t now_us, int64_t *ret_us, struct hk_diag *diag)
{
	struct calendar calendar;
	if (!read_parts(text, &calendar)) {
		return -EINVAL;
	}
	const time_t now = hk_time_whole_seconds(now_us) + (time_t)calendar.offset_s;
	struct tm tm;
	if (!(calendar.local ? localtime_r(&now, &tm) : gmtime_r(&now, &tm))) {
		return -EINVAL;
	}
	tm.tm_hour = calendar.hour;
	tm.tm_min = calendar.minute;
	tm.tm_sec = calendar.second;
	tm.tm_isdst = calendar.is_dst;
	if (!choose_day(&calendar, now_us, &tm)) {
		return -EINVAL;
	}
	struct tm date = { .tm_year = tm.tm_year, .tm_mon = tm.tm_mon, .tm_mday = tm.tm_mday };
	timegm(&date); /* its weekday */
	if (calendar.weekday >= 0 && calendar.month >= 0 && calendar.weekday != date.tm_wday) {
		return hk_diag_set(diag, -EINVAL,
			"time \"%s\": expected \"%s\" as the weekday of that date, got \"%s\"",
			text, weekdays[date.tm_wday], weekdays[calendar.weekday]);
	}
	*ret_us = seconds_of(&calendar, &tm) * US_PER_S + calendar.fraction_us;
	return 0;
}
