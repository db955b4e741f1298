/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "clients/cli/commands.h"
#include "clients/cli/help.h"
#include "clients/cli/options.h"

#define PAGE_WIDTH 80

static void assert_lines_fit(const char *text)
{
	while (*text) {
		const size_t length = strcspn(text, "\n");
		if (length > PAGE_WIDTH) {
			fail_msg("a line of %zu characters: %.*s", length, (int)length, text);
		}
		text += length + (text[length] == '\n');
	}
}

static void every_command_says_what_it_is(void **state)
{
	(void)state;
	for (size_t i = 0; hk_commands[i]; i++) {
		const struct hk_command *command = hk_commands[i];
		assert_non_null(command->run);
		assert_true(strlen(command->summary) > 0);
		assert_int_not_equal(command->summary[strlen(command->summary) - 1], '.');
		assert_int_equal(command->help[strlen(command->help) - 1], '\n');
		assert_true(command->min_arguments <= command->max_arguments);
		assert_int_equal(command->max_arguments > 0, strlen(command->arguments) > 0);
	}
}

static void no_two_commands_or_options_share_a_name(void **state)
{
	(void)state;
	for (size_t i = 0; hk_commands[i]; i++) {
		const struct hk_command *command = hk_commands[i];
		for (size_t j = 0; j < i; j++) {
			assert_string_not_equal(command->name, hk_commands[j]->name);
		}
		for (size_t j = 0; j < command->n_options; j++) {
			const struct hk_option *option = &command->options[j];
			assert_string_not_equal(option->value.key, "help");
			assert_int_not_equal(option->letter, 'h');
			for (size_t k = 0; k < j; k++) {
				const struct hk_option *other = &command->options[k];
				assert_string_not_equal(option->value.key, other->value.key);
				assert_true(!option->letter || option->letter != other->letter);
			}
		}
	}
}

static void every_option_lies_in_its_struct_and_its_default_is_valid(void **state)
{
	(void)state;
	for (size_t i = 0; hk_commands[i]; i++) {
		const struct hk_command *command = hk_commands[i];
		assert_true(command->n_options <= HK_MAX_OPTIONS);
		assert_int_equal(command->n_options > 0, command->options_size > 0);
		for (size_t j = 0; j < command->n_options; j++) {
			const struct hk_option *option = &command->options[j];
			const struct hk_param *value = &option->value;
			assert_true(value->offset + value->size <= command->options_size);
			assert_true(value->type == HK_PARAM_BOOL || option->argument != NULL);
			assert_int_equal(value->type == HK_PARAM_ENUM, value->words != NULL);
			if (value->fallback) {
				char *memory = test_calloc(1, command->options_size);
				assert_int_equal(
					hk_param_parse(value, memory, value->fallback, NULL), 0);
				test_free(memory);
			}
		}
	}
}

static void a_command_is_found_by_all_of_its_words_only(void **state)
{
	(void)state;
	for (size_t i = 0; hk_commands[i]; i++) {
		char name[64];
		char *words[4];
		size_t n_words = 0, n_used = 0;
		strncpy(name, hk_commands[i]->name, sizeof(name) - 1);
		name[sizeof(name) - 1] = '\0';
		for (char *word = strtok(name, " "); word; word = strtok(NULL, " ")) {
			words[n_words++] = word;
		}
		static char more[] = "more";
		words[n_words] = more;
		assert_ptr_equal(hk_command_find(words, n_words + 1, &n_used), hk_commands[i]);
		assert_int_equal(n_used, n_words);
		assert_null(hk_command_find(words, n_words - 1, &n_used));
		words[n_words - 1][strlen(words[n_words - 1]) - 1] = '\0';
		assert_null(hk_command_find(words, n_words, &n_used));
	}
}

static void every_exit_code_has_one_row(void **state)
{
	(void)state;
	const enum hk_exit codes[] = {
		HK_EXIT_OK,
		HK_EXIT_FAILURE,
		HK_EXIT_USAGE,
		HK_EXIT_DATA,
		HK_EXIT_NO_INPUT,
		HK_EXIT_UNAVAILABLE,
		HK_EXIT_INTERNAL,
		HK_EXIT_IO,
		HK_EXIT_PROTOCOL,
		HK_EXIT_PERMISSION,
		HK_EXIT_CONFIG,
	};
	assert_int_equal(hk_n_client_exits, sizeof(codes) / sizeof(codes[0]));
	for (size_t i = 0; i < hk_n_client_exits; i++) {
		assert_int_equal(hk_client_exits[i].code, codes[i]);
		assert_true(strlen(hk_client_exits[i].help) > 0);
	}
}

static char *help_text(const struct hk_command *command)
{
	char *text = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&text, &size);
	struct hk_output out;
	hk_output_init(&out, memory);
	if (command) {
		hk_help_command(&out, command);
	} else {
		hk_help_all(&out);
	}
	assert_int_equal(hk_output_finish(&out), HK_EXIT_OK);
	fclose(memory);
	return text;
}

static void help_names_every_command_option_and_exit_code_within_the_page(void **state)
{
	(void)state;
	char *all = help_text(NULL);
	assert_lines_fit(all);
	for (size_t i = 0; i < hk_n_client_exits; i++) {
		assert_non_null(strstr(all, hk_client_exits[i].help));
	}
	for (size_t i = 0; hk_commands[i]; i++) {
		const struct hk_command *command = hk_commands[i];
		assert_non_null(strstr(all, command->name));
		assert_non_null(strstr(all, command->summary));
		char *text = help_text(command);
		assert_lines_fit(text);
		for (size_t j = 0; j < command->n_options; j++) {
			char name[64];
			snprintf(name, sizeof(name), "--%s", command->options[j].value.key);
			assert_non_null(strstr(text, name));
		}
		free(text);
	}
	free(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_command_says_what_it_is),
		cmocka_unit_test(no_two_commands_or_options_share_a_name),
		cmocka_unit_test(every_option_lies_in_its_struct_and_its_default_is_valid),
		cmocka_unit_test(a_command_is_found_by_all_of_its_words_only),
		cmocka_unit_test(every_exit_code_has_one_row),
		cmocka_unit_test(help_names_every_command_option_and_exit_code_within_the_page),
	};
	return cmocka_run_group_tests_name("commands", tests, NULL, NULL);
}
