/* SPDX-License-Identifier: MIT */
/*
 * progress: how far a long step is: a bar with the time left on a terminal, a line an item
 * elsewhere, nothing when quiet. Any thread.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct hk_progress {
	FILE *file; /* NULL: quiet */
	bool terminal;
	const char *what; /* "features" */
	size_t n_total, n_done;
	uint64_t n_windows;
	double start_s;      /* CLOCK_MONOTONIC */
	double last_drawn_s; /* a terminal is redrawn at most ten times a second */
	pthread_mutex_t lock;
};

/* FILE: where to; NULL for none. WHAT must outlive the progress. */
void hk_progress_init(struct hk_progress *progress, FILE *file, const char *what, size_t n_total);

/* Removes the bar. */
void hk_progress_finish(struct hk_progress *progress);

/* One more item is done: ITEM (NULL: none worth a line) gave N_WINDOWS windows. */
void hk_progress_step(struct hk_progress *progress, const char *item, size_t n_windows);
