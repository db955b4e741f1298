/* SPDX-License-Identifier: MIT */
/*
 * time_text: points in time as text: RFC 3339 for programs, journalctl's forms from people.
 *
 * Times are microseconds since 1970 in UTC. No clock of its own: what "now" is comes from the
 * caller; local time is the process' time zone. Any thread; not real-time.
 * Source: RFC 3339; systemd.time(7), "Parsing timestamps".
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/base/diag.h"

#define HK_TIME_TEXT_SIZE 40

/* "2026-11-22T10:00:00.123Z": UTC with milliseconds, cut, not rounded. */
void hk_time_print_utc(int64_t time_us, char ret_text[HK_TIME_TEXT_SIZE]);

/* "2026-11-22 10:00:00": local time, for people. */
void hk_time_print_local(int64_t time_us, char ret_text[HK_TIME_TEXT_SIZE]);

/*
 * Read what journalctl reads and prints:
 *   now, today, yesterday, tomorrow; @SECONDS since 1970 (from nine digits on without the "@" too)
 *   -1h, +30min, "2h 30min ago", "5min left": units us ms s min h d w month y and their long forms
 *   [weekday] [date] [time of day] [zone], at least one of the first three; the weekday must fit
 * the date: 2026-11-22, "Nov 22" (the latest); 10:00, 10:00:30.5; Sun, Sunday (the latest)
 *     2026-11-22T10:00:00.5Z (RFC 3339), "Sun 2026-11-22 10:00:00 CET", 2026-11-22T10:00:00+0100
 *     zone: Z, UTC, an offset, a name of the local zone; local without
 * Returns 0, -EINVAL (DIAG says what is read), -ERANGE (years 1970 to 9999 only).
 */
int hk_time_parse(const char *text, int64_t now_us, int64_t *ret_us, struct hk_diag *diag);
