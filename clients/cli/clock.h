/* SPDX-License-Identifier: MIT */
/*
 * clock: what time it is. Any thread.
 */
#pragma once

#include <stdint.h>

/* Milliseconds of the monotonic clock: for deadlines. */
int64_t hk_clock_ms(void);

/* Microseconds since 1970 in UTC. */
int64_t hk_clock_wall_us(void);

/* How long poll() may sleep until DEADLINE_MS: 0 when it has passed; -1 (for ever) when it is
 * INT64_MAX. */
int hk_clock_left_ms(int64_t deadline_ms);
