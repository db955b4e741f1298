/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "clients/cli/completion.h"

/* Characters that _arguments and _describe take apart. */
#define SPECIAL "\\[]:"

static void write_action(
	struct hk_output *out, enum hk_completion completion, const struct hk_param *value)
{
	struct hk_completion_words words;
	switch (completion) {
	case HK_COMPLETE_FILE:
		hk_output_text(out, "_files");
		break;
	case HK_COMPLETE_FOLDER:
		hk_output_text(out, "_files -/");
		break;
	default:
		hk_completion_words(completion, value, &words);
		if (words.n_words == 0) {
			hk_output_text(out, " ");
			break;
		}
		hk_output_text(out, "(");
		hk_completion_write_words(out, &words);
		hk_output_text(out, ")");
	}
}

static void write_option(struct hk_output *out, const struct hk_option *option)
{
	const char *key = option->value.key;
	/* `-m+` and `--model=` also take a value in the same word. */
	const char *plus = option->argument ? "+" : "", *equals = option->argument ? "=" : "";
	if (option->letter) {
		hk_output_text(out, " \\\n\t\t\t'(-%c --%s)'{-%c%s,--%s%s}'[", option->letter, key,
			option->letter, plus, key, equals);
	} else {
		hk_output_text(out, " \\\n\t\t\t'--%s%s[", key, equals);
	}
	hk_completion_write_quoted(out, option->value.help, SPECIAL);
	hk_output_text(out, "]");
	if (option->argument) {
		hk_output_text(out, ":%s:", option->argument);
		write_action(out, option->completion, &option->value);
	}
	hk_output_text(out, "'");
}

static void write_command(struct hk_output *out, const struct hk_command *command)
{
	hk_output_text(out, "\t'%s')\n\t\t_arguments -s", command->name);
	for (size_t i = 0; i < command->n_options; i++) {
		write_option(out, &command->options[i]);
	}
	hk_output_text(out, " \\\n\t\t\t'(-h --help)'{-h,--help}'[print help]'");
	if (command->max_arguments > 0) {
		hk_output_text(out, " \\\n\t\t\t'*:argument:");
		write_action(out, command->completion, NULL);
		hk_output_text(out, "'");
	}
	hk_output_text(out, "\n\t\t;;\n");
}

/* Offer the words of NEXT with their summaries. */
static void write_next(struct hk_output *out, const struct hk_completion_words *next)
{
	hk_output_text(out, "\t\tnext=(\n");
	for (size_t i = 0; i < next->n_words; i++) {
		hk_output_text(out, "\t\t\t'%.*s:", next->words[i].length, next->words[i].text);
		hk_completion_write_quoted(out, next->words[i].help, SPECIAL);
		hk_output_text(out, "'\n");
	}
	hk_output_text(out, "\t\t)\n\t\t_describe command next\n\t\treturn\n");
}

/* Offer the second word of commands that begin with FIRST, or take both words as the command. */
static void write_second_word(struct hk_output *out, const char *first, int length,
	const struct hk_completion_words *next)
{
	hk_output_text(
		out, "\tif [[ $command == %.*s ]] && (( CURRENT == 3 )); then\n", length, first);
	write_next(out, next);
	hk_output_text(out,
		"\telif [[ $command == %.*s ]]; then\n"
		"\t\tcommand=\"$words[2] $words[3]\"\n"
		"\t\tshift words\n"
		"\t\t(( CURRENT-- ))\n"
		"\tfi\n",
		length, first);
}

static void write_script(struct hk_output *out)
{
	struct hk_completion_words words, next;
	hk_completion_next_words("", 0, &words);
	hk_output_text(out,
		"#compdef hearken\n"
		"# zsh completion for hearken\n"
		"_hearken()\n"
		"{\n"
		"\tlocal -a next\n"
		"\tif (( CURRENT == 2 )); then\n");
	write_next(out, &words);
	hk_output_text(out, "\tfi\n\tlocal command=$words[2]\n");
	for (size_t i = 0; i < words.n_words; i++) {
		hk_completion_next_words(words.words[i].text, words.words[i].length, &next);
		if (next.n_words > 0) {
			write_second_word(out, words.words[i].text, words.words[i].length, &next);
		}
	}
	hk_output_text(out, "\tshift words\n\t(( CURRENT-- ))\n\tcase $command in\n");
	for (size_t i = 0; hk_commands[i]; i++) {
		write_command(out, hk_commands[i]);
	}
	/* Autoloaded from $fpath the file is the function's first call; sourced, it registers it.
	 */
	hk_output_text(out,
		"\tesac\n"
		"}\n"
		"if [[ $funcstack[1] == _hearken ]]; then\n"
		"\t_hearken \"$@\"\n"
		"else\n"
		"\tcompdef _hearken hearken\n"
		"fi\n");
}

const struct hk_shell hk_shell_zsh = { .name = "zsh", .write = write_script };
