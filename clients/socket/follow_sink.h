/* SPDX-License-Identifier: MIT */
/*
 * follow_sink: what `hearken follow` does with the changes that it receives: prints them, runs a
 * command for them, and keeps in a file how far it got. Main thread only.
 */
#pragma once

#include "clients/cli/exit_codes.h"
#include "clients/cli/table.h"
#include "clients/socket/event_view.h"
#include "clients/socket/exec_queue.h"

struct hk_follow_sink {
	struct hk_table table;
	bool print;
	bool json;
	struct hk_exec_queue *runner; /* NULL: none */
	const char *cursor_file;      /* NULL: no place is kept */
	int64_t cursor;               /* that it holds; -1: none */
	bool keeps;                   /* it could be written */
	enum hk_exit exit_code;       /* not HK_EXIT_OK: it makes no sense to go on */
};

/* An instance whose changes come to a sink. */
struct hk_follow_feed {
	struct hk_follow_sink *sink;
	const char *instance; /* named with the state of its source; NULL: it is the only one */
};

/* For struct hk_follower_setup; OWNER is a feed. */
void hk_follow_on_event(void *owner, json_t *event, const struct hk_event_view *heard);
void hk_follow_on_source(void *owner, json_t *source);
void hk_follow_on_place(void *owner, int64_t cursor);
bool hk_follow_may_take(void *owner);

/*
 * For struct hk_exec_queue_setup, OWNER is the sink: write CURSOR to the sink's file. A file that
 * cannot be written ends the command before it has been written once; later the events matter more:
 * that is reported, and tried again with the next change.
 */
void hk_follow_keep_place(void *owner, int64_t cursor);
