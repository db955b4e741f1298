/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/settings/daemon_options.h"
#include "daemon/settings/source_settings.h"

#define MAX_WORDS 16

/* Parse LINE, words separated by blanks; what the options point to stays until the next call. */
static int parse(const char *line, struct hk_options *options, struct hk_diag *diag)
{
	static char text[1024];
	char *argv[MAX_WORDS + 1] = { (char[]){ "hearkend" } };
	int argc = 1;
	snprintf(text, sizeof(text), "%s", line);
	for (char *word = strtok(text, " "); word && argc < MAX_WORDS; word = strtok(NULL, " ")) {
		argv[argc++] = word;
	}
	return hk_options_parse(options, argc, argv, diag);
}

static char config[] = "/tmp/test-daemon-options-XXXXXX";

static int settle(const char *line, struct hk_settings *settings, enum hk_options_fault *fault,
	struct hk_diag *diag)
{
	struct hk_options options;
	const int r = parse(line, &options, diag);
	assert_int_equal(r, 0);
	options.config = config;
	struct hk_config *read = NULL;
	const int result = hk_options_settings(&options, settings, &read, fault, diag);
	hk_config_free(read);
	return result;
}

static void write_config(const char *text)
{
	FILE *file = fopen(config, "we");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void the_command_line_goes_over_the_file(void **state)
{
	(void)state;
	struct hk_settings settings;
	enum hk_options_fault fault;
	write_config("[audio]\nrate = 8000\nchannels = 2\nformat = f32le\n");
	assert_int_equal(settle("--rate 16000 --format=s16le", &settings, &fault, NULL), 0);
	assert_int_equal(settings.audio.rate_hz, 16000);
	assert_int_equal(settings.audio.channels, 2);
	assert_int_equal(settings.audio.format, HK_SAMPLE_S16LE);
	assert_int_equal(settle("--realtime --realtime", &settings, &fault, NULL), 0);
	assert_true(settings.audio.realtime);
}

static void the_source_of_the_command_line_replaces_that_of_the_file(void **state)
{
	(void)state;
	struct hk_settings settings;
	enum hk_options_fault fault;
	struct hk_diag diag = { "" };
	write_config("[audio]\ndevice = USB\n");
	assert_int_equal(settle("--input x.wav", &settings, &fault, NULL), 0);
	assert_string_equal(settings.audio.input, "x.wav");
	assert_string_equal(settings.audio.device, "");
	write_config("[audio]\ninput = x.wav\n");
	assert_int_equal(settle("--device USB", &settings, &fault, NULL), 0);
	assert_string_equal(settings.audio.input, "");
	assert_int_equal(settle("--device USB --input y.wav", &settings, &fault, &diag), -EINVAL);
	assert_int_equal(fault, HK_OPTIONS_FAULT_ARGV);
}

static void a_value_of_the_command_line_is_known_to_come_from_there(void **state)
{
	(void)state;
	struct hk_options options;
	assert_int_equal(parse("--input x.wav --fast", &options, NULL), 0);
	const struct {
		const char *key, *option;
	} cases[] = { { "input", "input" }, { "device", "input" }, { "realtime", "fast" },
		{ "rate", NULL } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *option = hk_options_origin(&options,
			hk_params_find(
				hk_settings_params, hk_n_settings_params, "audio", cases[i].key));
		if (cases[i].option) {
			assert_string_equal(option, cases[i].option);
		} else {
			assert_null(option);
		}
	}
}

static void a_fault_is_that_of_the_file_or_of_the_command_line(void **state)
{
	(void)state;
	struct hk_settings settings;
	enum hk_options_fault fault;
	struct hk_diag diag = { "" };
	write_config("[audio]\nrate = 10\n");
	assert_true(settle("--channel 1", &settings, &fault, &diag) < 0);
	assert_int_equal(fault, HK_OPTIONS_FAULT_FILE);
	assert_int_equal(strncmp(diag.text, config, strlen(config)), 0);
	write_config("");
	assert_true(settle("--channel x", &settings, &fault, &diag) < 0);
	assert_int_equal(fault, HK_OPTIONS_FAULT_ARGV);
	assert_int_equal(strncmp(diag.text, "--channel: expected", 19), 0);
}

/* A text that is no value of any setting: no number, no word, and too long for a path. */
static void a_wrong_value_is_refused_by_the_name_of_its_option(void **state)
{
	(void)state;
	static char value[8192];
	memset(value, 'x', sizeof(value) - 1);
	write_config("");
	char *help = NULL;
	size_t size = 0, n_options = 0;
	FILE *file = open_memstream(&help, &size);
	hk_options_help(file);
	fclose(file);
	for (char *line = strtok(help, "\n"); line; line = strtok(NULL, "\n")) {
		char name[32], argument[32], expected[64];
		if (sscanf(line, "  --%31[a-z-]%*1[ ]%31[A-Z]", name, argument) < 2 ||
			strcmp(name, "config") == 0 || strcmp(name, "instance") == 0) {
			continue; /* these are no settings */
		}
		char option[40];
		snprintf(option, sizeof(option), "--%s", name);
		char *argv[] = { (char[]){ "hearkend" }, option, value, NULL };
		struct hk_options options;
		struct hk_settings settings;
		struct hk_config *read = NULL;
		enum hk_options_fault fault;
		struct hk_diag diag = { "" };
		assert_int_equal(hk_options_parse(&options, 3, argv, &diag), 0);
		options.config = config;
		assert_true(hk_options_settings(&options, &settings, &read, &fault, &diag) < 0);
		assert_int_equal(fault, HK_OPTIONS_FAULT_ARGV);
		snprintf(expected, sizeof(expected), "--%s: expected ", name);
		if (strncmp(diag.text, expected, strlen(expected)) != 0) {
			fail_msg("%s: \"%s\"", option, diag.text);
		}
		n_options++;
	}
	assert_true(n_options >= 10);
	free(help);
}

static void what_is_no_option_is_refused_by_name(void **state)
{
	(void)state;
	const struct {
		const char *line, *word;
	} cases[] = {
		{ "--frobnicate", "\"--frobnicate\"" },
		{ "--rate 16000 -x", "\"-x\"" },
		{ "--rate", "--rate" },
		{ "file.wav", "\"file.wav\"" },
		{ "--help=yes", "\"--help=yes\"" },
		{ "--instance a/b", "\"a/b\"" },
		{ "--instance ..", "\"..\"" },
		{ "--instance=", "\"\"" },
		{ "--realtime --rate 8000 --fast", "--fast and --realtime are mutually exclusive" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hk_options options;
		struct hk_diag diag = { "" };
		assert_int_equal(parse(cases[i].line, &options, &diag), -EINVAL);
		if (!strstr(diag.text, cases[i].word)) {
			fail_msg("for \"%s\": \"%s\"", cases[i].line, diag.text);
		}
	}
}

static void flags_and_names_are_taken(void **state)
{
	(void)state;
	struct hk_options options;
	assert_int_equal(parse("--events-json --instance kitchen --config /x --check-config",
				 &options, NULL),
		0);
	assert_true(options.events_json && options.check_config);
	assert_false(options.help || options.version);
	assert_string_equal(options.instance, "kitchen");
	assert_string_equal(options.config, "/x");
	assert_int_equal(parse("", &options, NULL), 0);
	assert_string_equal(options.instance, "default");
}

static void help_names_every_option_and_exit_code(void **state)
{
	(void)state;
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);
	hk_options_help(file);
	fclose(file);
	const char *const words[] = { "--config FILE", "--check-config", "--all", "--show-config",
		"--input PATH", "--realtime", "--fast", "--rate HZ", "--model DIR", "--events-json",
		"SIGHUP", " 64  ", " 66  ", " 78  " };
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		assert_non_null(strstr(text, words[i]));
	}
	free(text);
}

