/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "clients/cli/commands.h"
#include "clients/cli/options.h"
#include "clients/socket/event_view.h"
#include "clients/socket/sockets.h"
#include "clients/socket/varlink_client.h"
#include "core/base/time_text.h"

/* Other classes are named from this probability on, or when their gate is not closed. */
#define WORTH_NAMING 0.05

struct explain_options {
	char instance[256];
	char socket[PATH_MAX];
	bool json;
};

static const struct hk_option options[] = {
	HK_OPTION_INSTANCE(struct explain_options),
	HK_OPTION_SOCKET(struct explain_options),
	HK_OPTION_JSON(struct explain_options),
};

/* What the classes of a window say: the event's own, and the others in words. */
struct gates {
	char probability[16];
	char smoothed[16];
	char gate[32];
	char others[512];
};

static int read_gates(json_t *classes, const char *label, struct gates *ret, struct hk_diag *diag)
{
	size_t i;
	json_t *class;
	size_t length = 0;
	*ret = (struct gates){ .probability = "-", .smoothed = "-", .gate = "-" };
	json_array_foreach(classes, i, class)
	{
		json_error_t why;
		const char *name, *gate;
		double probability, smoothed = NAN;
		if (json_unpack_ex(class, &why, 0, "{s:s, s:F, s?F, s:s}", "label", &name,
			    "probability", &probability, "smoothed", &smoothed, "gate",
			    &gate) < 0) {
			return hk_diag_set(
				diag, -EPROTO, "a window that cannot be read: %s", why.text);
		}
		if (strcmp(name, label) == 0) {
			snprintf(ret->probability, sizeof(ret->probability), "%.3f", probability);
			if (!isnan(smoothed)) {
				snprintf(ret->smoothed, sizeof(ret->smoothed), "%.3f", smoothed);
			}
			snprintf(ret->gate, sizeof(ret->gate), "%s", gate);
		} else if ((probability >= WORTH_NAMING || strcmp(gate, "closed") != 0) &&
			length < sizeof(ret->others)) {
			length += (size_t)snprintf(ret->others + length,
				sizeof(ret->others) - length, "%s%s %.2f%s%s", length ? ", " : "",
				name, probability, strcmp(gate, "closed") != 0 ? " " : "",
				strcmp(gate, "closed") != 0 ? gate : "");
		}
	}
	return 0;
}

static int print_window(struct hk_table *table, json_t *window, const struct hk_event_view *heard,
	struct hk_diag *diag)
{
	json_error_t why;
	const char *start;
	int64_t start_us;
	int zeros;
	json_t *level = NULL, *best = NULL, *classes;
	if (json_unpack_ex(window, &why, 0, "{s:s, s:b, s?o, s?o, s:o}", "start", &start, "zeros",
		    &zeros, "level_dbfs", &level, "label", &best, "classes", &classes) < 0) {
		return hk_diag_set(diag, -EPROTO, "a window that cannot be read: %s", why.text);
	}
	if (hk_time_parse(start, 0, &start_us, NULL) < 0) {
		return hk_diag_set(diag, -EPROTO,
			"a window that cannot be read: start is not a time: \"%s\"", start);
	}
	struct gates gates;
	const int r = read_gates(classes, heard->label, &gates, diag);
	if (r < 0) {
		return r;
	}
	char at[32], dbfs[16] = "-";
	snprintf(at, sizeof(at), "%+.1f s", (double)(start_us - heard->start_us) / 1e6);
	if (json_is_number(level)) {
		snprintf(dbfs, sizeof(dbfs), "%.1f", json_number_value(level));
	}
	const char *name = zeros ? "(zeros)" : json_string_value(best);
	hk_table_row(table,
		(const char *const[]){ at, dbfs, name ? name : "-", gates.probability,
			gates.smoothed, gates.gate, gates.others });
	return 0;
}

