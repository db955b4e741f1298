/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "clients/cli/clock.h"
#include "clients/cli/commands.h"
#include "clients/cli/options.h"
#include "clients/socket/event_view.h"
#include "clients/socket/sockets.h"
#include "clients/socket/varlink_client.h"
#include "core/base/time_text.h"

#define PAGE 500 /* events asked for at a time */

static const char *const states[] = { "any", "ongoing", "ended", "interrupted", NULL };

struct events_options {
	char since[64];
	char until[64];
	char labels[1024];
	uint32_t state;
	uint32_t limit;
	bool reverse;
	char instance[256];
	char socket[PATH_MAX];
	bool json;
	bool table;
};

#define TIME_OPTION(key_, letter_, help_)                                                          \
	{                                                                                          \
		.value = { .key = #key_,                                                           \
			.type = HK_PARAM_STRING,                                                   \
			HK_PARAM_AT(struct events_options, key_),                                  \
			.help = help_ },                                                           \
		.argument = "TIME", .letter = letter_,                                             \
	}

static const struct hk_option options[] = {
	TIME_OPTION(since, 's', "only what went on at or after this time"),
	TIME_OPTION(until, 'u', "only what went on at or before this time"),
	HK_OPTION_LABEL(struct events_options),
	{
		.value = { .key = "state",
			.type = HK_PARAM_ENUM,
			HK_PARAM_AT(struct events_options, state),
			.words = states,
			.fallback = "any",
			.help = "only events in this state" },
		.argument = "STATE",
		.completion = HK_COMPLETE_WORDS,
	},
	{
		.value = { .key = "limit",
			.type = HK_PARAM_UINT,
			HK_PARAM_AT(struct events_options, limit),
			.min = 1,
			.max = UINT32_MAX,
			.help = "only the newest N" },
		.argument = "N",
		.letter = 'n',
	},
	{
		.value = { .key = "reverse",
			.type = HK_PARAM_BOOL,
			HK_PARAM_AT(struct events_options, reverse),
			.help = "newest first" },
		.letter = 'r',
	},
	HK_OPTION_INSTANCE(struct events_options),
	HK_OPTION_SOCKET(struct events_options),
	HK_OPTION_JSON(struct events_options),
	HK_OPTION_TABLE(struct events_options),
};

struct listing {
	struct hk_varlink_client remote;
	json_t *filter; /* the parameters that all pages share */
	struct hk_table table;
	bool json;
	int64_t last_id; /* of the event that came last; 0: none yet */
	struct hk_diag diag;
};

typedef void use_event_fn(
	struct listing *listing, json_t *event, const struct hk_event_view *heard);

static void pass_over(struct listing *listing, json_t *event, const struct hk_event_view *heard)
{
	(void)listing;
	(void)event;
	(void)heard;
}

static void print(struct listing *listing, json_t *event, const struct hk_event_view *heard)
{
	if (listing->json) {
		hk_output_json(listing->table.out, json_incref(event));
	} else {
		hk_event_view_row(&listing->table, heard);
	}
}

/* USE each event of a page. Its ids must go on from the last one, or a peer could keep us for ever. */
static enum hk_exit use_page(
	struct listing *listing, const json_t *events, bool newest_first, use_event_fn *use)
{
	size_t i;
	json_t *event;
	json_array_foreach(events, i, event)
	{
		struct hk_event_view heard;
		struct hk_diag why;
		if (hk_event_view_read(event, &heard, &why) < 0) {
			return hk_varlink_client_refuse(
				listing->remote.path, &listing->diag, why.text);
		}
		const int64_t last = listing->last_id;
		if (last != 0 && (newest_first ? heard.id >= last : heard.id <= last)) {
			return hk_varlink_client_refuse(listing->remote.path, &listing->diag,
				"a list of events that is not in order");
		}
		listing->last_id = heard.id;
		use(listing, event, &heard);
	}
	return HK_EXIT_OK;
}

/* USE at most LIMIT events after listing->last_id. */
static enum hk_exit list(
	struct listing *listing, uint64_t limit, bool newest_first, use_event_fn *use)
{
	enum hk_exit exit_code = HK_EXIT_OK;
	for (bool more = true; more && limit > 0 && !listing->table.out->error;) {
		json_t *parameters = json_copy(listing->filter);
		const json_int_t n_wanted = limit < PAGE ? (json_int_t)limit : PAGE;
		json_object_set_new(parameters, "limit", json_integer(n_wanted));
		json_object_set_new(parameters, "newest_first", json_boolean(newest_first));
		if (listing->last_id != 0) {
			json_object_set_new(parameters, "after_id", json_integer(listing->last_id));
		}
		json_t *reply = NULL;
		exit_code = hk_varlink_client_call(
			&listing->remote, "ListEvents", parameters, &reply, &listing->diag);
		if (exit_code != HK_EXIT_OK) {
			return exit_code;
		}
		const json_t *events = json_object_get(reply, "events");
		const size_t n_events = json_array_size(events);
		more = json_is_true(json_object_get(reply, "has_more"));
		if (!json_is_array(events) || n_events > limit || (more && n_events == 0)) {
			exit_code = hk_varlink_client_refuse(listing->remote.path, &listing->diag,
				"a reply to ListEvents that cannot be read");
		} else {
			exit_code = use_page(listing, events, newest_first, use);
			limit -= n_events;
		}
		json_decref(reply);
		if (exit_code != HK_EXIT_OK) {
			return exit_code;
		}
	}
	return exit_code;
}

