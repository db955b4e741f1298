/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "daemon/api/api_methods.h"

#define PAGE 200 /* events asked of the history at a time */

/* What a follower is doing. */
enum stream_phase {
	PHASE_IDS,     /* the events after an id, as they were when it began */
	PHASE_CURSORS, /* the changes after a cursor */
	PHASE_LIVE,    /* what happens */
};

/*
 * One FollowEvents call. It begins by catching up, page by page, as fast as the client reads. The
 * store answers a question after every event that was committed before and before every later one,
 * so when a page of changes is the last one, what comes next comes live.
 */
struct hk_api_follower {
	struct hk_api_follower *next;
	struct hk_api *api;
	struct hk_varlink_call *call;
	json_t *labels; /* NULL: all */
	bool sources;
	enum stream_phase phase;
	uint64_t last_id;  /* PHASE_IDS: seen so far */
	uint64_t snapshot; /* PHASE_IDS: newest change when it began; what is newer comes by cursor.
			      0: unknown yet */
	uint64_t last_cursor;   /* then: newest change that was sent or passed over */
	uint64_t last_sequence; /* PHASE_LIVE: of the newest change that was sent or passed over */
	struct hk_store_ticket *ticket; /* of the page that was asked for */
};

static void remove_follower(void *data)
{
	struct hk_api_follower *follower = data;
	struct hk_api_follower **at = &follower->api->followers;
	while (*at != follower) {
		at = &(*at)->next;
	}
	*at = follower->next;
	if (follower->ticket) {
		hk_store_forget(follower->ticket);
	}
	json_decref(follower->labels);
	free(follower);
}

static bool wants(const struct hk_api_follower *follower, const struct hk_event_record *record)
{
	size_t i;
	json_t *label;
	json_array_foreach(follower->labels, i, label)
	{
		if (strcmp(json_string_value(label), record->label) == 0) {
			return true;
		}
	}
	return !follower->labels;
}

/* EVENT is taken over. */
static void send_json(struct hk_api_follower *follower, json_t *event)
{
	hk_varlink_reply(follower->call, json_pack("{s:o*}", "event", event), true);
}

/* As it was published to all. */
static void send_event(struct hk_api_follower *follower, const struct hk_event_record *record)
{
	if (wants(follower, record)) {
		send_json(follower, hk_event_record_json(record));
	}
}

/* From the history. */
static void send_past(struct hk_api_follower *follower, const struct hk_event_record *record)
{
	if (wants(follower, record)) {
		send_json(follower, hk_api_event_json(follower->api, record));
	}
}

/* Told to the others, and not in the history yet. */
static int send_unstored(void *owner, const struct hk_event_record *record)
{
	struct hk_api_follower *follower = owner;
	if (record->sequence > follower->api->published_sequence) {
		return 1;
	}
	if (record->cursor > follower->last_cursor) {
		send_event(follower, record);
	}
	return 0;
}

/* All that was told so far has been sent: what comes next comes live. */
static void go_live(struct hk_api_follower *follower)
{
	follower->phase = PHASE_LIVE;
	hk_store_waiting(follower->api->store, send_unstored, follower);
	follower->last_sequence = follower->api->published_sequence;
}

/*
 * The client knows a change that this history does not have: the change was published, never
 * written and lost in a crash, or an older history was restored. Cursors may be given a second time
 * then: what this run has published is new to the client, whatever its cursor.
 */
static bool knows_another_history(
	const struct hk_api_follower *follower, const struct hk_store_answer *answer)
{
	return answer->n_records == 0 && follower->last_cursor > answer->last_cursor &&
		follower->last_cursor > follower->api->published_cursor;
}

static void ask_page(struct hk_api_follower *follower);

static void on_drained(void *data)
{
	struct hk_api_follower *follower = data;
	if (follower->phase != PHASE_LIVE && !follower->ticket) {
		ask_page(follower);
	}
}

static void give_up(struct hk_api_follower *follower, const char *reason)
{
	struct hk_varlink_call *call = follower->call;
	remove_follower(follower);
	hk_varlink_error(call, "io.hearken.StoreUnavailable", json_pack("{s:s}", "reason", reason));
}

static void send_page(struct hk_api_follower *follower, const struct hk_store_answer *answer)
{
	if (follower->phase == PHASE_IDS && follower->snapshot == 0) {
		follower->snapshot = answer->last_cursor;
	}
	for (size_t i = 0; i < answer->n_records; i++) {
		const struct hk_event_record *record = &answer->records[i];
		if (follower->phase == PHASE_CURSORS) {
			follower->last_cursor = record->cursor;
			send_past(follower, record);
			continue;
		}
		follower->last_id = record->event.id;
		if (record->cursor <= follower->snapshot) {
			send_past(follower, record);
		}
	}
}

