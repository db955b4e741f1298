/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "clients/cli/clock.h"
#include "clients/cli/commands.h"
#include "clients/cli/options.h"
#include "clients/socket/event_view.h"
#include "clients/socket/sockets.h"
#include "clients/socket/varlink_client.h"
#include "core/base/time_text.h"

struct status_options {
	char instance[HK_INSTANCES_SIZE];
	bool all;
	char socket[PATH_MAX];
	bool json;
};

static const struct hk_option options[] = {
	HK_OPTION_INSTANCES(struct status_options),
	HK_OPTION_ALL(struct status_options),
	HK_OPTION_SOCKET_ELSE(struct status_options, "all instances"),
	HK_OPTION_JSON(struct status_options),
};

/* What is shown of type Status of io.hearken; texts belong to the JSON. */
struct status {
	const char *instance;
	const char *state, *why, *since, *device; /* of the source */
	const char *samples_note;                 /* NULL: its samples are fine */
	int64_t since_us;
	json_int_t lost_frames;
	const char *model;
	const char *store, *store_path; /* the path is empty when no history is kept */
	json_int_t n_events, n_lost_events;
	json_t *level, *clock, *ongoing; /* may be NULL or null */
};

static int read_status(json_t *reply, struct status *ret, struct hk_diag *diag)
{
	json_error_t why;
	struct status status = { 0 };
	if (json_unpack_ex(reply, &why, 0,
		    "{s:{s:s, s:{s:s, s:s, s:s, s:s, s:I, s?s}, s:{s:s}, s:{s:s, s:s, s:I, s:I}, s?o, "
		    "s?o, "
		    "s:o}}",
		    "status", "instance", &status.instance, "source", "state", &status.state, "why",
		    &status.why, "since", &status.since, "device", &status.device, "lost_frames",
		    &status.lost_frames, "samples_note", &status.samples_note, "model", "name",
		    &status.model, "store", "state", &status.store, "path", &status.store_path,
		    "events", &status.n_events, "lost", &status.n_lost_events, "level_dbfs",
		    &status.level, "clock", &status.clock, "ongoing", &status.ongoing) < 0) {
		return hk_diag_set(diag, -EPROTO, "a status that cannot be read: %s", why.text);
	}
	if (hk_time_parse(status.since, 0, &status.since_us, NULL) < 0) {
		return hk_diag_set(diag, -EPROTO,
			"a status that cannot be read: since is not a time: \"%s\"", status.since);
	}
	*ret = status;
	return 0;
}

/* Whether sound comes in, is about to, or has come to its end as it should. */
static bool hears(const struct status *status)
{
	static const char *const well[] = { "starting", "hearing", "ended" };
	for (size_t i = 0; i < sizeof(well) / sizeof(well[0]); i++) {
		if (strcmp(status->state, well[i]) == 0) {
			return true;
		}
	}
	return false;
}

static bool keeps_history(const struct status *status)
{
	return status->store_path[0] == '\0' || strcmp(status->store, "ok") == 0;
}

static void write_ongoing(json_t *ongoing, char *ret_text, size_t size)
{
	size_t i;
	json_t *event;
	size_t length = (size_t)snprintf(ret_text, size, "-");
	json_array_foreach(ongoing, i, event)
	{
		const char *label = json_string_value(json_object_get(event, "label"));
		if (i == 0) {
			length = 0;
		}
		if (length < size) {
			length += (size_t)snprintf(ret_text + length, size - length, "%s%s",
				i ? ", " : "", label ? label : "?");
		}
	}
}

static void print_row(struct hk_table *table, const struct status *status)
{
	char since[32], level[16] = "-", drift[16] = "-", lost[24], history[128], ongoing[256];
	hk_duration_text((hk_clock_wall_us() - status->since_us) / 1000, since, sizeof(since));
	if (json_is_number(status->level)) {
		snprintf(level, sizeof(level), "%.1f", json_number_value(status->level));
	}
	const json_t *ppm = json_object_get(status->clock, "drift_ppm");
	if (json_is_number(ppm)) {
		snprintf(drift, sizeof(drift), "%+.1f", json_number_value(ppm));
	}
	snprintf(lost, sizeof(lost), "%" JSON_INTEGER_FORMAT, status->lost_frames);
	if (strcmp(status->store, "ok") == 0) {
		snprintf(history, sizeof(history), "%" JSON_INTEGER_FORMAT, status->n_events);
	} else {
		snprintf(history, sizeof(history), "%s", status->store);
	}
	write_ongoing(status->ongoing, ongoing, sizeof(ongoing));
	hk_table_row(table,
		(const char *const[]){ status->instance, status->state, since, level, drift, lost,
			history, status->model, ongoing, status->device });
}

/* Print what is wrong with an instance on stderr. Returns false when it does not work as it should
 * now. */
