/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "clients/cli/commands.h"
#include "clients/cli/options.h"
#include "clients/socket/sockets.h"
#include "clients/socket/varlink_client.h"

struct metrics_options {
	char instance[256];
	char socket[PATH_MAX];
	uint32_t format;
};

/* In the order of the words that GetMetrics takes. */
static const char *const formats[] = { "prometheus", "openmetrics", NULL };

static const struct hk_option options[] = {
	HK_OPTION_INSTANCE(struct metrics_options),
	HK_OPTION_SOCKET(struct metrics_options),
	{
		.value = { .key = "format",
			.type = HK_PARAM_ENUM,
			HK_PARAM_AT(struct metrics_options, format),
			.words = formats,
			.fallback = "prometheus",
			.help = "prometheus: the text format that promtool and node_exporter's textfile "
				"collector read; openmetrics: OpenMetrics 1.0" },
		.argument = "FORMAT",
		.letter = 'f',
		.completion = HK_COMPLETE_WORDS,
	},
};

static enum hk_exit run(const struct hk_call *call)
{
	const struct metrics_options *given = call->options;
	char path[HK_SOCKET_PATH_SIZE];
	json_t *reply = NULL;
	enum hk_exit exit_code = hk_socket_ask(given->socket, given->instance, "GetMetrics",
		json_pack("{s:s}", "format", formats[given->format]), path, &reply);
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
	.summary = "print a daemon's metrics for Prometheus",
	.help = "Prints the daemon's metrics: windows, frames, gaps and lost frames, events by\n"
		"label, the time that analysis takes, the level, the clock, the history, clients.\n"
		"hearkend(8) lists them. Every sample has the label `instance`, so that the files\n"
		"of several instances can be collected together.\n",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.options_size = sizeof(struct metrics_options),
	.run = run,
};
