/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "clients/cli/commands.h"
#include "clients/cli/options.h"
#include "clients/socket/metrics_merge.h"
#include "clients/socket/sockets.h"
#include "clients/socket/varlink_client.h"
#include "core/base/text_buffer.h"

struct metrics_options {
	char instance[HK_INSTANCES_SIZE];
	bool all;
	char socket[PATH_MAX];
	uint32_t format;
};

/* In the order of the words that GetMetrics takes. */
static const char *const formats[] = { "prometheus", "openmetrics", NULL };

static const struct hk_option options[] = {
	HK_OPTION_INSTANCES(struct metrics_options),
	HK_OPTION_ALL(struct metrics_options),
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

/* *ret_reply has the member `text` then, a string; the caller's. */
static enum hk_exit ask(
	const char *path, const char *format, json_t **ret_reply, struct hk_diag *diag)
{
	json_t *reply = NULL;
	const enum hk_exit exit_code = hk_varlink_client_ask(
		path, "GetMetrics", json_pack("{s:s}", "format", format), &reply, diag);
	if (exit_code == HK_EXIT_OK && !json_is_string(json_object_get(reply, "text"))) {
		json_decref(reply);
		return hk_varlink_client_refuse(path, diag, "a reply without metrics");
	}
	*ret_reply = reply;
	return exit_code;
}

static const char *text_of(const json_t *reply)
{
	return json_string_value(json_object_get(reply, "text"));
}

/* The daemon's text as it is. */
static enum hk_exit print_one(
	struct hk_output *out, const struct hk_sockets *sockets, const char *format)
{
	json_t *reply = NULL;
	struct hk_diag diag;
	const enum hk_exit exit_code = ask(sockets->paths[0], format, &reply, &diag);
	if (exit_code == HK_EXIT_OK) {
		hk_output_write(out, text_of(reply), strlen(text_of(reply)));
	} else {
		hk_sockets_report(sockets, 0, exit_code, &diag);
	}
	json_decref(reply);
	return exit_code;
}

static enum hk_exit add(
	struct hk_metrics_merge *merge, const char *path, const char *format, struct hk_diag *diag)
{
	json_t *reply = NULL;
	struct hk_diag why;
	enum hk_exit exit_code = ask(path, format, &reply, diag);
	if (exit_code != HK_EXIT_OK) {
		return exit_code;
	}
	const int r = hk_metrics_merge_add(merge, text_of(reply), &why);
	if (r == -ENOMEM) {
		*diag = why;
		exit_code = HK_EXIT_INTERNAL;
	} else if (r < 0) {
		exit_code = hk_varlink_client_refuse(path, diag, why.text);
	}
	json_decref(reply);
	return exit_code;
}

/* Returns the exit code of the first instance that failed; the others are printed. */
static enum hk_exit print_merged(
	struct hk_output *out, const struct hk_sockets *sockets, const char *format)
{
	struct hk_metrics_merge merge = { 0 };
	enum hk_exit exit_code = HK_EXIT_OK;
	for (size_t i = 0; i < sockets->n_paths; i++) {
		struct hk_diag diag;
		const enum hk_exit added = add(&merge, sockets->paths[i], format, &diag);
		if (added != HK_EXIT_OK) {
			hk_sockets_report(sockets, i, added, &diag);
		}
		if (exit_code == HK_EXIT_OK) {
			exit_code = added;
		}
	}
	struct hk_text_buffer text;
	char *data;
	size_t length;
	bool printed = merge.n_texts == 0; /* no text is no metrics, not even # EOF */
	if (!printed && hk_text_buffer_begin(&text) == 0) {
		hk_metrics_merge_print(&merge, text.file);
		if (hk_text_buffer_end(&text, &data, &length) == 0) {
			hk_output_write(out, data, length);
			free(data);
			printed = true;
		}
	}
	hk_metrics_merge_finish(&merge);
	if (!printed) {
		hk_message("out of memory");
		return HK_EXIT_INTERNAL;
	}
	return exit_code;
}

static enum hk_exit run(const struct hk_call *call)
{
	const struct metrics_options *given = call->options;
	struct hk_sockets sockets;
	enum hk_exit exit_code =
		hk_sockets_find(given->socket, given->instance, given->all, &sockets);
	if (exit_code == HK_EXIT_OK) {
		exit_code = (sockets.n_paths == 1 ? print_one : print_merged)(
			call->out, &sockets, formats[given->format]);
	}
	hk_sockets_finish(&sockets);
	return exit_code;
}

const struct hk_command hk_cmd_metrics = {
	.name = "metrics",
	.arguments = "",
	.summary = "print the metrics of daemons for Prometheus",
	.help = "Prints a daemon's metrics: windows, frames, gaps and lost frames, events by\n"
		"label, the time that analysis takes, the level, the clock, the history, clients.\n"
		"hearkend(8) lists them. Every sample has the label `instance`, so that the files\n"
		"of several instances can be collected together.\n"
		"\n"
		"With --all or several instances it is one text, each family once. An instance\n"
		"that does not answer is reported and decides the exit code; the metrics of the\n"
		"others are printed all the same.\n",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.options_size = sizeof(struct metrics_options),
	.run = run,
};
