/* SPDX-License-Identifier: MIT */
/*
 * store_age: how long a history has lived: the clock by which its events grow old. Pure; one
 * thread.
 *
 * It counts the time that surely passed: while a daemon runs by CLOCK_BOOTTIME, and what passed
 * between two runs by the wall clock, but only from one synchronised reading to another. A wall
 * clock that is wrong makes no event older.
 *
 * A synchronised clock that is ahead by more than the whole history spans may be right (the machine
 * was off for a month) or badly wrong: the time is counted after it has stayed so for
 * HK_STORE_AGE_HOLD_US.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define HK_STORE_AGE_HOLD_US (3600 * INT64_C(1000000))

/* Zeroed: a history that begins now. The first two are kept in the file. */
struct hk_store_age {
	int64_t age_us;
	int64_t synchronised_us; /* CLOCK_REALTIME as it should be now, going on from a synchronised
				    reading; 0: unknown */
	int64_t boot_us;         /* CLOCK_BOOTTIME of the last tick; 0: none in this run */
	int64_t ahead_us;        /* a jump that is not counted yet; 0: none */
	int64_t ahead_since_us;  /* CLOCK_BOOTTIME */
};

/* The clocks now. */
struct hk_store_moment {
	int64_t wall_us; /* CLOCK_REALTIME */
	int64_t boot_us; /* CLOCK_BOOTTIME, above 0 */
	bool synchronised;
};

struct hk_store_moment hk_store_moment_now(void);

/*
 * Count the time up to NOW. SPAN_US: how far back the history reaches.
 * Returns true when this reading is the first that is ahead of what passed by more than that
 * (AHEAD_US).
 */
bool hk_store_age_tick(
	struct hk_store_age *age, const struct hk_store_moment *now, int64_t span_us);
