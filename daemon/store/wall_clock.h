/* SPDX-License-Identifier: MIT */
/*
 * wall_clock: the time of day, and whether anybody vouches for it. Any thread; not real-time.
 *
 * A computer without a battery for its clock starts in 1970, or where it was shut down; one with an
 * empty battery may start anywhere. Until a time service has set the clock, nothing irreversible
 * may be done on its word.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* 2026-01-01, before hearken's first release: a clock that shows less was never set. */
#define HK_WALL_CLOCK_EPOCH_US INT64_C(1767225600000000)

/* Microseconds since 1970. */
int64_t hk_wall_clock_us(void);

/*
 * Returns true when the kernel calls the clock synchronised (adjtimex(2): a time service keeps it)
 * and it does not show a time before the epoch above. False as well where the kernel may not be
 * asked.
 */
bool hk_wall_clock_synchronised(void);
