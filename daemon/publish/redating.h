/* SPDX-License-Identifier: MIT */
/*
 * redating: the steps of a wall clock that nobody keeps yet, until it is right.
 *
 * What a run heard before its clock was synchronised for the first time is dated again by the steps
 * that the clock made since. A clock that leaves 1970 for the present counts as set right, whoever
 * does it. In the caller's memory; main thread only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HK_REDATING_STEPS 16 /* the oldest are forgotten first */

struct hk_redating {
	bool done;  /* the clock is right, or was from the start */
	bool right; /* it left 1970 */
	size_t n_steps;
	struct hk_redating_step {
		uint64_t last_id; /* events up to here were dated before it */
		int64_t step_us;
	} steps[HK_REDATING_STEPS];
};

/* At the start of a run. */
void hk_redating_init(struct hk_redating *redating);

/* The clock was set forward by STEP_US; LAST_ID: of the newest event, 0: none yet. */
void hk_redating_add(struct hk_redating *redating, uint64_t last_id, int64_t step_us);

/* Returns true once: the clock is right now, and there are steps to apply, each to all events up to
 * its last_id. */
bool hk_redating_due(struct hk_redating *redating);
