/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/child.h"
#include "clients/commands.h"
#include "clients/options.h"
#include "clients/table.h"
#include "config/paths.h"

/* PortAudio can hang in a driver; a healthy machine answers within a second. */
#define TIMEOUT_MS 15000

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
	static char list[] = "--list";
	int r = hk_path_capture(path, sizeof(path));
	int code = 0;
	if (r == 0) {
		r = hk_child_output((char *[]){ path, list, NULL }, TIMEOUT_MS, ret_text, &code);
	}
	if (r == -ETIMEDOUT) {
		hk_message(
			"the sound system did not list its devices within %d s", TIMEOUT_MS / 1000);
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

static int print_row(struct hk_table *table, json_t *device)
{
	const char *name;
	int n_channels, rate_hz, is_default;
	if (json_unpack(device, "{s:s, s:i, s:i, s:b}", "name", &name, "channels", &n_channels,
		    "default_rate", &rate_hz, "default", &is_default) < 0) {
		return -EBADMSG;
	}
	char channels[16], rate[16];
	snprintf(channels, sizeof(channels), "%d", n_channels);
	snprintf(rate, sizeof(rate), "%d", rate_hz);
	hk_table_row(table, (const char *const[]){ is_default ? "*" : "", channels, rate, name });
	return 0;
}

/* Print TEXT's devices. Returns 0, -EBADMSG when it is not what was agreed. */
static int print_devices(const char *text, bool json, struct hk_output *out)
{
	static const struct hk_column columns[] = {
		{ "DEFAULT", 7, false },
		{ "CHANNELS", 8, true },
		{ "RATE", 6, true },
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
	const int r = print_devices(text, given->json, call->out);
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
		"takes as `device`; * marks the one that is heard when none is named.\n"
		"\n"
		"Fields of the JSON objects: name (for hearken.conf), host_api, device (as\n"
		"PortAudio calls it), channels, default_rate, rates, default.\n",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.options_size = sizeof(struct devices_options),
	.run = run,
};
