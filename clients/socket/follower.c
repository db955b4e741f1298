/* SPDX-License-Identifier: MIT */
#include "clients/socket/follower.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/cli/clock.h"
#include "clients/socket/cursors.h"

#define PAGE 200            /* events of the history at a time */
#define REPLIES_PER_TURN 64 /* then the owner gets to look after other things */
#define FIRST_PAUSE_MS 100
#define LAST_PAUSE_MS 10000
#define SETTLED_MS                                                                                 \
	1000 /* a connection that stood this long, or brought something, counts as good */

/* What the outstanding call is. */
enum follow_phase {
	PHASE_GREETING, /* whether anybody answers: the stream may be silent for days */
	PHASE_NEWEST,   /* the newest events: for the cursor to begin at */
	PHASE_HISTORY,  /* a page of the events after an id */
	PHASE_FOLLOW,   /* the stream */
};

struct hk_follower {
	struct hk_follower_setup setup;
	struct hk_varlink_client remote;
	enum follow_phase phase;
	bool worked;      /* once: from now on no error ends it */
	bool answered;    /* this connection has brought a reply */
	bool live_only;   /* the history cannot be read: this connection tells only what happens */
	int64_t cursor;   /* everything up to here is known; -1: nothing is */
	int64_t after_id; /* PHASE_HISTORY: how far it got; -1: done */
	struct hk_cursors ahead; /* above `cursor`, given to on_event in PHASE_HISTORY already */
	int64_t pause_ms;        /* before the next attempt to connect */
	int64_t connect_ms;      /* when to connect, while there is no connection */
	int64_t settled_ms;      /* when the connection counts as good; INT64_MAX: it does */
	int64_t answer_ms;       /* when the outstanding call must have been answered */
	json_t *source;          /* as given to on_source last; NULL: never */
	bool more_waits;         /* the last turn left replies */
	struct hk_diag trouble;  /* that was told last; "": all is well */
};

struct hk_follower *hk_follower_new(const struct hk_follower_setup *setup)
{
	struct hk_follower *follower = calloc(1, sizeof(*follower));
	if (follower) {
		follower->setup = *setup;
		follower->cursor = setup->after_cursor;
		follower->after_id = setup->after_id;
		follower->settled_ms = INT64_MAX;
	}
	return follower;
}

void hk_follower_free(struct hk_follower *follower)
{
	if (!follower) {
		return;
	}
	hk_varlink_client_close(&follower->remote);
	hk_cursors_finish(&follower->ahead);
	json_decref(follower->source);
	free(follower);
}

int hk_follower_fd(const struct hk_follower *follower)
{
	return hk_varlink_client_is_open(&follower->remote) ? follower->remote.fd : -1;
}

int64_t hk_follower_due_ms(const struct hk_follower *follower)
{
	if (follower->more_waits) {
		return 0;
	}
	if (!hk_varlink_client_is_open(&follower->remote)) {
		return follower->connect_ms;
	}
	return follower->phase == PHASE_FOLLOW ? follower->settled_ms : follower->answer_ms;
}

static void tell(const struct hk_follower *follower, const char *text)
{
	follower->setup.on_news(follower->setup.owner, text);
}

/* The connection is lost, or never came to be: try again later. */
static void lose(struct hk_follower *follower, const struct hk_diag *why)
{
	char text[HK_DIAG_SIZE + 64];
	hk_varlink_client_close(&follower->remote);
	follower->connect_ms = hk_clock_ms() + follower->pause_ms;
	follower->pause_ms = follower->pause_ms ? 2 * follower->pause_ms : FIRST_PAUSE_MS;
	if (follower->pause_ms > LAST_PAUSE_MS) {
		follower->pause_ms = LAST_PAUSE_MS;
	}
	follower->settled_ms = INT64_MAX;
	if (strcmp(follower->trouble.text, why->text) != 0) {
		follower->trouble = *why;
		snprintf(text, sizeof(text), "%s; trying again until it works", why->text);
		tell(follower, text);
	}
}

static void settle(struct hk_follower *follower)
{
	follower->worked = true;
	follower->settled_ms = INT64_MAX;
	follower->pause_ms = 0;
	if (follower->trouble.text[0]) {
		char text[HK_DIAG_SIZE + 64];
		snprintf(text, sizeof(text), "%s: connected again", follower->setup.path);
		tell(follower, text);
		follower->trouble.text[0] = '\0';
	}
}

static enum hk_exit ask(struct hk_follower *follower, const char *method, json_t *parameters,
	bool more, struct hk_diag *diag)
{
	follower->answer_ms = hk_clock_ms() + follower->remote.patience_ms;
	if (!parameters) {
		hk_varlink_client_close(&follower->remote);
		hk_diag_set(diag, -ENOMEM, "out of memory");
		return HK_EXIT_INTERNAL;
	}
	return hk_varlink_client_send(&follower->remote, method, parameters, more, diag);
}

