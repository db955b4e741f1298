/* SPDX-License-Identifier: MIT */
#include "daemon/publish/redating.h"

#include <string.h>

#include "daemon/store/wall_clock.h"

void hk_redating_init(struct hk_redating *redating)
{
	*redating = (struct hk_redating){ .done = hk_wall_clock_synchronised() };
}

void hk_redating_add(struct hk_redating *redating, uint64_t last_id, int64_t step_us)
{
	if (redating->done) {
		return;
	}
	const int64_t now_us = hk_wall_clock_us();
	redating->right |=
		now_us >= HK_WALL_CLOCK_EPOCH_US && now_us - step_us < HK_WALL_CLOCK_EPOCH_US;
	if (redating->n_steps == HK_REDATING_STEPS) {
		memmove(redating->steps, redating->steps + 1,
			(HK_REDATING_STEPS - 1) * sizeof(redating->steps[0]));
		redating->n_steps--;
	}
	redating->steps[redating->n_steps++] =
		(struct hk_redating_step){ .last_id = last_id, .step_us = step_us };
}

bool hk_redating_due(struct hk_redating *redating)
{
	if (redating->done || (!redating->right && !hk_wall_clock_synchronised())) {
		return false;
	}
	redating->done = true;
	return redating->n_steps > 0;
}
