/* SPDX-License-Identifier: MIT */
/*
 * exec_queue: a command that is run for each change (of an event or of the source), one after the
 * other, beside everything else.
 *
 * Changes wait in a queue of fixed length; when it is full the change that comes is dropped, which
 * is reported and counted. An owner that can stop reading (hk_exec_queue_is_full) drops none. No
 * shell: the command gets its arguments as they are, the event as JSON on stdin, and its fields as
 * HEARKEN_ID, HEARKEN_LABEL, ... in the environment. A command that takes too long gets SIGTERM and
 * 2 s later SIGKILL, with all of its process group. Nothing here waits but hk_exec_queue_free; the
 * owner polls. Main thread only.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "clients/socket/event_view.h"

struct hk_exec_queue_setup {
	char *const *argv; /* NULL-terminated; looked for in PATH */
	int64_t timeout_ms;
	size_t max_queued;
	void *owner;
	/* The command was run for everything before the mark PLACE (hk_exec_queue_mark). May be
	 * NULL. */
	void (*on_place)(void *owner, int64_t place);
};

struct hk_exec_queue;

/* SETUP is copied, its argv must stay. Returns NULL after saying why: it cannot be run, or out of
 * memory. */
struct hk_exec_queue *hk_exec_queue_new(const struct hk_exec_queue_setup *setup);

/* End the command that runs, at most 2 s, and say how many events it did not get and how many runs
 * failed. */
void hk_exec_queue_free(struct hk_exec_queue *runner);

/* Run the command for CHANGE (borrowed; an Event, or an object with the one member source) when its
 * turn comes. SUBJECT: what it is, for messages. */
void hk_exec_queue_push(struct hk_exec_queue *runner, json_t *change, const char *subject);

/* Report PLACE with on_place once the command has ended for all that was pushed so far: at once
 * when nothing waits. */
void hk_exec_queue_mark(struct hk_exec_queue *runner, int64_t place);

/* max_queued changes wait. Some more find room, for those that come in one reply. */
bool hk_exec_queue_is_full(const struct hk_exec_queue *runner);

/* For poll(): readable when the command ends (-1: none runs), and when to tend at the latest
 * (hk_clock_ms). */
int hk_exec_queue_fd(const struct hk_exec_queue *runner);
int64_t hk_exec_queue_due_ms(const struct hk_exec_queue *runner);

/* Reap the command when it has ended, end it when it is late, start the next. */
void hk_exec_queue_tend(struct hk_exec_queue *runner);