static void an_input_is_what_it_is(void **state)
{
	(void)state;
	struct hk_settings settings;
	struct hk_capture_options options, other;
	struct hk_diag diag = { "" };
	const struct hk_options nothing_given = { .instance = "test" };
	const struct hk_config no_file = { 0 };
	const struct hk_setting_origins origins = { &nothing_given, &no_file };
	hk_params_defaults(hk_settings_params, hk_n_settings_params, &settings);
	assert_int_equal(hk_source_options(&settings, &origins, 44100, &options, NULL), 0);
	assert_int_equal(options.kind, HK_SOURCE_PORTAUDIO);
	assert_int_equal(options.rate_hz, 44100);

	strcpy(settings.audio.input, "missing.wav");
	assert_int_equal(hk_source_options(&settings, &origins, 44100, &options, NULL), 0);
	assert_int_equal(options.kind, HK_SOURCE_FILE);
	assert_string_equal(options.device, "missing.wav");
	assert_true(hk_source_same(&options, &options));
	other = options;
	other.channel = 1;
	assert_false(hk_source_same(&options, &other));

	strcpy(settings.audio.input, "-");
	assert_int_equal(hk_source_options(&settings, &origins, 44100, &options, &diag), -EINVAL);
	assert_non_null(strstr(diag.text, "[audio] input: expected the rate"));
	settings.audio.rate_hz = 8000;
	assert_int_equal(hk_source_options(&settings, &origins, 44100, &options, NULL), 0);
	assert_int_equal(options.kind, HK_SOURCE_PIPE);
	assert_int_equal(options.rate_hz, 8000);

	settings.audio.channel = 2;
	assert_int_equal(hk_source_options(&settings, &origins, 44100, &options, &diag), -EINVAL);
	assert_string_equal(
		diag.text, "[audio] channel: expected at most 1, the number of channels, got 2");
	settings.audio.input[0] = '\0'; /* how many a device has is not known yet */
	assert_int_equal(hk_source_options(&settings, &origins, 44100, &options, NULL), 0);
}

static int make_config(void **state)
{
	(void)state;
	const int fd = mkstemp(config);
	return fd < 0 ? -1 : close(fd);
}

static int remove_config(void **state)
{
	(void)state;
	return unlink(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_command_line_goes_over_the_file),
		cmocka_unit_test(the_source_of_the_command_line_replaces_that_of_the_file),
		cmocka_unit_test(a_value_of_the_command_line_is_known_to_come_from_there),
		cmocka_unit_test(a_fault_is_that_of_the_file_or_of_the_command_line),
		cmocka_unit_test(a_wrong_value_is_refused_by_the_name_of_its_option),
		cmocka_unit_test(what_is_no_option_is_refused_by_name),
		cmocka_unit_test(flags_and_names_are_taken),
		cmocka_unit_test(help_names_every_option_and_exit_code),
		cmocka_unit_test(an_input_is_what_it_is),
	};
	return cmocka_run_group_tests_name("daemon_options", tests, make_config, remove_config);
}
