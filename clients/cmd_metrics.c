/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "clients/commands.h"
#include "clients/options.h"
#include "clients/remote.h"
#include "clients/sockets.h"

struct metrics_options {
	char instance[256];
	char socket[PATH_MAX];
};

static const struct hk_option options[] = {
	HK_OPTION_INSTANCE(struct metrics_options),
	HK_OPTION_SOCKET(struct metrics_options),
};

static enum hk_exit run(const struct hk_call *call)
{
	const struct metrics_options *given = call->options;
	char path[HK_SOCKET_PATH_SIZE];
	json_t *reply = NULL;
	enum hk_exit exit_code =
		hk_socket_ask(given->socket, given->instance, "GetMetrics", NULL, path, &reply);
	if (exit_code != HK_EXIT_OK) {
		return exit_code;
	}
	const char *text = json_string_value(json_object_get(reply, "text"));
	if (text) {
		hk_output_write(call->out, text, strlen(text));
	} else {
		hk_message("%s: a reply without metrics", path);
		exit_code = HK_EXIT_PROTOCOL;
	}
	json_decref(reply);
	return exit_code;
}

const struct hk_command hk_cmd_metrics = {
	.name = "metrics",
	.arguments = "",
	.summary = "print a daemon's counters as OpenMetrics text",
	.help = "Prints what the daemon counts: windows, frames, gaps and lost frames, events by\n"
		"label, the time that analysis takes, the level, the clock, the history's queue,\n"
		"clients. The text is OpenMetrics, for Prometheus and its like.\n",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.options_size = sizeof(struct metrics_options),
	.run = run,
};