/* Without a history cursors are no place to begin at. */
static void tell_place(const struct hk_follower *follower)
{
	if (follower->setup.on_place && !follower->live_only) {
		follower->setup.on_place(follower->setup.owner, follower->cursor);
	}
}

/* Make the next call. */
static enum hk_exit ask_next(struct hk_follower *follower, struct hk_diag *diag)
{
	json_t *labels = hk_labels_json(follower->setup.labels);
	if (follower->cursor < 0 && !follower->live_only) {
		follower->phase = PHASE_NEWEST;
		json_decref(labels);
		return ask(follower, "ListEvents",
			json_pack("{s:b, s:i}", "newest_first", 1, "limit", PAGE), false, diag);
	}
	if (follower->after_id >= 0) {
		follower->phase = PHASE_HISTORY;
		return ask(follower, "ListEvents",
			json_pack("{s:I, s:i, s:o}", "after_id", (json_int_t)follower->after_id,
				"limit", PAGE, "labels", labels),
			false, diag);
	}
	if (!follower->answered) {
		follower->phase = PHASE_GREETING;
		json_decref(labels);
		return ask(follower, "GetStatus", json_object(), false, diag);
	}
	follower->phase = PHASE_FOLLOW;
	tell_place(follower);
	return ask(follower, "FollowEvents",
		json_pack("{s:o, s:b, s:o*}", "labels", labels, "sources", follower->setup.sources,
			"after_cursor",
			follower->live_only ? NULL : json_integer(follower->cursor)),
		true, diag);
}

/* Read EVENT; what cannot be read closes the connection. */
static enum hk_exit read_event(struct hk_follower *follower, json_t *event,
	struct hk_event_view *ret, struct hk_diag *diag)
{
	struct hk_diag why;
	if (hk_event_view_read(event, ret, &why) < 0) {
		hk_varlink_client_close(&follower->remote);
		return hk_varlink_client_refuse(follower->setup.path, diag, why.text);
	}
	return HK_EXIT_OK;
}

static enum hk_exit take_newest(
	struct hk_follower *follower, const json_t *events, struct hk_diag *diag)
{
	size_t i;
	json_t *event;
	int64_t cursor = 0;
	json_array_foreach(events, i, event)
	{
		struct hk_event_view heard;
		const enum hk_exit exit_code = read_event(follower, event, &heard, diag);
		if (exit_code != HK_EXIT_OK) {
			return exit_code;
		}
		if (heard.cursor > cursor) {
			cursor = heard.cursor;
		}
	}
	follower->cursor = cursor;
	return HK_EXIT_OK;
}

static enum hk_exit take_page(
	struct hk_follower *follower, const json_t *reply, struct hk_diag *diag)
{
	const json_t *events = json_object_get(reply, "events");
	size_t i;
	json_t *event;
	json_array_foreach(events, i, event)
	{
		struct hk_event_view heard;
		const enum hk_exit exit_code = read_event(follower, event, &heard, diag);
		if (exit_code != HK_EXIT_OK) {
			return exit_code;
		}
		if (heard.id <= follower->after_id) {
			hk_varlink_client_close(&follower->remote);
			return hk_varlink_client_refuse(follower->setup.path, diag,
				"a list of events that is not in order");
		}
		if (heard.cursor > follower->cursor &&
			hk_cursors_add(&follower->ahead, heard.cursor) < 0) {
			hk_varlink_client_close(&follower->remote);
			hk_diag_set(diag, -ENOMEM, "out of memory");
			return HK_EXIT_INTERNAL;
		}
		follower->after_id = heard.id;
		follower->pause_ms = 0; /* the next attempt begins further on */
		follower->setup.on_event(follower->setup.owner, event, &heard);
	}
	if (json_array_size(events) == 0 || !json_is_true(json_object_get(reply, "has_more"))) {
		follower->after_id = -1;
	}
	return HK_EXIT_OK;
}

static bool same_member(const json_t *a, const json_t *b, const char *name)
{
	return json_equal(json_object_get(a, name), json_object_get(b, name));
}

/* A daemon begins with the present state: after a reconnect it may be the one that is known. */
static void take_source(struct hk_follower *follower, json_t *source)
{
	const bool same = follower->source && same_member(follower->source, source, "state") &&
		same_member(follower->source, source, "why");
	json_decref(follower->source);
	follower->source = json_incref(source);
	if (!same) {
		follower->setup.on_source(follower->setup.owner, source);
	}
}

