/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/time_text.h"
#include "daemon/api/api_methods.h"

#define DEFAULT_LIMIT 100
#define MAX_LIMIT 1000

/* A question to the store that a client waits for. */
struct pending_query {
	const struct hk_api *api;
	struct hk_varlink_call *call;
	struct hk_store_ticket *ticket;
	uint64_t id; /* of the event to explain */
};

static void on_cancel(void *data)
{
	struct pending_query *waiting = data;
	hk_store_forget(waiting->ticket);
	free(waiting);
}

static void fail(struct hk_varlink_call *call, const char *reason)
{
	hk_varlink_error(call, "io.hearken.StoreUnavailable", json_pack("{s:s}", "reason", reason));
}

static void on_events(void *owner, const struct hk_store_answer *answer)
{
	struct pending_query *waiting = owner;
	if (answer->error < 0) {
		fail(waiting->call, answer->text);
		free(waiting);
		return;
	}
	json_t *events = json_array();
	for (size_t i = 0; i < answer->n_records; i++) {
		json_array_append_new(events, hk_api_event_json(waiting->api, &answer->records[i]));
	}
	hk_varlink_reply(waiting->call,
		json_pack("{s:o, s:b}", "events", events, "has_more", answer->has_more), false);
	free(waiting);
}

/* False: the call is answered. */
static bool get_time(
	struct hk_varlink_call *call, json_t *parameters, const char *name, int64_t *ret_us)
{
	const char *text = json_string_value(json_object_get(parameters, name));
	struct timespec now;
	struct hk_diag diag;
	if (!text) {
		*ret_us = 0;
		return true;
	}
	clock_gettime(CLOCK_REALTIME, &now);
	if (hk_time_parse(text, now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000, ret_us, &diag) <
		0) {
		hk_api_bad_value(call, name, diag.text);
		return false;
	}
	return true;
}

/* False: the call is answered. */
static bool get_query(struct hk_api *api, struct hk_varlink_call *call, json_t *parameters,
	struct hk_store_query *ret)
{
	struct hk_store_query query = { .labels = json_object_get(parameters, "labels") };
	if (json_is_true(json_object_get(parameters, "newest_first"))) {
		query.order = HK_STORE_BY_ID_DOWN;
	}
	const char *state = json_string_value(json_object_get(parameters, "state"));
	for (int i = HK_EVENT_ONGOING; state && i <= HK_EVENT_INTERRUPTED; i++) {
		if (strcmp(state, hk_event_state_name((enum hk_event_state)i)) == 0) {
			query.state = i + 1;
		}
	}
	if (state && query.state == 0) {
		hk_api_bad_value(call, "state", "ongoing, ended or interrupted");
		return false;
	}
	const json_t *limit = json_object_get(parameters, "limit");
	const json_int_t n = limit ? json_integer_value(limit) : DEFAULT_LIMIT;
	if (n < 1 || n > MAX_LIMIT) {
		hk_api_bad_value(call, "limit", "1 to 1000");
		return false;
	}
	query.limit = (uint32_t)n;
	if (!hk_api_check_labels(api, call, query.labels) ||
		!get_time(call, parameters, "since", &query.since_us) ||
		!get_time(call, parameters, "until", &query.until_us) ||
		!hk_api_get_number(call, parameters, "after_id", &query.after_id)) {
		return false;
	}
	*ret = query;
	return true;
}

void hk_api_list_events(void *owner, struct hk_varlink_call *call, json_t *parameters)
{
	struct hk_api *api = owner;
	struct hk_store_query query;
	if (!get_query(api, call, parameters, &query)) {
		return;
	}
	if (!api->store) {
		fail(call, "no history is kept");
		return;
	}
	struct pending_query *waiting = calloc(1, sizeof(*waiting));
	if (!waiting ||
		hk_store_ask(api->store, &query, on_events, waiting, &waiting->ticket) < 0) {
		free(waiting);
		fail(call, "out of memory");
		return;
	}
	waiting->api = api;
	waiting->call = call;
	hk_varlink_on_cancel(call, on_cancel, waiting);
}

/* WINDOWS is taken over; NULL: the event was stored without them. */
static void reply_explained(struct hk_varlink_call *call, const struct hk_event_record *record,
	json_t *windows, json_int_t n_omitted)
{
	hk_varlink_reply(call,
		json_pack("{s:o, s:o, s:I}", "event", hk_event_record_json(record), "windows",
			windows ? windows : json_array(), "omitted", n_omitted),
		false);
}

static void on_explained(void *owner, const struct hk_store_answer *answer)
{
	struct pending_query *waiting = owner;
	if (answer->error == -ENOENT) {
		hk_varlink_error(waiting->call, "io.hearken.NoSuchEvent",
			json_pack("{s:I}", "id", (json_int_t)waiting->id));
	} else if (answer->error < 0) {
		fail(waiting->call, answer->text);
	} else {
		json_t *trail = answer->trail ? json_loads(answer->trail, 0, NULL) : NULL;
		reply_explained(waiting->call, &answer->records[0],
			json_incref(json_object_get(trail, "windows")),
			json_integer_value(json_object_get(trail, "omitted")));
		json_decref(trail);
	}
	free(waiting);
}

/* The event ID as it is now, if it goes on. */
static const struct hk_event_record *find_ongoing(
	const struct hk_daemon_status *vitals, uint64_t id)
{
	for (size_t i = 0; i < vitals->n_ongoing; i++) {
		if (vitals->ongoing[i].event.id == id) {
			return &vitals->ongoing[i];
		}
	}
	return NULL;
}

void hk_api_explain_event(void *owner, struct hk_varlink_call *call, json_t *parameters)
{
	struct hk_api *api = owner;
	uint64_t id;
	if (!hk_api_get_number(call, parameters, "id", &id)) {
		return;
	}
	struct hk_daemon_status vitals = { 0 };
	api->daemon.vitals(api->daemon.owner, &vitals);
	const struct hk_event_record *ongoing = find_ongoing(&vitals, id);
	uint64_t n_omitted;
	json_t *windows = ongoing ? api->daemon.trail(api->daemon.owner, id, &n_omitted) : NULL;
	if (windows) {
		reply_explained(call, ongoing, windows, (json_int_t)n_omitted);
		return;
	}
	if (!api->store) {
		fail(call, "no history is kept");
		return;
	}
	struct pending_query *waiting = calloc(1, sizeof(*waiting));
	if (!waiting ||
		hk_store_explain(api->store, id, on_explained, waiting, &waiting->ticket) < 0) {
		free(waiting);
		fail(call, "out of memory");
		return;
	}
	waiting->api = api;
	waiting->call = call;
	waiting->id = id;
	hk_varlink_on_cancel(call, on_cancel, waiting);
}
