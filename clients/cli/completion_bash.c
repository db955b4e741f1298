/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "clients/cli/completion.h"

/* What follows the table: the value wanted is offered, else the options, else the arguments. */
static const char head[] =
	"# bash completion for hearken\n"
	"_hearken()\n"
	"{\n"
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
	"\t# --option=value arrives as three words\n"
	"\tif [[ $cur == '=' ]]; then\n"
	"\t\tcur=\n"
	"\telif [[ $prev == '=' ]]; then\n"
	"\t\tprev=${COMP_WORDS[COMP_CWORD-2]}\n"
	"\tfi\n"
	"\tlocal options= wanted=\n"
	"\tcase $COMP_CWORD,\" ${COMP_WORDS[*]:1:COMP_CWORD-1} \" in\n";

static const char tail[] =
	"\tesac\n"
	"\tif [[ $cur == -* && $wanted != value:* ]]; then\n"
	"\t\twanted=\"words:$options\"\n"
	"\tfi\n"
	"\twanted=${wanted#value:}\n"
	"\tCOMPREPLY=()\n"
	"\tcase $wanted in\n"
	"\tfile) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\") ;;\n"
	"\tfolder) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- \"$cur\") ;;\n"
	"\twords:*) mapfile -t COMPREPLY < <(compgen -W \"${wanted#words:}\" -- \"$cur\") ;;\n"
	"\tesac\n"
	"}\n"
	"complete -F _hearken hearken\n";

static void write_wanted(
	struct hk_output *out, enum hk_completion completion, const struct hk_param *value)
{
	struct hk_completion_words words;
	if (completion == HK_COMPLETE_FILE) {
		hk_output_text(out, "file");
	} else if (completion == HK_COMPLETE_FOLDER) {
		hk_output_text(out, "folder");
	} else {
		hk_completion_words(completion, value, &words);
		hk_output_text(out, "words:");
		hk_completion_write_words(out, &words);
	}
}

static void write_command(struct hk_output *out, const struct hk_command *command)
{
	hk_output_text(out, "\t*,\" %s \"*)\n\t\toptions='", command->name);
	for (size_t i = 0; i < command->n_options; i++) {
		hk_output_text(out, "--%s ", command->options[i].value.key);
	}
	hk_output_text(out, "--help'\n\t\tcase $prev in\n");
	for (size_t i = 0; i < command->n_options; i++) {
		const struct hk_option *option = &command->options[i];
		if (!option->argument) {
			continue;
		}
		hk_output_text(out, "\t\t--%s", option->value.key);
		if (option->letter) {
			hk_output_text(out, " | -%c", option->letter);
		}
		hk_output_text(out, ") wanted='value:");
		write_wanted(out, option->completion, &option->value);
		hk_output_text(out, "' ;;\n");
	}
	hk_output_text(out, "\t\t*) wanted='");
	write_wanted(out, command->completion, NULL);
	hk_output_text(out, "' ;;\n\t\tesac\n\t\t;;\n");
}

static void write_script(struct hk_output *out)
{
	struct hk_completion_words words, next;
	hk_completion_next_words("", 0, &words);
	hk_output_text(out, "%s\t1,*) wanted='words:", head);
	hk_completion_write_words(out, &words);
	hk_output_text(out, "' options='--help --version' ;;\n");
	for (size_t i = 0; i < words.n_words; i++) {
		hk_completion_next_words(words.words[i].text, words.words[i].length, &next);
		if (next.n_words > 0) {
			hk_output_text(out,
				"\t2,\" %.*s \"*) wanted='words:", words.words[i].length,
				words.words[i].text);
			hk_completion_write_words(out, &next);
			hk_output_text(out, "' ;;\n");
		}
	}
	for (size_t i = 0; hk_commands[i]; i++) {
		write_command(out, hk_commands[i]);
	}
	hk_output_text(out, "%s", tail);
}

const struct hk_shell hk_shell_bash = { .name = "bash", .write = write_script };
