/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/cli/commands.h"
#include "clients/cli/options.h"
#include "clients/cli/table.h"
#include "clients/socket/child.h"
#include "clients/socket/device_users.h"
#include "config/paths.h"

/* PortAudio can hang in a driver, asleep or computing. */
#define HANGS_MS 15000

struct devices_options {
	bool json;
};

static const struct hk_option options[] = {
	HK_OPTION_JSON(struct devices_options),
};

/* What hearken-capture --list says: one JSON object a line; without a device it fails. */
static enum hk_exit list_devices(char **ret_text)
{
	char path[PATH_MAX];
	static char list[] = "--list", name[] = "hearken";
	int r = hk_path_capture(path, sizeof(path));
	int code = 0;
	if (r == 0) {
		r = hk_child_output(
			(char *[]){ path, list, name, NULL }, HANGS_MS, ret_text, &code);
	}
	if (r == -ETIMEDOUT) {
		hk_message("the sound system hangs: no answer for %d s", HANGS_MS / 1000);
		return HK_EXIT_UNAVAILABLE;
	}
	if (r < 0) {
		hk_message("cannot run hearken-capture: %s", strerror(-r));
		return HK_EXIT_FAILURE;
	}
	if (code != 0) {
		free(*ret_text);
		if (code >= 128) { /* else it has said why */
			hk_message("hearken-capture was ended by signal %d", code - 128);
		}
		return HK_EXIT_UNAVAILABLE;
	}
	return HK_EXIT_OK;
}

/* Instances that hear it, joined by commas. */
static void users_text(json_t *users, char *ret_text, size_t size)
{
	size_t i, length = 0;
	json_t *user;
	ret_text[0] = '\0';
	json_array_foreach(users, i, user)
	{
		if (length < size) {
			length += (size_t)snprintf(ret_text + length, size - length, "%s%s",
				i ? "," : "", json_string_value(user));
		}
	}
}

/* "44100", or the least and the greatest. */
static void rates_text(json_t *rates, char *ret_text, size_t size)
{
	const size_t n_rates = json_array_size(rates);
	const json_int_t least = json_integer_value(json_array_get(rates, 0));
	const json_int_t greatest = json_integer_value(json_array_get(rates, n_rates - 1));
	if (n_rates == 0) {
		snprintf(ret_text, size, "-");
	} else if (least == greatest) {
		snprintf(ret_text, size, "%" JSON_INTEGER_FORMAT, least);
	} else {
		snprintf(ret_text, size, "%" JSON_INTEGER_FORMAT "-%" JSON_INTEGER_FORMAT, least,
			greatest);
	}
}

static int print_row(struct hk_table *table, json_t *device)
{
	const char *name;
	json_int_t n_channels, rate_hz;
	int is_default;
	json_t *rates, *users;
	if (json_unpack(device, "{s:s, s:I, s:I, s:b, s:o, s:o}", "name", &name, "channels",
		    &n_channels, "default_rate", &rate_hz, "default", &is_default, "rates", &rates,
		    "used_by", &users) < 0) {
		return -EBADMSG;
	}
	char used_by[128], channels[24], rate[24], range[48];
	users_text(users, used_by, sizeof(used_by));
	snprintf(channels, sizeof(channels), "%" JSON_INTEGER_FORMAT, n_channels);
	snprintf(rate, sizeof(rate), "%" JSON_INTEGER_FORMAT, rate_hz);
	rates_text(rates, range, sizeof(range));
	const bool known = n_channels > 0; /* else it is held open: nobody can look at it */
	hk_table_row(table,
		(const char *const[]){ is_default ? "*" : "", used_by, known ? channels : "-",
			known ? rate : "busy", range, name });
	return 0;
}

/* Who hears DEVICE, and, when it is a card that they hold open, what they know of it. */
static void add_users(json_t *device, json_t *users)
{
	json_t *sources =
		json_object_get(users, json_string_value(json_object_get(device, "name")));
	json_t *instances = json_array();
	size_t i;
	json_t *source;
	json_array_foreach(sources, i, source)
	{
		json_array_append(instances, json_object_get(source, "instance"));
		if (json_is_true(json_object_get(device, "busy"))) {
			json_object_set(device, "channels", json_object_get(source, "channels"));
			json_object_set(device, "default_rate", json_object_get(source, "rate_hz"));
		}
	}
	json_object_set_new(device, "used_by", instances);
}

/* Print TEXT's devices. Returns 0, -EBADMSG when it is not what was agreed. */
static int print_devices(const char *text, json_t *users, bool json, struct hk_output *out)
{
	static const struct hk_column columns[] = {
		{ "DEFAULT", 7, false },
		{ "USED BY", 8, false },
		{ "CHANNELS", 8, true },
		{ "RATE", 6, true },
		{ "RATES", 11, true },
		{ "DEVICE", 0, false },
	};
	struct hk_table table;
	hk_table_init(&table, out, columns, sizeof(columns) / sizeof(columns[0]));
	while (*text) {
		const size_t length = strcspn(text, "\n");
		json_t *device = json_loadb(text, length, 0, NULL);
		if (!device) {
			return -EBADMSG;
		}
		add_users(device, users);
		if (json) {
			hk_output_json(out, device);
		} else {
			const int r = print_row(&table, device);
			json_decref(device);
			if (r < 0) {
				return r;
			}
		}
		text += length + (text[length] == '\n');
	}
	return 0;
}

static enum hk_exit run(const struct hk_call *call)
{
	const struct devices_options *given = call->options;
	char *text = NULL;
	const enum hk_exit exit_code = list_devices(&text);
	if (exit_code != HK_EXIT_OK) {
		return exit_code;
	}
	json_t *users = hk_device_users();
	const int r = print_devices(text, users, given->json, call->out);
	json_decref(users);
	free(text);
	if (r < 0) {
		hk_message("hearken-capture is of another version: its list cannot be read");
		return HK_EXIT_INTERNAL;
	}
	return HK_EXIT_OK;
}

const struct hk_command hk_cmd_devices = {
	.name = "devices",
	.arguments = "",
	.summary = "list the sound devices that can be heard",
	.help = "Lists the input devices of the machine. The last column is what hearken.conf\n"
		"takes as `device`; * marks the one that is heard when none is named, USED BY\n"
		"names the instances that hear it now. A card that somebody holds open is busy:\n"
		"its channels and rates cannot be looked at.\n"
		"\n"
		"Fields of the JSON objects: name (for hearken.conf), host_api, device (as\n"
		"PortAudio calls it), channels, default_rate, rates, default, busy, used_by.\n",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.options_size = sizeof(struct devices_options),
	.run = run,
};