static void on_page(void *owner, const struct hk_store_answer *answer)
{
	struct hk_api_follower *follower = owner;
	follower->ticket = NULL;
	if (answer->error < 0) {
		give_up(follower, answer->text);
		return;
	}
	send_page(follower, answer);
	if (follower->phase == PHASE_CURSORS && knows_another_history(follower, answer)) {
		const uint64_t first = follower->api->first_cursor;
		follower->last_cursor = first > 0 ? first - 1 : answer->last_cursor;
	} else if (!answer->has_more && follower->phase == PHASE_CURSORS) {
		go_live(follower);
		return;
	} else if (!answer->has_more) {
		follower->phase = PHASE_CURSORS;
		follower->last_cursor = follower->snapshot;
	}
	if (hk_varlink_unread(follower->call) == 0) {
		ask_page(follower);
	}
}

static void ask_page(struct hk_api_follower *follower)
{
	struct hk_store_query query = { .limit = PAGE };
	if (follower->phase == PHASE_IDS) {
		query.order = HK_STORE_BY_ID;
		query.after_id = follower->last_id;
	} else {
		query.order = HK_STORE_BY_CURSOR;
		query.after_cursor = follower->last_cursor;
	}
	if (hk_store_ask(follower->api->store, &query, on_page, follower, &follower->ticket) < 0) {
		give_up(follower, "out of memory");
	}
}

static json_t *source_reply(struct hk_api *api)
{
	struct hk_daemon_status vitals = { 0 };
	api->daemon.vitals(api->daemon.owner, &vitals);
	return json_pack("{s:o*}", "source", hk_daemon_status_source_json(&vitals));
}

void hk_api_follow_events(void *owner, struct hk_varlink_call *call, json_t *parameters)
{
	struct hk_api *api = owner;
	json_t *labels = json_object_get(parameters, "labels");
	uint64_t after_cursor;
	uint64_t after_id;
	if (!hk_api_check_labels(api, call, labels) ||
		!hk_api_get_number(call, parameters, "after_cursor", &after_cursor) ||
		!hk_api_get_number(call, parameters, "after_id", &after_id)) {
		return;
	}
	const bool by_cursor = json_object_get(parameters, "after_cursor");
	const bool catch_up = by_cursor || json_object_get(parameters, "after_id");
	if (catch_up && !api->store) {
		hk_varlink_error(call, "io.hearken.StoreUnavailable",
			json_pack("{s:s}", "reason", "no history is kept"));
		return;
	}
	struct hk_api_follower *follower = calloc(1, sizeof(*follower));
	if (!follower) {
		hk_varlink_error(call, "io.hearken.StoreUnavailable",
			json_pack("{s:s}", "reason", "out of memory"));
		return;
	}
	follower->api = api;
	follower->call = call;
	follower->labels = json_incref(labels);
	follower->sources = json_is_true(json_object_get(parameters, "sources"));
	follower->phase = by_cursor ? PHASE_CURSORS : catch_up ? PHASE_IDS : PHASE_LIVE;
	follower->last_id = after_id;
	follower->last_cursor = after_cursor;
	follower->last_sequence = api->published_sequence;
	follower->next = api->followers;
	api->followers = follower;
	hk_varlink_on_cancel(call, remove_follower, follower);
	hk_varlink_on_drained(call, on_drained, follower);
	if (follower->sources) {
		hk_varlink_reply(call, source_reply(api), true);
	}
	if (catch_up) {
		ask_page(follower);
	}
}

void hk_api_event(struct hk_api *api, const struct hk_event_record *record)
{
	api->published_sequence = record->sequence;
	api->first_cursor = api->first_cursor ? api->first_cursor : record->cursor;
	if (record->cursor > api->published_cursor) {
		api->published_cursor = record->cursor;
	}
	for (struct hk_api_follower *follower = api->followers; follower;
		follower = follower->next) {
		if (follower->phase == PHASE_LIVE && record->sequence > follower->last_sequence) {
			follower->last_sequence = record->sequence;
			send_event(follower, record);
		}
	}
}

void hk_api_source(struct hk_api *api)
{
	for (struct hk_api_follower *follower = api->followers; follower;
		follower = follower->next) {
		if (follower->sources) {
			hk_varlink_reply(follower->call, source_reply(api), true);
		}
	}
}
