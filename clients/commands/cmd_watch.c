/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clients/cli/commands.h"
#include "clients/cli/options.h"
#include "clients/socket/sockets.h"
#include "clients/watch/watcher.h"

enum { COLOURS_AUTO };

static const char *const colour_words[] = { "auto", "24bit", "256", "none", NULL };

struct watch_options {
	uint32_t colours;
	double seconds;
	char instance[HK_INSTANCES_SIZE];
	bool all;
	char socket[PATH_MAX];
};

static const struct hk_option options[] = {
	{
		.value = { .key = "colors",
			.type = HK_PARAM_ENUM,
			HK_PARAM_AT(struct watch_options, colours),
			.words = colour_words,
			.fallback = "auto",
			.help = "what the terminal can show; none: plain text; auto: what COLORTERM, "
				"TERM, NO_COLOR and the locale say" },
		.argument = "WORD",
		.letter = 'C',
		.completion = HK_COMPLETE_WORDS,
	},
	{
		.value = { .key = "seconds",
			.type = HK_PARAM_DOUBLE,
			HK_PARAM_AT(struct watch_options, seconds),
			.min = 1,
			.max = 60,
			.fallback = "8",
			.unit = "seconds",
			.help = "how much of the past the picture shows" },
		.argument = "S",
	},
	HK_OPTION_INSTANCES(struct watch_options),
	HK_OPTION_ALL(struct watch_options),
	HK_OPTION_SOCKET(struct watch_options),
};

/* The environment's word; "" when it has none. */
static const char *word_of(const char *name)
{
	const char *value = getenv(name);
	return value ? value : "";
}

/* Whether the locale, as the C library finds it, writes UTF-8. */
static bool speaks_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = word_of(names[i]);
		if (*value) {
			return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
		}
	}
	return false;
}

static enum hk_colours colours_of(uint32_t word)
{
	static const enum hk_colours chosen[] = { HK_COLOURS_PLAIN, HK_COLOURS_24BIT,
		HK_COLOURS_256, HK_COLOURS_PLAIN };
	if (word != COLOURS_AUTO) {
		return chosen[word];
	}
	const char *term = word_of("TERM");
	const char *colorterm = word_of("COLORTERM");
	if (*word_of("NO_COLOR") || !speaks_utf8()) {
		return HK_COLOURS_PLAIN;
	}
	if (strcmp(colorterm, "truecolor") == 0 || strcmp(colorterm, "24bit") == 0 ||
		strstr(term, "direct")) {
		return HK_COLOURS_24BIT;
	}
	return strstr(term, "256color") ? HK_COLOURS_256 : HK_COLOURS_PLAIN;
}

static enum hk_exit run(const struct hk_call *call)
{
	const struct watch_options *given = call->options;
	struct hk_sockets sockets;
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		hk_message("watch: expected a terminal; `hearken follow` prints events");
		return HK_EXIT_USAGE;
	}
	const char *term = word_of("TERM");
	if (!*term || strcmp(term, "dumb") == 0) {
		hk_message("watch: this terminal cannot show a picture (TERM is \"%s\"); `hearken "
			   "follow --table` prints events",
			term);
		return HK_EXIT_USAGE;
	}
	enum hk_exit exit_code =
		hk_sockets_find(given->socket, given->instance, given->all, &sockets);
	if (exit_code == HK_EXIT_OK) {
		exit_code = hk_watch_run(&(struct hk_watch_setup){
			.sockets = &sockets,
			.colours = colours_of(given->colours),
			.seconds = given->seconds,
		});
	}
	hk_sockets_finish(&sockets);
	return exit_code;
}

const struct hk_command hk_cmd_watch = {
	.name = "watch",
	.arguments = "",
	.summary = "show on the terminal what a daemon hears now",
	.help = "A live picture: the waveform and the spectrogram of the last seconds, below them\n"
		"the level, each class at its own place with its gate, and the last events of\n"
		"the history and those that start and end now. The first line tells how the\n"
		"microphone is, by how much the sound card's clock is off, and what was lost;\n"
		"lost sound is a column of !.\n"
		"\n"
		"q or Ctrl-C quits. When the daemon goes away the picture waits for it. With\n"
		"--all or several instances Tab goes to the next; it begins with the first that\n"
		"answers.\n",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.options_size = sizeof(struct watch_options),
	.run = run,
};
