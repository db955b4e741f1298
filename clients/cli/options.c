/* SPDX-License-Identifier: MIT */
#include "clients/cli/options.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/known.h"

/* getopt's value of a long option: its row + this, beyond any letter. */
#define FIRST_LONG 256

struct getopt_tables {
	struct option longs[HK_MAX_OPTIONS + 2];
	char shorts[2 * HK_MAX_OPTIONS + 5];
};

static bool has_rest(const struct hk_command *command)
{
	for (size_t i = 0; i < command->n_options; i++) {
		if (command->options[i].rest) {
			return true;
		}
	}
	return false;
}

static void make_tables(const struct hk_command *command, struct getopt_tables *tables)
{
	assert(command->n_options <= HK_MAX_OPTIONS);
	memset(tables, 0, sizeof(*tables));
	char *letter = tables->shorts;
	if (has_rest(command)) {
		*letter++ = '+'; /* arguments stay behind the option that they belong to */
	}
	*letter++ = ':'; /* a missing value is told apart from an unknown option */
	*letter++ = 'h';
	for (size_t i = 0; i < command->n_options; i++) {
		const struct hk_option *row = &command->options[i];
		tables->longs[i] = (struct option){
			.name = row->value.key,
			.has_arg = row->argument ? required_argument : no_argument,
			.val = FIRST_LONG + (int)i,
		};
		if (row->letter) {
			*letter++ = row->letter;
			if (row->argument) {
				*letter++ = ':';
			}
		}
	}
	tables->longs[command->n_options] = (struct option){ .name = "help", .val = 'h' };
}

static const struct hk_option *find_row(const struct hk_command *command, int value)
{
	for (size_t i = 0; i < command->n_options; i++) {
		const struct hk_option *row = &command->options[i];
		if (value == FIRST_LONG + (int)i || (row->letter && value == row->letter)) {
			return row;
		}
	}
	return NULL;
}

static void set_defaults(const struct hk_command *command, void *options)
{
	for (size_t i = 0; i < command->n_options; i++) {
		const struct hk_param *value = &command->options[i].value;
		if (value->fallback) {
			const int r = hk_param_parse(value, options, value->fallback, NULL);
			assert(r == 0);
			(void)r;
		}
	}
}

/* The option that WORD, "--labl=x", was meant to be, as hk_known.hint. */
static void find_meant(const struct hk_command *command, const char *word, struct hk_known *ret)
{
	char asked[HK_KNOWN_HINT_SIZE];
	snprintf(asked, sizeof(asked), "%.*s", (int)strcspn(word, "="), word);
	*ret = (struct hk_known){ .asked = asked };
	hk_known_add(ret, "--help");
	for (size_t i = 0; i < command->n_options; i++) {
		hk_known_add(ret, "--%s", command->options[i].value.key);
	}
	ret->asked = NULL;
}

/* Put TEXT into the value of ROW. */
static int take(const struct hk_option *row, void *options, const char *text, struct hk_diag *diag)
{
	/* a variable of a script that was never set, mostly: it would ask for something else */
	if (row->value.type == HK_PARAM_STRING && *text == '\0') {
		return hk_diag_set(
			diag, -EINVAL, "%s: expected %s, got \"\"", row->value.key, row->argument);
	}
	const char *before = (const char *)options + row->value.offset;
	if (!row->repeats || !*before) {
		return hk_param_parse(&row->value, options, text, diag);
	}
	char *both = NULL;
	if (asprintf(&both, "%s,%s", before, text) < 0) {
		return hk_diag_set(diag, -ENOMEM, "%s: out of memory", row->value.key);
	}
	const int r = hk_param_parse(&row->value, options, both, diag);
	free(both);
	return r;
}

static int check_arguments(const struct hk_command *command, size_t n_arguments, char **arguments,
	struct hk_diag *diag)
{
	if (n_arguments < command->min_arguments) {
		return hk_diag_set(diag, -EINVAL, "%s is missing", command->arguments);
	}
	if (n_arguments > command->max_arguments) {
		return hk_diag_set(diag, -EINVAL, "unexpected argument \"%s\"",
			arguments[command->max_arguments]);
	}
	return HK_COMMAND_OPTIONS_RUN;
}

int hk_command_options_parse(const struct hk_command *command, int argc, char **argv, void *options,
	int *ret_first, struct hk_diag *diag)
{
	struct getopt_tables tables;
	make_tables(command, &tables);
	set_defaults(command, options);

	opterr = 0;
	optind = 0; /* glibc: start anew */
	for (;;) {
		const int value = getopt_long(argc, argv, tables.shorts, tables.longs, NULL);
		if (value == -1) {
			break;
		}
		if (value == 'h') {
			return HK_COMMAND_OPTIONS_HELP;
		}
		if (value == ':') {
			const struct hk_option *row = find_row(command, optopt);
			return hk_diag_set(diag, -EINVAL, "option --%s needs a value: %s",
				row->value.key, row->argument);
		}
		if (value == '?') {
			if (find_row(command, optopt)) {
				return hk_diag_set(diag, -EINVAL, "option --%s takes no value",
					find_row(command, optopt)->value.key);
			}
			if (optopt != 0 && optopt < FIRST_LONG) {
				return hk_diag_set(diag, -EINVAL, "unknown option -%c", optopt);
			}
			struct hk_known meant;
			find_meant(command, argv[optind - 1], &meant);
			return hk_diag_set(diag, -EINVAL, "unknown or ambiguous option %s%s",
				argv[optind - 1], meant.hint);
		}
		const struct hk_option *row = find_row(command, value);
		const char *text = row->argument ? optarg : "yes";
		struct hk_diag why;
		const int r = take(row, options, text, &why);
		if (r < 0) {
			return hk_diag_set(diag, -EINVAL, "option --%s", why.text);
		}
		if (row->rest) {
			break;
		}
	}
	*ret_first = optind;
	return check_arguments(command, (size_t)(argc - optind), argv + optind, diag);
}
