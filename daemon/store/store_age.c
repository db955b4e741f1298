/* SPDX-License-Identifier: MIT */
#include "daemon/store/store_age.h"

#include <time.h>

#include "daemon/store/wall_clock.h"

struct hk_store_moment hk_store_moment_now(void)
{
	struct timespec boot;
	clock_gettime(CLOCK_BOOTTIME, &boot);
	return (struct hk_store_moment){
		.wall_us = hk_wall_clock_us(),
		.boot_us = boot.tv_sec * INT64_C(1000000) + boot.tv_nsec / 1000,
		.synchronised = hk_wall_clock_synchronised(),
	};
}

/* Returns true when AHEAD_US is news. */
static bool hold(struct hk_store_age *age, int64_t ahead_us, int64_t boot_us)
{
	const bool first = age->ahead_us == 0;
	age->ahead_us = ahead_us;
	age->ahead_since_us = first ? boot_us : age->ahead_since_us;
	return first;
}

bool hk_store_age_tick(struct hk_store_age *age, const struct hk_store_moment *now, int64_t span_us)
{
	const int64_t passed_us =
		age->boot_us > 0 && now->boot_us > age->boot_us ? now->boot_us - age->boot_us : 0;
	age->boot_us = now->boot_us;
	age->age_us += passed_us;
	if (age->synchronised_us > 0) {
		age->synchronised_us += passed_us;
	}
	if (!now->synchronised) {
		age->ahead_us = 0; /* and it has to stay so for the whole time again */
		return false;
	}
	if (age->synchronised_us == 0) {
		age->synchronised_us = now->wall_us;
		return false;
	}
	const int64_t ahead_us = now->wall_us - age->synchronised_us;
	if (ahead_us <= 0) {
		age->ahead_us =
			0; /* set back: what was counted once is not counted a second time */
		return false;
	}
	const bool held =
		age->ahead_us > 0 && now->boot_us - age->ahead_since_us >= HK_STORE_AGE_HOLD_US;
	if (ahead_us > span_us && !held) {
		return hold(age, ahead_us, now->boot_us);
	}
	age->age_us += ahead_us;
	age->synchronised_us = now->wall_us;
	age->ahead_us = 0;
	return false;
}
