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

#include "core/diag.h"

#define HK_TIME_TEXT_SIZE 40

/* "2026-11-22T10:00:00.123Z": UTC with milliseconds, cut, not rounded. */
void hk_time_print_utc(int64_t time_us, char ret_text[HK_TIME_TEXT_SIZE]);

/* "2026-11-22 10:00:00": local time, for people. */
void hk_time_print_local(int64_t time_us, char ret_text[HK_TIME_TEXT_SIZE]);

/*
 * Read what journalctl reads:
 *   now, today, yesterday, tomorrow; @SECONDS since 1970
 *   -1h, +30min, "2h 30min ago": units us ms s min h d w month y and their long forms
 *   2026-11-22, 2026-11-22 10:00, 2026-11-22 10:00:30.5, 10:00, 10:00:30 (of today), each with " UTC" or local
 *   RFC 3339: 2026-11-22T10:00:00.5Z, 2026-11-22T10:00:00+01:00
 * Returns 0, -EINVAL (DIAG says what is read), -ERANGE (years 1970 to 9999 only).
 */
int hk_time_parse(const char *text, int64_t now_us, int64_t *ret_us, struct hk_diag *diag);
