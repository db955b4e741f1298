/* SPDX-License-Identifier: MIT */
#include "daemon/store/wall_clock.h"

#include <sys/timex.h>
#include <time.h>

int64_t hk_wall_clock_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

bool hk_wall_clock_synchronised(void)
{
	struct timex timex = { .modes = 0 }; /* only ask */
	const int state = adjtimex(&timex);
	return state >= 0 && state != TIME_ERROR && !(timex.status & STA_UNSYNC) &&
		hk_wall_clock_us() >= HK_WALL_CLOCK_EPOCH_US;
}
