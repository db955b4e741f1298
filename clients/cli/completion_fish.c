/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "clients/cli/completion.h"

/* What fish takes as special inside single quotes. */
#define SPECIAL "\\"

static const char head[] =
	"# fish completion for hearken\n"
	"# true when the words after hearken are exactly these\n"
	"function __hearken_at\n"
	"\tset -l words (commandline -opc)\n"
	"\tset -e words[1]\n"
	"\ttest \"$words\" = \"$argv\"\n"
	"end\n"
	"# true when they begin with these\n"
	"function __hearken_in\n"
	"\tset -l words (commandline -opc)\n"
	"\tset -e words[1]\n"
	"\tstring match -q -- \"$argv *\" \"$words \"\n"
	"end\n"
	"complete -c hearken -f\n"
	"complete -c hearken -n __hearken_at -l help -d 'print help'\n"
	"complete -c hearken -n __hearken_at -l version -d 'print the version'\n";

/* The switches of `complete` that offer what is wanted. */
static void write_wanted(
	struct hk_output *out, enum hk_completion completion, const struct hk_param *value)
{
	struct hk_completion_words words;
	switch (completion) {
	case HK_COMPLETE_FILE:
		hk_output_text(out, " -F");
		break;
	case HK_COMPLETE_FOLDER:
		hk_output_text(out, " -a '(__fish_complete_directories)'");
		break;
	default:
		hk_completion_words(completion, value, &words);
		if (words.n_words > 0) {
			hk_output_text(out, " -a '");
			hk_completion_write_words(out, &words);
			hk_output_text(out, "'");
		}
	}
}

static void write_help(struct hk_output *out, const char *help)
{
	hk_output_text(out, " -d '");
	hk_completion_write_quoted(out, help, SPECIAL);
	hk_output_text(out, "'\n");
}

static void write_next(struct hk_output *out, const char *first, int length)
{
	struct hk_completion_words next;
	hk_completion_next_words(first, length, &next);
	for (size_t i = 0; i < next.n_words; i++) {
		hk_output_text(out, "complete -c hearken -n '__hearken_at%s%.*s' -a %.*s",
			length ? " " : "", length, first, next.words[i].length, next.words[i].text);
		write_help(out, next.words[i].help);
	}
}

static void write_command(struct hk_output *out, const struct hk_command *command)
{
	for (size_t i = 0; i < command->n_options; i++) {
		const struct hk_option *option = &command->options[i];
		hk_output_text(out, "complete -c hearken -n '__hearken_in %s' -l %s", command->name,
			option->value.key);
		if (option->letter) {
			hk_output_text(out, " -s %c", option->letter);
		}
		if (option->argument) {
			/* -x: no files beside what is offered */
			hk_output_text(out, option->completion == HK_COMPLETE_FILE ? " -r" : " -x");
			write_wanted(out, option->completion, &option->value);
		}
		write_help(out, option->value.help);
	}
	hk_output_text(out,
		"complete -c hearken -n '__hearken_in %s' -s h -l help -d 'print help'\n",
		command->name);
	if (command->max_arguments > 0 && command->completion != HK_COMPLETE_NOTHING) {
		hk_output_text(out, "complete -c hearken -n '__hearken_in %s'", command->name);
		write_wanted(out, command->completion, NULL);
		hk_output_text(out, "\n");
	}
}

static void write_script(struct hk_output *out)
{
	struct hk_completion_words words;
	hk_output_text(out, "%s", head);
	hk_completion_next_words("", 0, &words);
	write_next(out, "", 0);
	for (size_t i = 0; i < words.n_words; i++) {
		write_next(out, words.words[i].text, words.words[i].length);
	}
	for (size_t i = 0; hk_commands[i]; i++) {
		write_command(out, hk_commands[i]);
	}
}

const struct hk_shell hk_shell_fish = { .name = "fish", .write = write_script };