static int print_trail(struct hk_output *out, json_t *reply, struct hk_diag *diag)
{
	static const struct hk_column columns[] = {
		{ "AT", 9, true },
		{ "DBFS", 6, true },
		{ "HEARD AS", 16, false },
		{ "PROB", 5, true },
		{ "SMOOTHED", 8, true },
		{ "GATE", 10, false },
		{ "OTHERS", 0, false },
	};
	struct hk_event_view heard;
	const int r = hk_event_view_read(json_object_get(reply, "event"), &heard, diag);
	if (r < 0) {
		return r;
	}
	const json_t *windows = json_object_get(reply, "windows");
	const json_t *omitted = json_object_get(reply, "omitted");
	if (!json_is_array(windows) || !json_is_integer(omitted)) {
		return hk_diag_set(diag, -EPROTO,
			"a reply to ExplainEvent that cannot be read: windows or omitted");
	}
	struct hk_table table;
	hk_event_view_table_init(&table, out, false);
	hk_event_view_row(&table, &heard);
	hk_output_text(out, "\n");
	hk_table_init(&table, out, columns, sizeof(columns) / sizeof(columns[0]));
	size_t i;
	json_t *window;
	json_array_foreach(windows, i, window)
	{
		const int failed = print_window(&table, window, &heard, diag);
		if (failed < 0) {
			return failed;
		}
	}
	if (json_integer_value(omitted) > 0) {
		hk_output_text(out,
			"\n%" JSON_INTEGER_FORMAT
			" windows in the middle of the event were not kept.\n",
			json_integer_value(omitted));
	}
	return 0;
}

/* The id of the event that began last. */
static enum hk_exit find_last(const struct explain_options *given, int64_t *ret)
{
	char path[HK_SOCKET_PATH_SIZE];
	json_t *reply = NULL;
	enum hk_exit exit_code = hk_socket_ask(given->socket, given->instance, "ListEvents",
		json_pack("{s:i, s:b}", "limit", 1, "newest_first", 1), path, &reply);
	if (exit_code != HK_EXIT_OK) {
		return exit_code;
	}
	struct hk_event_view heard;
	struct hk_diag diag;
	json_t *events = json_object_get(reply, "events");
	if (json_is_array(events) && json_array_size(events) == 0) {
		hk_message("%s: no event has been detected yet", path);
		exit_code = HK_EXIT_FAILURE;
	} else if (hk_event_view_read(json_array_get(events, 0), &heard, &diag) < 0) {
		hk_message("%s: %s", path, diag.text);
		exit_code = HK_EXIT_PROTOCOL;
	} else {
		*ret = heard.id;
	}
	json_decref(reply);
	return exit_code;
}

static enum hk_exit find_id(const struct explain_options *given, const char *argument, int64_t *ret)
{
	uint64_t id;
	if (strcmp(argument, "last") == 0) {
		return find_last(given, ret);
	}
	if (hk_parse_uint64(argument, &id) < 0 || id > INT64_MAX) {
		hk_message("explain: expected the number of an event or \"last\", got \"%s\"",
			argument);
		return HK_EXIT_USAGE;
	}
	*ret = (int64_t)id;
	return HK_EXIT_OK;
}

static enum hk_exit run(const struct hk_call *call)
{
	const struct explain_options *given = call->options;
	char path[HK_SOCKET_PATH_SIZE];
	int64_t id = 0;
	enum hk_exit exit_code = find_id(given, call->arguments[0], &id);
	if (exit_code != HK_EXIT_OK) {
		return exit_code;
	}
	json_t *reply = NULL;
	exit_code = hk_socket_ask(given->socket, given->instance, "ExplainEvent",
		json_pack("{s:I}", "id", (json_int_t)id), path, &reply);
	if (exit_code != HK_EXIT_OK) {
		return exit_code;
	}
	struct hk_diag diag;
	if (given->json) {
		hk_output_json(call->out, json_incref(reply));
	} else if (print_trail(call->out, reply, &diag) < 0) {
		hk_message("%s: %s", path, diag.text);
		exit_code = HK_EXIT_PROTOCOL;
	}
	json_decref(reply);
	return exit_code;
}

const struct hk_command hk_cmd_explain = {
	.name = "explain",
	.arguments = "ID|last",
	.summary = "print the windows that made an event",
	.help = "Prints why the daemon reported event ID (see `hearken events`), or with `last`\n"
		"the event that began last: each window from a little before its start, with the\n"
		"level, the class it was heard as, the probability of the event's class, what\n"
		"smoothing over time made of it, the state of its gate, and the other classes\n"
		"that mattered. AT counts from the event's start.\n"
		"\n"
		"Gates: closed; confirming: some windows are above `on`, or half of what\n"
		"faint_confirm wants are above `faint_on`; open: an event is on; refractory: too\n"
		"soon after the last event.\n"
		"\n"
		"Of a long event the daemon keeps the first and the last windows. JSON: one\n"
		"object with the members event, windows and omitted, as in hearken-varlink(7).\n",
	.min_arguments = 1,
	.max_arguments = 1,
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.options_size = sizeof(struct explain_options),
	.run = run,
};
