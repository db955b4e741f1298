/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "clients/cli/commands.h"
#include "clients/cli/options.h"
#include "clients/socket/follow_loop.h"
#include "clients/socket/follow_sink.h"
#include "clients/socket/follower.h"
#include "clients/socket/place.h"
#include "clients/socket/sockets.h"

struct follow_options {
	char since[32];
	char cursor[32];
	char cursor_file[PATH_MAX];
	char labels[1024];
	bool sources;
	char program[PATH_MAX];
	double timeout_s;
	uint32_t queue;
	char instance[HK_INSTANCES_SIZE];
	bool all;
	char socket[PATH_MAX];
	bool json;
	bool table;
};

static const struct hk_option options[] = {
	{
		.value = { .key = "since",
			.type = HK_PARAM_STRING,
			HK_PARAM_AT(struct follow_options, since),
			.help = "begin with the events after this one; 0: with all; default: with "
				"what happens from now on" },
		.argument = "ID",
		.letter = 's',
	},
	{
		.value = { .key = "cursor",
			.type = HK_PARAM_STRING,
			HK_PARAM_AT(struct follow_options, cursor),
			.help = "begin after the change with this cursor: where an earlier follow "
				"ended" },
		.argument = "N",
	},
	{
		.value = { .key = "cursor-file",
			.type = HK_PARAM_STRING,
			HK_PARAM_AT(struct follow_options, cursor_file),
			.help = "begin after the change whose cursor FILE holds, and keep it up to date: "
				"what happens while follow does not run comes at its next start" },
		.argument = "FILE",
		.completion = HK_COMPLETE_FILE,
	},
	HK_OPTION_LABEL(struct follow_options),
	{
		.value = { .key = "sources",
			.type = HK_PARAM_BOOL,
			HK_PARAM_AT(struct follow_options, sources),
			.help = "the state of the source too, at first and when it changes" },
	},
	{
		.value = { .key = "exec",
			.type = HK_PARAM_STRING,
			HK_PARAM_AT(struct follow_options, program),
			.help = "run CMD with the ARGs behind it for each change; must come last" },
		.argument = "CMD",
		.letter = 'x',
		.completion = HK_COMPLETE_FILE,
		.rest = true,
	},
	{
		.value = { .key = "exec-timeout",
			.type = HK_PARAM_DURATION,
			HK_PARAM_AT(struct follow_options, timeout_s),
			.min = 0.1,
			.max = 86400,
			.fallback = "30 s",
			.help = "end CMD when it takes longer" },
		.argument = "TIME",
	},
	{
		.value = { .key = "exec-queue",
			.type = HK_PARAM_UINT,
			HK_PARAM_AT(struct follow_options, queue),
			.min = 1,
			.max = 100000,
			.fallback = "256",
			.help = "changes that may wait for CMD; more are dropped and counted, or, with "
				"--cursor-file, left to the daemon" },
		.argument = "N",
	},
	HK_OPTION_INSTANCES(struct follow_options),
	HK_OPTION_ALL(struct follow_options),
	HK_OPTION_SOCKET(struct follow_options),
	HK_OPTION_JSON(struct follow_options),
	HK_OPTION_TABLE(struct follow_options),
};

static void on_news(void *owner, const char *text)
{
	(void)owner;
	hk_message("%s", text);
}

/* TEXT as a number from 0 on, which is WHAT; -1 when it is not given. */
static enum hk_exit read_number(
	const char *option, const char *what, const char *text, int64_t *ret)
{
	uint64_t value;
	*ret = -1;
	if (!*text) {
		return HK_EXIT_OK;
	}
	if (hk_parse_uint64(text, &value) < 0 || value > INT64_MAX) {
		hk_message("follow: option --%s: expected %s, a number from 0 on, got \"%s\"",
			option, what, text);
		return HK_EXIT_USAGE;
	}
	*ret = (int64_t)value;
	return HK_EXIT_OK;
}

static enum hk_exit check(const struct hk_call *call, struct hk_follower_setup *ret)
{
	const struct follow_options *given = call->options;
	if (call->n_arguments > 0 && !*given->program) {
		hk_message("follow: unexpected argument \"%s\"; see `hearken help follow`",
			call->arguments[0]);
		return HK_EXIT_USAGE;
	}
	if (*given->since && *given->cursor) {
		hk_message("follow: --since and --cursor are mutually exclusive");
		return HK_EXIT_USAGE;
	}
	if (*given->cursor && *given->cursor_file) {
		hk_message("follow: --cursor and --cursor-file are mutually exclusive");
		return HK_EXIT_USAGE;
	}
	const enum hk_exit exit_code =
		read_number("since", "the id of an event", given->since, &ret->after_id);
	return exit_code == HK_EXIT_OK
		? read_number("cursor", "the cursor of a change", given->cursor, &ret->after_cursor)
		: exit_code;
}

/* Ids and cursors are those of one history. */
static enum hk_exit check_place(const struct follow_options *given, size_t n_instances)
{
	if (n_instances == 1) {
		return HK_EXIT_OK;
	}
	const char *option = *given->cursor_file                  ? "--cursor-file"
		: *given->cursor                                  ? "--cursor"
		: *given->since && strcmp(given->since, "0") != 0 ? "--since"
								  : NULL;
	if (!option) {
		return HK_EXIT_OK;
	}
	hk_message("follow: %s names a place in the history of one instance, not of %zu; run one "
		   "`hearken follow --instance NAME` for each",
		option, n_instances);
	return HK_EXIT_USAGE;
}

/* Where the file says that an earlier follow was; it goes before --since, which is for the first
 * start. */