static enum hk_exit take_change(struct hk_follower *follower, json_t *reply, struct hk_diag *diag)
{
	json_t *event = json_object_get(reply, "event");
	json_t *source = json_object_get(reply, "source");
	if (json_is_object(source)) {
		take_source(follower, source);
	}
	if (!json_is_object(event)) {
		return HK_EXIT_OK;
	}
	struct hk_event_view heard;
	const enum hk_exit exit_code = read_event(follower, event, &heard, diag);
	if (exit_code != HK_EXIT_OK) {
		return exit_code;
	}
	/* a cursor that is not above the last comes from another history (restored, begun again):
	 * it is as new */
	const bool known = !follower->live_only && hk_cursors_take(&follower->ahead, heard.cursor);
	follower->cursor = heard.cursor;
	if (!known) {
		follower->setup.on_event(follower->setup.owner, event, &heard);
	}
	tell_place(follower);
	return HK_EXIT_OK;
}

static enum hk_exit take_reply(struct hk_follower *follower, json_t *reply, struct hk_diag *diag)
{
	const json_t *events = json_object_get(reply, "events");
	enum hk_exit exit_code;
	follower->answered = true;
	if (follower->phase == PHASE_GREETING) {
		return ask_next(follower, diag);
	}
	if (follower->phase == PHASE_FOLLOW) {
		exit_code = take_change(follower, reply, diag);
		if (exit_code == HK_EXIT_OK) {
			settle(follower);
		}
		return exit_code;
	}
	if (!json_is_array(events)) {
		hk_varlink_client_close(&follower->remote);
		return hk_varlink_client_refuse(
			follower->setup.path, diag, "a reply to ListEvents that cannot be read");
	}
	exit_code = follower->phase == PHASE_NEWEST ? take_newest(follower, events, diag)
						    : take_page(follower, reply, diag);
	return exit_code == HK_EXIT_OK ? ask_next(follower, diag) : exit_code;
}

/* The daemon has no history for us: hear at least what happens. */
static enum hk_exit go_live(struct hk_follower *follower, struct hk_diag *diag)
{
	char text[HK_DIAG_SIZE + 128];
	snprintf(text, sizeof(text),
		"%s; reporting events from now on: what happened before, or while there is no "
		"connection, is missed",
		diag->text);
	tell(follower, text);
	follower->live_only = follower->answered = true;
	return ask_next(follower, diag);
}

/* Take one reply if there is one. */
static enum hk_exit receive(struct hk_follower *follower, bool *ret_took, struct hk_diag *diag)
{
	struct hk_reply reply;
	*ret_took = false;
	enum hk_exit exit_code = hk_varlink_client_receive(&follower->remote, 0, &reply, diag);
	if (strcmp(reply.error, "io.hearken.StoreUnavailable") == 0 &&
		follower->phase != PHASE_HISTORY && !follower->live_only) {
		return go_live(follower, diag);
	}
	if (exit_code == HK_EXIT_OK && reply.parameters) {
		*ret_took = true;
		exit_code = take_reply(follower, reply.parameters, diag);
		json_decref(reply.parameters);
	} else if (exit_code == HK_EXIT_OK && follower->phase != PHASE_FOLLOW &&
		hk_clock_ms() >= follower->answer_ms) {
		exit_code = hk_varlink_client_give_up(&follower->remote, diag);
	}
	return exit_code;
}

static enum hk_exit start(struct hk_follower *follower, struct hk_diag *diag)
{
	follower->live_only = follower->answered = false;
	const enum hk_exit exit_code =
		hk_varlink_client_open(&follower->remote, follower->setup.path, 0, diag);
	if (exit_code != HK_EXIT_OK) {
		return exit_code;
	}
	follower->settled_ms = hk_clock_ms() + SETTLED_MS;
	return ask_next(follower, diag);
}

static enum hk_exit advance(struct hk_follower *follower, struct hk_diag *diag)
{
	enum hk_exit exit_code = HK_EXIT_OK;
	follower->more_waits = false;
	if (!hk_varlink_client_is_open(&follower->remote)) {
		if (hk_clock_ms() < follower->connect_ms) {
			return HK_EXIT_OK;
		}
		exit_code = start(follower, diag);
	}
	const struct hk_follower_setup *setup = &follower->setup;
	bool took = true;
	for (int i = 0; took && exit_code == HK_EXIT_OK; i++) {
		if (i == REPLIES_PER_TURN) {
			follower->more_waits = true;
			break;
		}
		if (setup->may_take && !setup->may_take(setup->owner)) {
			break;
		}
		exit_code = receive(follower, &took, diag);
	}
	if (exit_code == HK_EXIT_OK && follower->phase == PHASE_FOLLOW &&
		hk_clock_ms() >= follower->settled_ms) {
		settle(follower);
	}
	return exit_code;
}

enum hk_exit hk_follower_tend(struct hk_follower *follower, struct hk_diag *diag)
{
	const enum hk_exit exit_code = advance(follower, diag);
	if (exit_code != HK_EXIT_OK && exit_code != HK_EXIT_UNAVAILABLE && !follower->worked) {
		return exit_code;
	}
	if (exit_code != HK_EXIT_OK) {
		lose(follower, diag);
	}
	return HK_EXIT_OK;
}