/* The newest LIMIT, oldest first: go back to the first of them, then forth. */
static enum hk_exit list_newest(struct listing *listing, uint64_t limit)
{
	const enum hk_exit exit_code = list(listing, limit, true, pass_over);
	if (exit_code != HK_EXIT_OK || listing->last_id == 0) {
		return exit_code;
	}
	listing->last_id--;
	return list(listing, limit, false, print);
}

/* TEXT as RFC 3339 in UTC, read here because its "now" and its time zone are the user's. */
static enum hk_exit read_time(const char *option, const char *text, json_t **ret)
{
	int64_t time_us;
	struct hk_diag diag;
	char utc[HK_TIME_TEXT_SIZE];
	if (!*text) {
		*ret = json_null();
		return HK_EXIT_OK;
	}
	if (hk_time_parse(text, hk_clock_wall_us(), &time_us, &diag) < 0) {
		hk_message("events: option --%s: %s", option, diag.text);
		return HK_EXIT_USAGE;
	}
	hk_time_print_utc(time_us, utc);
	*ret = json_string(utc);
	return HK_EXIT_OK;
}

static enum hk_exit make_filter(const struct events_options *given, json_t **ret)
{
	json_t *since = NULL, *until = NULL;
	enum hk_exit exit_code = read_time("since", given->since, &since);
	if (exit_code == HK_EXIT_OK) {
		exit_code = read_time("until", given->until, &until);
	}
	/* both are texts of one form, in UTC */
	if (exit_code == HK_EXIT_OK && json_is_string(since) && json_is_string(until) &&
		strcmp(json_string_value(since), json_string_value(until)) > 0) {
		hk_message(
			"events: option --until: expected a time after that of --since (\"%s\"), "
			"got \"%s\"",
			given->since, given->until);
		exit_code = HK_EXIT_USAGE;
	}
	if (exit_code != HK_EXIT_OK) {
		json_decref(since);
		json_decref(until);
		return exit_code;
	}
	*ret = json_pack("{s:o, s:o, s:o, s:s?}", "since", since, "until", until, "labels",
		hk_labels_json(given->labels), "state",
		given->state != 0 ? states[given->state] : NULL);
	if (!*ret) {
		hk_message("out of memory");
		return HK_EXIT_INTERNAL;
	}
	return HK_EXIT_OK;
}

static enum hk_exit run(const struct hk_call *call)
{
	const struct events_options *given = call->options;
	char path[HK_SOCKET_PATH_SIZE];
	struct listing listing = {
		.json = hk_output_wants_json(call->out, given->json, given->table),
	};
	hk_event_view_table_init(&listing.table, call->out);
	enum hk_exit exit_code = hk_socket_find(given->socket, given->instance, path);
	if (exit_code == HK_EXIT_OK) {
		exit_code = make_filter(given, &listing.filter);
	}
	if (exit_code != HK_EXIT_OK) {
		return exit_code;
	}
	exit_code = hk_varlink_client_open(
		&listing.remote, path, HK_VARLINK_CLIENT_WAIT, &listing.diag);
	if (exit_code == HK_EXIT_UNAVAILABLE) {
		hk_sockets_hint(path, &listing.diag);
	}
	if (exit_code == HK_EXIT_OK && given->limit != 0 && !given->reverse) {
		exit_code = list_newest(&listing, given->limit);
	} else if (exit_code == HK_EXIT_OK) {
		exit_code = list(
			&listing, given->limit ? given->limit : UINT64_MAX, given->reverse, print);
	}
	if (exit_code != HK_EXIT_OK) {
		hk_message("%s", listing.diag.text);
	} else if (listing.last_id == 0 && !listing.json) {
		hk_message("no events"); /* an empty table leaves people wondering */
	}
	hk_varlink_client_close(&listing.remote);
	json_decref(listing.filter);
	return exit_code;
}

const struct hk_command hk_cmd_events = {
	.name = "events",
	.arguments = "",
	.summary = "print the events that a daemon has heard",
	.help = "Prints events from the daemon's history, oldest first: all that went on at some\n"
		"moment between --since and --until. Times are read as journalctl reads them:\n"
		"-1h, \"2h ago\", today, Monday, 10:00, \"2026-11-22 10:00\", RFC 3339, or as it\n"
		"prints them.\n"
		"\n"
		"Fields of the JSON objects: as type Event in hearken-varlink(7); start and end\n"
		"are RFC 3339 in UTC.\n",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.options_size = sizeof(struct events_options),
	.run = run,
};