static enum hk_exit find_place(struct hk_follow_sink *sink, struct hk_follower_setup *setup)
{
	struct hk_diag diag;
	if (!sink->cursor_file) {
		return HK_EXIT_OK;
	}
	const int r = hk_place_read(sink->cursor_file, &sink->cursor, &diag);
	if (r < 0 && r != -ENOENT) {
		hk_message("follow: option --cursor-file: %s", diag.text);
		return r == -EINVAL ? HK_EXIT_DATA : hk_exit_of_input(r);
	}
	if (r == 0) {
		setup->after_cursor = sink->cursor;
		setup->after_id = -1;
	}
	return HK_EXIT_OK;
}

/* CMD and its ARGs, NULL-terminated, for the caller to free; PROGRAM is not changed. */
static char **make_argv(const struct hk_call *call, char *program)
{
	char **argv = calloc(call->n_arguments + 2, sizeof(*argv));
	if (argv) {
		argv[0] = program;
		for (size_t i = 0; i < call->n_arguments; i++) {
			argv[i + 1] = call->arguments[i];
		}
	}
	return argv;
}

static enum hk_exit follow_all(const struct hk_call *call, const struct hk_sockets *sockets)
{
	const struct follow_options *given = call->options;
	char program[PATH_MAX];
	struct hk_follow_sink sink = {
		.print = !*given->program || given->json || given->table,
		.json = hk_output_wants_json(call->out, given->json, given->table),
		.cursor_file = *given->cursor_file ? given->cursor_file : NULL,
		.cursor = -1,
	};
	struct hk_follower_setup setup = {
		.labels = given->labels,
		.sources = given->sources,
		.on_event = hk_follow_on_event,
		.on_place = hk_follow_on_place,
		.may_take = hk_follow_may_take,
		.on_source = hk_follow_on_source,
		.on_news = on_news,
	};
	hk_event_view_table_init(&sink.table, call->out, sockets->n_paths > 1);
	enum hk_exit exit_code = check(call, &setup);
	if (exit_code == HK_EXIT_OK) {
		exit_code = check_place(given, sockets->n_paths);
	}
	if (exit_code == HK_EXIT_OK) {
		exit_code = find_place(&sink, &setup);
	}
	if (exit_code != HK_EXIT_OK) {
		return exit_code;
	}
	char **argv = NULL;
	if (*given->program) {
		memcpy(program, given->program, sizeof(program));
		argv = make_argv(call, program);
		sink.runner = argv
			? hk_exec_queue_new(&(struct hk_exec_queue_setup){
				  .argv = argv,
				  .timeout_ms = (int64_t)(given->timeout_s * 1000),
				  .max_queued = given->queue,
				  .owner = &sink,
				  .on_place = sink.cursor_file ? hk_follow_keep_place : NULL,
			  })
			: NULL;
		if (!sink.runner) {
			free(argv);
			return HK_EXIT_USAGE;
		}
	}
	exit_code = hk_follow_run(sockets, &setup, &sink);
	hk_exec_queue_free(sink.runner);
	free(argv);
	return exit_code;
}

static enum hk_exit run(const struct hk_call *call)
{
	const struct follow_options *given = call->options;
	struct hk_sockets sockets;
	enum hk_exit exit_code =
		hk_sockets_find(given->socket, given->instance, given->all, &sockets);
	if (exit_code == HK_EXIT_OK) {
		exit_code = follow_all(call, &sockets);
	}
	hk_sockets_finish(&sockets);
	return exit_code;
}

const struct hk_command hk_cmd_follow = {
	.name = "follow",
	.arguments = "[--exec CMD [ARG]...]",
	.summary = "print events as they happen, or run a command for each",
	.help = "Prints each event when it starts and again when it is over, until SIGINT or\n"
		"SIGTERM. When the daemon goes away it reconnects, and the daemon reports what\n"
		"happened in between: nothing is missed, nothing comes twice.\n"
		"\n"
		"With --exec the command is run instead (and with --json or --table as well), one\n"
		"change after the other, without a shell. It gets the event as JSON on stdin, and\n"
		"in the environment HEARKEN_ID, HEARKEN_CURSOR, HEARKEN_INSTANCE, HEARKEN_LABEL,\n"
		"HEARKEN_STATE (ongoing, ended, interrupted), HEARKEN_START, HEARKEN_END,\n"
		"HEARKEN_DURATION_MS, HEARKEN_PROBABILITY, HEARKEN_LEVEL_DBFS, HEARKEN_GAP and\n"
		"HEARKEN_CONTINUES. When it takes too long it gets SIGTERM and 2 s later SIGKILL.\n"
		"A command that fails is reported on stderr and not run again for that change.\n"
		"With --sources it is run for the state of the source as well, with\n"
		"HEARKEN_SOURCE_STATE and HEARKEN_SOURCE_WHY instead of all those.\n"
		"\n"
		"With --cursor-file the place survives a crash at any moment: FILE is replaced\n"
		"when a change was printed, or the command has ended for it. A change that was\n"
		"being dealt with when follow was killed comes again.\n"
		"\n"
		"With --all or several instances the changes of all come in the order of their\n"
		"arrival. One that is lost is reported and tried again while the others go on.\n"
		"--cursor, --cursor-file and --since ID are for one instance; --since 0 is not.\n"
		"\n"
		"Fields of the JSON objects: as type Event in hearken-varlink(7); with --sources\n"
		"also objects with the member source, of the type Source; of several instances\n"
		"with the member instance too.\n",
	.max_arguments = SIZE_MAX,
	.completion = HK_COMPLETE_FILE,
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.options_size = sizeof(struct follow_options),
	.run = run,
};
