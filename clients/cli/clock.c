/* SPDX-License-Identifier: MIT */
#include "clients/cli/clock.h"

#include <limits.h>
#include <time.h>

int64_t hk_clock_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t hk_clock_wall_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int hk_clock_left_ms(int64_t deadline_ms)
{
	if (deadline_ms == INT64_MAX) {
		return -1;
	}
	const int64_t left_ms = deadline_ms - hk_clock_ms();
	if (left_ms <= 0) {
		return 0;
	}
	return left_ms < INT_MAX ? (int)left_ms : INT_MAX;
}
