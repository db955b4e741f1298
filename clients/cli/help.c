/* SPDX-License-Identifier: MIT */
#include "clients/cli/help.h"

#include <stdio.h>
#include <string.h>

#define PAGE_WIDTH 80
#define OPTION_COLUMN 26 /* where the text of an option begins */

/* TEXT in lines of PAGE_WIDTH, each from COLUMN on; the cursor stands at column AT. */
static void write_wrapped(struct hk_output *out, const char *text, int at, int column)
{
	if (at >= column) {
		hk_output_text(out, "\n");
		at = 0;
	}
	while (*text) {
		hk_output_text(out, "%*s", column - at, "");
		size_t length = strlen(text);
		if (length > (size_t)(PAGE_WIDTH - column)) {
			length = (size_t)(PAGE_WIDTH - column);
			while (length > 0 && text[length] != ' ') {
				length--;
			}
			if (length == 0) { /* one word wider than the page */
				length = strcspn(text, " ");
			}
		}
		hk_output_text(out, "%.*s\n", (int)length, text);
		text += length;
		text += strspn(text, " ");
		at = 0;
	}
}

static void write_option(struct hk_output *out, const struct hk_option *option)
{
	const struct hk_param *value = &option->value;
	char name[64], text[512];
	char letter[5] = "    ";
	if (option->letter) {
		snprintf(letter, sizeof(letter), "-%c, ", option->letter);
	}
	const int at = snprintf(name, sizeof(name), "  %s--%s%s%s", letter, value->key,
		option->argument ? " " : "", option->argument ? option->argument : "");
	size_t length = (size_t)snprintf(text, sizeof(text), "%s", value->help);
	if (value->words) {
		for (size_t i = 0; value->words[i]; i++) {
			length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%s",
				i ? ", " : ": ", value->words[i]);
		}
	}
	if (value->fallback && option->argument) {
		snprintf(text + length, sizeof(text) - length, " (default: %s)", value->fallback);
	}
	hk_output_text(out, "%s", name);
	write_wrapped(out, text, at, OPTION_COLUMN);
}

void hk_help_command(struct hk_output *out, const struct hk_command *command)
{
	hk_output_coloured(out, HK_COLOUR_BOLD, "Usage:");
	hk_output_text(out, " hearken %s%s%s%s\n\n%s", command->name,
		command->n_options ? " [OPTION]..." : "", *command->arguments ? " " : "",
		command->arguments, command->help);
	hk_output_text(out, "\n");
	hk_output_coloured(out, HK_COLOUR_BOLD, "Options:");
	hk_output_text(out, "\n");
	for (size_t i = 0; i < command->n_options; i++) {
		write_option(out, &command->options[i]);
	}
	const char help[] = "  -h, --help";
	hk_output_text(out, "%s", help);
	write_wrapped(out, "print this text", (int)strlen(help), OPTION_COLUMN);
}

void hk_help_all(struct hk_output *out)
{
	hk_output_text(out,
		"hearken hears events in sound: alarms, machines, music, or what you "
		"teach it.\n\n");
	hk_output_coloured(out, HK_COLOUR_BOLD, "Usage:");
	hk_output_text(out, " hearken COMMAND [OPTION]... [ARGUMENT]...\n\n");
	hk_output_coloured(out, HK_COLOUR_BOLD, "Commands:");
	hk_output_text(out, "\n");
	for (size_t i = 0; hk_commands[i]; i++) {
		hk_output_text(out, "  %-14s%s\n", hk_commands[i]->name, hk_commands[i]->summary);
	}
	hk_output_text(out, "\n`hearken help COMMAND` prints more.\n\n");
	hk_output_coloured(out, HK_COLOUR_BOLD, "Exit codes:");
	hk_output_text(out, "\n");
	for (size_t i = 0; i < hk_n_client_exits; i++) {
		const struct hk_exit_row *row = &hk_client_exits[i];
		hk_output_text(out, "  %-4d%s\n", (int)row->code, row->help);
	}
}
