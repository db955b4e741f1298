/* SPDX-License-Identifier: MIT */
/*
 * follower: every change of every event of a daemon, once and in order, for as long as it is
 * tended.
 *
 * It remembers the cursor of the last change. When the connection is lost it connects again, with a
 * growing pause, and has the daemon replay what came after that cursor. Without a place to begin at
 * it asks the history for its newest cursor first, so that from its first connection on nothing is
 * missed. To begin after an id it reads the history page by page, which can be taken up again at
 * any page, and then follows from the cursor that was the newest before. It never waits, but for
 * the time that a local socket takes; the owner polls. One thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "clients/socket/event_view.h"
#include "clients/socket/varlink_client.h"

struct hk_follower_setup {
	const char *path;     /* of the socket */
	const char *labels;   /* separated by commas; "": all */
	bool sources;         /* changes of the microphone's state too */
	int64_t after_id;     /* begin with the events after this one; -1: do not */
	int64_t after_cursor; /* begin with the changes after this one; -1: do not */
	void *owner;
	/* A change of an event; both borrowed. */
	void (*on_event)(void *owner, json_t *event, const struct hk_event_view *heard);
	/* Everything up to CURSOR was given to on_event: where to begin after a restart. Also once
	 * when the place to begin at becomes known. Not for what a daemon without a history
	 * publishes. May be NULL. */
	void (*on_place)(void *owner, int64_t cursor);
	/* Whether the owner can take another reply; while it cannot, nothing is read. NULL: always.
	 */
	bool (*may_take)(void *owner);
	/* The state of the source, type Source, at first and when it changes; borrowed. */
	void (*on_source)(void *owner, json_t *source);
	/* One line for the user: lost, connected again, history not there. */
	void (*on_news)(void *owner, const char *text);
};

struct hk_follower;

/* SETUP is copied, its texts must stay. Returns NULL: out of memory. */
struct hk_follower *hk_follower_new(const struct hk_follower_setup *setup);
void hk_follower_free(struct hk_follower *follower);

/* For poll(): the descriptor to read from (-1: none now), and when to tend at the latest
 * (hk_clock_ms). */
int hk_follower_fd(const struct hk_follower *follower);
int64_t hk_follower_due_ms(const struct hk_follower *follower);

/*
 * Do what can be done without waiting: connect, ask, take replies.
 * Returns HK_EXIT_OK: tend again; another exit code with DIAG when it makes no sense to try again.
 * That is only before it has worked once: a wrong label, no permission, no hearken daemon.
 */
enum hk_exit hk_follower_tend(struct hk_follower *follower, struct hk_diag *diag);
