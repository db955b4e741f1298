/* SPDX-License-Identifier: MIT */
/*
 * clock: CLOCK_MONOTONIC in nanoseconds. Any thread.
 */
#pragma once

#include <stdint.h>

#define HK_NS_PER_S INT64_C(1000000000)

/* Real-time: yes. */
int64_t hk_clock_ns(void);

/* Sleep until the clock shows NS. */
void hk_clock_sleep_until(int64_t ns);
