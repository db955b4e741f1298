/* SPDX-License-Identifier: MIT */
/*
 * time_calendar: calendar forms of a point in time: dates, times of day, weekdays, time zones.
 *
 * For time_text, which reads the other forms. Local time is the process' time zone. Any thread; not
 * real-time. Source: RFC 3339; systemd.time(7); `journalctl --output=short, short-full, short-iso`.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "core/base/diag.h"

/* Seconds since 1970 of the whole second that TIME_US lies in. */
time_t hk_time_whole_seconds(int64_t time_us);

/* Read at most MAX_DIGITS digits at *AT, which moves past them. Returns their count. */
int hk_time_read_digits(const char **at, int max_digits, int64_t *ret);

/* Read ".5" at *AT as microseconds; 0 without a dot. Returns false for a dot without digits. */
bool hk_time_read_fraction(const char **at, int64_t *ret_us);

/*
 * Read TEXT: [weekday] [date] [time of day] [zone], or a weekday alone. Without a date the day is
 * today's in the zone, or the latest such weekday; a date without a year ("Nov 30") is the latest
 * such day that is not more than a day ahead. Returns 0; -EINVAL without DIAG: no calendar form;
 * -EINVAL with DIAG: the weekday contradicts the date.
 */
int hk_time_read_calendar(const char *text, int64_t now_us, int64_t *ret_us, struct hk_diag *diag);