static bool check(const struct status *status)
{
	if (!hears(status)) {
		hk_message("%s receives no audio: %s%s%s", status->instance, status->state,
			*status->why ? ": " : "", status->why);
	}
	if (status->samples_note) {
		hk_message("%s: input: %s", status->instance, status->samples_note);
	}
	if (!keeps_history(status)) {
		hk_message("%s: the history %s is not being written: %s", status->instance,
			status->store_path, status->store);
	}
	if (status->n_lost_events > 0) {
		hk_message("%s: %" JSON_INTEGER_FORMAT " events are missing in the history",
			status->instance, status->n_lost_events);
	}
	return hears(status) && keeps_history(status);
}

/* PATH's instance, if systemd runs it; else "". */
static void find_service(const char *path, char *ret_instance, size_t size)
{
	const char *name = strrchr(path, '/'), *suffix = strrchr(path, '.');
	const size_t folder = strlen(HK_SOCKETS_FOLDER);
	ret_instance[0] = '\0';
	if (strncmp(path, HK_SOCKETS_FOLDER, folder) == 0 && name == path + folder &&
		suffix > name && strcmp(suffix, ".sock") == 0) {
		snprintf(ret_instance, size, "%.*s", (int)(suffix - name - 1), name + 1);
	}
}

/* Print WHY the daemon at PATH gives no status and, when it should have, the command that shows
 * more. */
static void print_failure(const char *path, enum hk_exit exit_code, const struct hk_diag *why)
{
	char instance[256] = "";
	if (exit_code == HK_EXIT_UNAVAILABLE) {
		find_service(path, instance, sizeof(instance));
	}
	if (instance[0] != '\0') {
		hk_message("%s; see: journalctl -n 20 -u hearkend@%s", why->text, instance);
	} else {
		hk_message("%s", why->text);
	}
}

static enum hk_exit show(struct hk_table *table, const char *path, bool json)
{
	json_t *reply = NULL;
	struct hk_diag diag;
	enum hk_exit exit_code = hk_varlink_client_ask(path, "GetStatus", NULL, &reply, &diag);
	if (exit_code != HK_EXIT_OK) {
		print_failure(path, exit_code, &diag);
		return exit_code;
	}
	struct status status = { 0 };
	if (read_status(reply, &status, &diag) < 0) {
		hk_message("%s: %s", path, diag.text);
		exit_code = HK_EXIT_PROTOCOL;
	} else {
		if (json) {
			hk_output_json(table->out, json_incref(json_object_get(reply, "status")));
		} else {
			print_row(table, &status);
			hk_output_flush(table->out);
		}
		if (!check(&status)) {
			exit_code = HK_EXIT_FAILURE;
		}
	}
	json_decref(reply);
	return exit_code;
}

/* Returns the exit code of the first that is not well. */
static enum hk_exit show_all(struct hk_table *table, const struct hk_sockets *sockets, bool json)
{
	enum hk_exit exit_code = HK_EXIT_OK;
	for (size_t i = 0; i < sockets->n_paths; i++) {
		const enum hk_exit shown = show(table, sockets->paths[i], json);
		if (exit_code == HK_EXIT_OK) {
			exit_code = shown;
		}
	}
	return exit_code;
}

static enum hk_exit run(const struct hk_call *call)
{
	static const struct hk_column columns[] = {
		{ "INSTANCE", 12, false },
		{ "STATE", 14, false },
		{ "SINCE", 11, true },
		{ "DBFS", 6, true },
		{ "PPM", 6, true },
		{ "LOST", 7, true },
		{ "HISTORY", 7, true },
		{ "MODEL", 10, false },
		{ "ONGOING", 16, false },
		{ "DEVICE", 0, false },
	};
	const struct status_options *given = call->options;
	struct hk_sockets sockets;
	struct hk_table table;
	hk_table_init(&table, call->out, columns, sizeof(columns) / sizeof(columns[0]));
	const bool all =
		given->all || (!*given->socket && !*given->instance && !hk_sockets_one_is_named());
	enum hk_exit exit_code = hk_sockets_find(given->socket, given->instance, all, &sockets);
	if (exit_code == HK_EXIT_OK) {
		exit_code = show_all(&table, &sockets, given->json);
	}
	hk_sockets_finish(&sockets);
	return exit_code;
}

const struct hk_command hk_cmd_status = {
	.name = "status",
	.arguments = "",
	.summary = "print how the daemons are and what they hear now",
	.help = "Prints a line an instance: whether its microphone is heard and since when, the\n"
		"level, by how much the sound card's clock is off, frames that were lost, events\n"
		"in the history, the model, and what is on now. Exits with 1 and the reason when\n"
		"one of them does not hear or cannot write its history, and with 69 when one does\n"
		"not answer; the others are shown all the same, and the first failure decides.\n"
		"The message names the journalctl command that shows why a service failed.\n"
		"\n"
		"JSON: an object an instance, of the type Status in hearken-varlink(7).\n",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.options_size = sizeof(struct status_options),
	.run = run,
};
