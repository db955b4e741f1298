/* SPDX-License-Identifier: MIT */
#include "daemon/capture-shared/clock.h"

#include <errno.h>
#include <time.h>

int64_t hk_clock_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * HK_NS_PER_S + now.tv_nsec;
}

void hk_clock_sleep_until(int64_t ns)
{
	const struct timespec until = { .tv_sec = ns / HK_NS_PER_S, .tv_nsec = ns % HK_NS_PER_S };
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) {}
}
