/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "clients/cli/options.h"

struct values {
	char name[8];
	uint32_t rate;
	uint32_t colour;
	bool loud;
	char tags[9];
};

static const char *const colours[] = { "red", "green", NULL };

static const struct hk_option rows[] = {
	{
		.value = { .key = "name",
			.type = HK_PARAM_STRING,
			HK_PARAM_AT(struct values, name) },
		.argument = "NAME",
		.letter = 'n',
	},
	{
		.value = { .key = "rate",
			.type = HK_PARAM_UINT,
			HK_PARAM_AT(struct values, rate),
			.min = 10,
			.max = 99,
			.fallback = "20" },
		.argument = "HZ",
	},
	{
		.value = { .key = "colour",
			.type = HK_PARAM_ENUM,
			HK_PARAM_AT(struct values, colour),
			.words = colours,
			.fallback = "green" },
		.argument = "WORD",
	},
	{
		.value = { .key = "loud", .type = HK_PARAM_BOOL, HK_PARAM_AT(struct values, loud) },
		.letter = 'l',
	},
	{
		.value = { .key = "tag",
			.type = HK_PARAM_STRING,
			HK_PARAM_AT(struct values, tags) },
		.argument = "TAG",
		.letter = 't',
		.repeats = true,
	},
};

static const struct hk_option rows_with_rest[] = {
	{
		.value = { .key = "run",
			.type = HK_PARAM_STRING,
			HK_PARAM_AT(struct values, name) },
		.argument = "CMD",
		.rest = true,
	},
	{
		.value = { .key = "loud", .type = HK_PARAM_BOOL, HK_PARAM_AT(struct values, loud) },
		.letter = 'l',
	},
};

static const struct hk_command command = {
	.name = "test",
	.arguments = "FILE...",
	.min_arguments = 1,
	.max_arguments = 2,
	.options = rows,
	.n_options = sizeof(rows) / sizeof(rows[0]),
	.options_size = sizeof(struct values),
};

static const struct hk_command with_rest = {
	.name = "test",
	.arguments = "[--run CMD [ARG]...]",
	.max_arguments = SIZE_MAX,
	.options = rows_with_rest,
	.n_options = sizeof(rows_with_rest) / sizeof(rows_with_rest[0]),
	.options_size = sizeof(struct values),
};

#define MAX_WORDS 12

struct parsed {
	struct values values;
	struct hk_diag diag;
	char words[MAX_WORDS][32];
	char *argv[MAX_WORDS + 1];
	int argc;
	int first;
	int result;
};

/* Parse LINE, words separated by blanks, with the table of ROWS_OF. */
static void parse_with(const struct hk_command *rows_of, struct parsed *parsed, const char *line)
{
	memset(parsed, 0, sizeof(*parsed));
	strcpy(parsed->words[0], "test");
	parsed->argv[parsed->argc] = parsed->words[0];
	parsed->argc++;
	while (*line) {
		const size_t length = strcspn(line, " ");
		assert_true(parsed->argc < MAX_WORDS);
		char *word = parsed->words[parsed->argc];
		memcpy(word, line, length);
		parsed->argv[parsed->argc++] = word;
		line += length + (line[length] == ' ');
	}
	parsed->result = hk_command_options_parse(rows_of, parsed->argc, parsed->argv,
		&parsed->values, &parsed->first, &parsed->diag);
}

static void parse(struct parsed *parsed, const char *line)
{
	parse_with(&command, parsed, line);
}

static void assert_refused(const char *line, const char *why)
{
	struct parsed parsed;
	parse(&parsed, line);
	assert_int_equal(parsed.result, -EINVAL);
	if (!strstr(parsed.diag.text, why)) {
		fail_msg("\"%s\": \"%s\" does not say \"%s\"", line, parsed.diag.text, why);
	}
}

static void what_is_not_given_has_its_default_or_stays_empty(void **state)
{
	(void)state;
	struct parsed parsed;
	parse(&parsed, "a.wav");
	assert_int_equal(parsed.result, HK_COMMAND_OPTIONS_RUN);
	assert_string_equal(parsed.values.name, "");
	assert_int_equal(parsed.values.rate, 20);
	assert_int_equal(parsed.values.colour, 1);
	assert_false(parsed.values.loud);
}

