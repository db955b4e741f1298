/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "clients/cli/clock.h"
#include "clients/cli/commands.h"
#include "clients/cli/options.h"
#include "clients/socket/event_stream.h"
#include "clients/socket/event_view.h"
#include "clients/socket/sockets.h"
#include "core/base/time_text.h"

static const char *const states[] = { "any", "ongoing", "ended", "interrupted", NULL };

struct events_options {
	char since[64];
	char until[64];
	char labels[1024];
	uint32_t state;
	uint32_t limit;
	bool reverse;
	char instance[HK_INSTANCES_SIZE];
	bool all;
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
	HK_OPTION_INSTANCES(struct events_options),
	HK_OPTION_ALL(struct events_options),
	HK_OPTION_SOCKET(struct events_options),
	HK_OPTION_JSON(struct events_options),
	HK_OPTION_TABLE(struct events_options),
};

/* One instance and what the newest events of all took from it. */
struct source {
	struct hk_event_stream stream;
	uint64_t n_taken;
	int64_t taken_id; /* of the one that was taken last */
};

struct listing {
	size_t n_sources;
	struct source *sources;
	struct hk_table table;
	bool json;
	bool any;               /* an event was printed */
	enum hk_exit exit_code; /* of the first instance that failed */
};

static void keep_failure(struct listing *listing, enum hk_exit exit_code)
{
	if (listing->exit_code == HK_EXIT_OK) {
		listing->exit_code = exit_code;
	}
}

/* The others go on when it fails. */
static void advance(struct listing *listing, struct source *source)
{
	struct hk_diag diag;
	const enum hk_exit exit_code = hk_event_stream_next(&source->stream, &diag);
	if (exit_code != HK_EXIT_OK) {
		hk_message("%s", diag.text);
		keep_failure(listing, exit_code);
		source->n_taken = 0;
	}
}

/* The source whose present event comes next; NULL: all are at their end. */
static struct source *pick(const struct listing *listing, bool newest_first)
{
	struct source *best = NULL;
	for (size_t i = 0; i < listing->n_sources; i++) {
		struct source *source = &listing->sources[i];
		if (!source->stream.event) {
			continue;
		}
		const int64_t start_us = source->stream.heard.start_us;
		/* the newest first is the reverse of the oldest first, equal times too */
		if (!best ||
			(newest_first ? start_us >= best->stream.heard.start_us
				      : start_us < best->stream.heard.start_us)) {
			best = source;
		}
	}
	return best;
}

typedef void use_event_fn(struct listing *listing, struct source *source);

static void count(struct listing *listing, struct source *source)
{
	(void)listing;
	source->n_taken++;
	source->taken_id = source->stream.heard.id;
}

static void print(struct listing *listing, struct source *source)
{
	listing->any = true;
	if (listing->json) {
		hk_output_json(listing->table.out, json_incref(source->stream.event));
	} else {
		hk_event_view_row(&listing->table, &source->stream.heard);
	}
}

/* USE at most LIMIT events of all sources, which have begun, in the order of their start. */
static void merge(struct listing *listing, uint64_t limit, bool newest_first, use_event_fn *use)
{
	for (size_t i = 0; i < listing->n_sources; i++) {
		advance(listing, &listing->sources[i]);
	}
	for (uint64_t n = 0; n < limit && !listing->table.out->error; n++) {
		struct source *source = pick(listing, newest_first);
		if (!source) {
			break;
		}
		use(listing, source);
		advance(listing, source);
	}
}

static void list(struct listing *listing, uint64_t limit, bool newest_first, use_event_fn *use)
{
	for (size_t i = 0; i < listing->n_sources; i++) {
		hk_event_stream_begin(&listing->sources[i].stream, 0, limit, newest_first);
	}
	merge(listing, limit, newest_first, use);
}

/* The newest LIMIT, oldest first: go back to the first of them, then forth. */
static void list_newest(struct listing *listing, uint64_t limit)
{
	list(listing, limit, true, count);
	for (size_t i = 0; i < listing->n_sources; i++) {
		struct source *source = &listing->sources[i];
		hk_event_stream_begin(
			&source->stream, source->taken_id - 1, source->n_taken, false);
	}
	merge(listing, limit, false, print);
}

/* Connect to all; one that does not answer is reported and left out. */
static void open_sources(struct listing *listing, const struct hk_sockets *sockets, json_t *filter)
{
	for (size_t i = 0; i < sockets->n_paths; i++) {
		struct hk_diag diag;
		const char *path = sockets->paths[i];
		const enum hk_exit exit_code = hk_event_stream_open(
			&listing->sources[listing->n_sources].stream, path, filter, &diag);
		if (exit_code == HK_EXIT_OK) {
			listing->n_sources++;
			continue;
		}
		hk_sockets_report(sockets, i, exit_code, &diag);
		keep_failure(listing, exit_code);
	}
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

static enum hk_exit list_all(const struct hk_call *call, const struct hk_sockets *sockets)
{
	const struct events_options *given = call->options;
	json_t *filter = NULL;
	struct listing listing = {
		.json = hk_output_wants_json(call->out, given->json, given->table),
	};
	const enum hk_exit exit_code = make_filter(given, &filter);
	if (exit_code != HK_EXIT_OK) {
		return exit_code;
	}
	listing.sources = calloc(sockets->n_paths, sizeof(*listing.sources));
	if (!listing.sources) {
		hk_message("out of memory");
		json_decref(filter);
		return HK_EXIT_INTERNAL;
	}
	hk_event_view_table_init(&listing.table, call->out, sockets->n_paths > 1);
	open_sources(&listing, sockets, filter);
	if (given->limit != 0 && !given->reverse) {
		list_newest(&listing, given->limit);
	} else {
		list(&listing, given->limit ? given->limit : UINT64_MAX, given->reverse, print);
	}
	if (listing.exit_code == HK_EXIT_OK && !listing.any && !listing.json) {
		hk_message("no events"); /* an empty table leaves people wondering */
	}
	for (size_t i = 0; i < listing.n_sources; i++) {
		hk_event_stream_finish(&listing.sources[i].stream);
	}
	free(listing.sources);
	json_decref(filter);
	return listing.exit_code;
}

static enum hk_exit run(const struct hk_call *call)
{
	const struct events_options *given = call->options;
	struct hk_sockets sockets;
	enum hk_exit exit_code =
		hk_sockets_find(given->socket, given->instance, given->all, &sockets);
	if (exit_code == HK_EXIT_OK) {
		exit_code = list_all(call, &sockets);
	}
	hk_sockets_finish(&sockets);
	return exit_code;
}

const struct hk_command hk_cmd_events = {
	.name = "events",
	.arguments = "",
	.summary = "print the events that daemons have heard",
	.help = "Prints events from a daemon's history, oldest first: all that went on at some\n"
		"moment between --since and --until. Times are read as journalctl reads them:\n"
		"-1h, \"2h ago\", today, Monday, 10:00, \"2026-11-22 10:00\", RFC 3339, or as it\n"
		"prints them.\n"
		"\n"
		"With --all or several instances the events of all are merged by their start, and\n"
		"the table has a column INSTANCE. An instance that does not answer is reported\n"
		"and decides the exit code; the events of the others are printed all the same.\n"
		"\n"
		"Fields of the JSON objects: as type Event in hearken-varlink(7); start and end\n"
		"are RFC 3339 in UTC.\n",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.options_size = sizeof(struct events_options),
	.run = run,
};
