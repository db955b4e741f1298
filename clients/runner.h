/* SPDX-License-Identifier: MIT */
/*
 * runner: a command that is run for each event, one after the other, beside everything else.
 *
 * Events wait in a queue of fixed length; when it is full the event that comes is dropped, which is said and counted.
 * No shell: the command gets its arguments as they are, the event as JSON on stdin, and its fields as HEARKEN_ID,
 * HEARKEN_LABEL, ... in the environment. A command that takes too long gets SIGTERM and 2 s later SIGKILL, with all of
 * its process group. Nothing here waits but hk_runner_free; the owner polls. Main thread only.
 */
#pragma once

#include <jansson.h>
#include <stdint.h>

#include "clients/heard.h"

struct hk_runner_setup {
	char *const *argv; /* NULL-terminated; looked for in PATH */
	int64_t timeout_ms;
	size_t max_queued;
};

struct hk_runner;

/* SETUP is copied, its argv must stay. Returns NULL after saying why: it cannot be run, or out of memory. */
struct hk_runner *hk_runner_new(const struct hk_runner_setup *setup);

/* End the command that runs, at most 2 s, and say how many events it did not get and how many runs failed. */
void hk_runner_free(struct hk_runner *runner);

/* Run the command for EVENT (borrowed) when its turn comes. */
void hk_runner_push(struct hk_runner *runner, json_t *event, const struct hk_heard *heard);

/* For poll(): readable when the command ends (-1: none runs), and when to tend at the latest (hk_clock_ms). */
int hk_runner_fd(const struct hk_runner *runner);
int64_t hk_runner_due_ms(const struct hk_runner *runner);

/* Reap the command when it has ended, end it when it is late, start the next. */
void hk_runner_tend(struct hk_runner *runner);