static void long_short_and_joined_forms_mean_the_same(void **state)
{
	(void)state;
	const char *const lines[] = { "--name x --loud --rate 30 --colour red a.wav",
		"-n x -l --rate=30 --colour=red a.wav", "-lnx --rate 30 --colour red a.wav" };
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct parsed parsed;
		parse(&parsed, lines[i]);
		assert_int_equal(parsed.result, HK_COMMAND_OPTIONS_RUN);
		assert_string_equal(parsed.values.name, "x");
		assert_true(parsed.values.loud);
		assert_int_equal(parsed.values.rate, 30);
		assert_int_equal(parsed.values.colour, 0);
		assert_string_equal(parsed.argv[parsed.first], "a.wav");
	}
}

static void options_may_stand_after_arguments_and_two_dashes_end_them(void **state)
{
	(void)state;
	struct parsed parsed;
	parse(&parsed, "a.wav -l -- --rate");
	assert_int_equal(parsed.result, HK_COMMAND_OPTIONS_RUN);
	assert_true(parsed.values.loud);
	assert_int_equal(parsed.argc - parsed.first, 2);
	assert_string_equal(parsed.argv[parsed.first], "a.wav");
	assert_string_equal(parsed.argv[parsed.first + 1], "--rate");
}

static void an_option_that_repeats_gathers_its_values(void **state)
{
	(void)state;
	struct parsed parsed;
	parse(&parsed, "--tag a --tag=b,c -tdd x");
	assert_int_equal(parsed.result, HK_COMMAND_OPTIONS_RUN);
	assert_string_equal(parsed.values.tags, "a,b,c,dd");
	assert_refused("--tag 1234567 --tag 8 x", "option --tag");
}

static void an_option_with_the_rest_ends_the_options_and_leaves_what_follows(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct parsed parsed;
		parse_with(&with_rest, &parsed,
			i == 0 ? "-l --run cmd -x --loud -- a" : "-l --run=cmd -x --loud -- a");
		assert_int_equal(parsed.result, HK_COMMAND_OPTIONS_RUN);
		assert_true(parsed.values.loud);
		assert_string_equal(parsed.values.name, "cmd");
		assert_int_equal(parsed.argc - parsed.first, 4);
		assert_string_equal(parsed.argv[parsed.first], "-x");
		assert_string_equal(parsed.argv[parsed.first + 3], "a");
	}
	struct parsed parsed;
	parse_with(&with_rest, &parsed, "a -l --run cmd");
	assert_int_equal(parsed.result, HK_COMMAND_OPTIONS_RUN);
	assert_string_equal(parsed.argv[parsed.first], "a");
	assert_string_equal(parsed.values.name, "");
}

static void help_wins_over_missing_arguments(void **state)
{
	(void)state;
	struct parsed parsed;
	parse(&parsed, "--help");
	assert_int_equal(parsed.result, HK_COMMAND_OPTIONS_HELP);
	parse(&parsed, "-h");
	assert_int_equal(parsed.result, HK_COMMAND_OPTIONS_HELP);
}

static void a_wrong_command_line_is_refused_with_what_was_expected(void **state)
{
	(void)state;
	assert_refused("", "FILE... is missing");
	assert_refused("a b c", "unexpected argument \"c\"");
	assert_refused("--nonsense a", "unknown or ambiguous option --nonsense");
	assert_refused("-x a", "unknown option -x");
	assert_refused("a --rate", "option --rate needs a value: HZ");
	assert_refused("a -n", "option --name needs a value: NAME");
	assert_refused("--loud=yes a", "option --loud takes no value");
	assert_refused("--rate 9 a", "option --rate: expected ");
	assert_refused("--rate 1x a", "\"1x\"");
	assert_refused("--colour blue a", "red, green");
	assert_refused("--name 12345678 a", "option --name");
	/* what a shell makes of a variable that was never set */
	assert_refused("--name= a", "option --name: expected NAME, got \"\"");
	assert_refused("--tag=x --tag= a", "option --tag: expected TAG, got \"\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_given_has_its_default_or_stays_empty),
		cmocka_unit_test(long_short_and_joined_forms_mean_the_same),
		cmocka_unit_test(options_may_stand_after_arguments_and_two_dashes_end_them),
		cmocka_unit_test(an_option_that_repeats_gathers_its_values),
		cmocka_unit_test(an_option_with_the_rest_ends_the_options_and_leaves_what_follows),
		cmocka_unit_test(help_wins_over_missing_arguments),
		cmocka_unit_test(a_wrong_command_line_is_refused_with_what_was_expected),
	};
	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
