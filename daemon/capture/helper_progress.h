/* SPDX-License-Identifier: MIT */
/*
 * helper_progress: whether a helper that should answer hangs, on a machine however busy. One
 * thread.
 *
 * A hang is 10 s of slices in which the helper neither computed nor wrote, or 80 s of its own
 * processor time without a word. A slice counts as its nominal length: what the machine takes from
 * us it takes from the helper too.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#define HK_PROGRESS_SLICE_USEC (100 * 1000)

struct hk_helper_progress {
	clockid_t cpu; /* the helper's */
	int64_t cpu_ms, spoken_cpu_ms;
	int idle_ms;
};

void hk_helper_progress_begin(struct hk_helper_progress *progress, pid_t pid);

/* It has written something. */
void hk_helper_progress_speaks(struct hk_helper_progress *progress);

/* A slice is over. Returns whether the helper hangs. */
bool hk_helper_progress_hangs(struct hk_helper_progress *progress);
