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

#include "config/load.h"

static char labels[][HK_LABEL_SIZE] = { "fire_alarm", "music", "silence" };

/* A model whose suggestions are the defaults, but for music's. */
static struct hk_model *make_model(struct hk_class_rules rules[3])
{
	static struct hk_model model;
	model = (struct hk_model){
		.name = "test", .n_labels = 3, .labels = labels, .rules = rules
	};
	for (size_t i = 0; i < 3; i++) {
		hk_params_defaults(hk_class_params, hk_n_class_params, &rules[i]);
	}
	rules[1].on = 0.8;
	return &model;
}

/* Load TEXT as a file; the path in messages is replaced by "FILE". */
static int load(const char *text, struct hk_settings *settings, struct hk_class_rules *ret_rules,
	char ret_message[HK_DIAG_SIZE])
{
	char path[] = "/tmp/test-load-XXXXXX";
	const int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	hk_params_defaults(hk_settings_params, hk_n_settings_params, settings);
	struct hk_class_rules rules[3];
	const struct hk_model *model = make_model(rules);
	struct hk_config *config = NULL;
	struct hk_diag diag = { "" };
	const struct hk_layers layers = { 1, 0, (char *[]){ path } };
	int r = hk_config_load(settings, &config, &layers, &diag);
	assert_true((r == 0) == (config != NULL));
	if (r == 0) {
		r = hk_config_class_rules(config, model, ret_rules, &diag);
	}
	hk_config_free(config);
	unlink(path);
	if (r < 0) {
		assert_int_equal(strncmp(diag.text, path, strlen(path)), 0);
		snprintf(ret_message, HK_DIAG_SIZE, "FILE%s", diag.text + strlen(path));
	}
	return r;
}

static void what_the_file_says_goes_over_the_defaults_and_the_suggestions(void **state)
{
	(void)state;
	struct hk_settings settings;
	struct hk_class_rules rules[3];
	char message[HK_DIAG_SIZE] = "";
	assert_int_equal(load("[audio]\nrate = 48000\n[class music]\noff = 0.5\nconfirm = 3 of 5\n"
			      "[class silence]\nevent = no\n[log]\nlevel = debug\n",
				 &settings, rules, message),
		0);
	assert_int_equal(settings.audio.rate_hz, 48000);
	assert_int_equal(settings.audio.channels, 1);
	assert_string_equal(hk_log_level_words[settings.log.level], "debug");
	assert_true(rules[1].on == 0.8); /* the model's */
	assert_true(rules[1].off == 0.5);
	assert_int_equal(rules[1].confirm.k, 3);
	assert_int_equal(rules[1].confirm.n, 5);
	assert_false(rules[2].event);
	assert_true(rules[0].event);
}

static void faults_name_file_line_key_and_what_was_expected(void **state)
{
	(void)state;
	const struct {
		const char *text;
		const char *begins;
		const char *contains;
	} cases[] = {
		{ "[audio]\nrat = 1\n", "FILE:2: ", "\"rat\"" },
		{ "[audio]\nrate = fast\n", "FILE:2: rate: expected", "fast" },
		{ "[audio]\n\nrate = -1\n", "FILE:3: rate: expected", "768000" },
		{ "[audio]\nrate = 900000\n", "FILE:2: rate: expected", "768000" },
		{ "[audio]\nformat = mp3\n", "FILE:2: format: expected", "s16le" },
		{ "[audio]\nrealtime = maybe\n", "FILE:2: realtime: expected", "yes" },
		{ "[audio]\nrate = 500\n",
			"FILE:2: rate: expected 0 or a whole number from 1000 to", "500" },
		{ "[Audio]\nrate = 1\n", "FILE:1: no section [Audio]: expected one of ",
			"[audio], [model], [history], [socket], [log], [daemon], [class NAME]" },
		{ "[audio]\ndevice = a\ninput = b\n",
			"FILE:3: input: expected one of device and input", "\"a\" and \"b\"" },
		{ "[model]\n\npath =\n", "FILE:3: path: expected a model bundle", "\"\"" },
		{ "[history]\npath =\n", "FILE:2: path: expected a file, auto or none", "" },
		{ "rate = 1\n", "FILE:1: ", "SECTION" },
		{ "[audio]\nrate = 0\nrate = 1\n", "FILE:3: ", "line 2" },
		{ "[daemon]\nready_timeout = 5 weeks\n", "FILE:2: ready_timeout: expected",
			"weeks" },
		{ "[class music]\nonn = 1\n", "FILE:2: ", "\"onn\"" },
		{ "[class music]\non = 1.5\n", "FILE:2: on: expected", "1.5" },
		{ "[class music]\nconfirm = 4 of 3\n", "FILE:2: confirm: expected", "4 of 3" },
		{ "[class]\non = 1\n", "FILE:1: no section [class]: expected", "[class NAME]" },
		{ "[audio]\n[Audio]\n", "FILE:2: no section [Audio]: expected", "[audio]" },
		{ "[class barking]\n", "FILE:1: model test has no class", "\"barking\"" },
		{ "[class barking]\n\non = 0.7\n", "FILE:1: ",
			"no class \"barking\": expected one of fire_alarm, music, silence" },
		/* against the model's on */
		{ "[class music]\noff = 0.9\n", "FILE:2: [class music] off: expected", "0.9" },
		{ "[class music]\nmin_duration = 1 min\n[log]\nlevel = err\n[class music]\nmax_duration = 30\n",
			"FILE:6: [class music] max_duration: expected", "60" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hk_settings settings;
		struct hk_class_rules rules[3];
		char message[HK_DIAG_SIZE] = "";
		assert_true(load(cases[i].text, &settings, rules, message) < 0);
		if (strncmp(message, cases[i].begins, strlen(cases[i].begins)) != 0 ||
			!strstr(message, cases[i].contains)) {
			fail_msg("for \"%s\": expected \"%s...%s\", got \"%s\"", cases[i].text,
				cases[i].begins, cases[i].contains, message);
		}
	}
}

/* Two files, the second over the first: "FIRST" and "SECOND" in messages. */
static int load_both(const char *first, const char *second, struct hk_settings *settings,
	struct hk_class_rules ret_rules[3], struct hk_config **ret, char ret_message[HK_DIAG_SIZE])
{
	char folder[] = "/tmp/test-load-XXXXXX";
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder), 0);
	char *paths[] = { (char[]){ "FIRST" }, (char[]){ "SECOND" } };
	const char *const texts[] = { first, second };
	for (size_t i = 0; i < 2; i++) {
		FILE *file = fopen(paths[i], "we");
		assert_non_null(file);
		assert_true(fputs(texts[i], file) >= 0);
		assert_int_equal(fclose(file), 0);
	}
	hk_params_defaults(hk_settings_params, hk_n_settings_params, settings);
	struct hk_class_rules rules[3];
	const struct hk_model *model = make_model(rules);
	const struct hk_layers layers = { 2, 0, paths };
	struct hk_diag diag = { "" };
	int r = hk_config_load(settings, ret, &layers, &diag);
	if (r == 0) {
		r = hk_config_class_rules(*ret, model, ret_rules, &diag);
	}
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(unlink(paths[i]), 0);
	}
	assert_int_equal(chdir("/"), 0);
	assert_int_equal(rmdir(folder), 0);
	memcpy(ret_message, diag.text, HK_DIAG_SIZE);
	return r;
}

static void a_later_file_goes_over_an_earlier_one_key_by_key(void **state)
{
	(void)state;
	struct hk_settings settings;
	struct hk_class_rules rules[3];
	struct hk_config *config = NULL;
	char message[HK_DIAG_SIZE];
	assert_int_equal(load_both("[audio]\nrate = 8000\nchannels = 2\n"
				   "[class music]\non = 0.9\noff = 0.7\n",
				 "[class music]\noff = 0.6\n\n[audio]\nrate = 16000\n", &settings,
				 rules, &config, message),
		0);
	assert_int_equal(settings.audio.rate_hz, 16000);
	assert_int_equal(settings.audio.channels, 2);
	assert_true(rules[1].on == 0.9);
	assert_true(rules[1].off == 0.6);

	const struct hk_ini *file = NULL;
	const struct hk_ini_entry *entry =
		hk_config_setting_origin(config, hk_settings_find("audio", "rate"), &file);
	assert_string_equal(file->path, "SECOND");
	assert_int_equal(entry->line, 5);
	entry = hk_config_setting_origin(config, hk_settings_find("audio", "channels"), &file);
	assert_string_equal(file->path, "FIRST");
	assert_int_equal(entry->line, 3);
	assert_null(hk_config_setting_origin(config, hk_settings_find("audio", "channel"), &file));
	entry = hk_config_rule_origin(config, "music", "off", &file);
	assert_string_equal(file->path, "SECOND");
	assert_int_equal(entry->line, 2);
	entry = hk_config_rule_origin(config, "music", "on", &file);
	assert_string_equal(file->path, "FIRST");
	assert_int_equal(entry->line, 5);
	assert_null(hk_config_rule_origin(config, "silence", "on", &file));
	hk_config_free(config);
}

static void the_source_of_a_later_file_replaces_that_of_an_earlier_one(void **state)
{
	(void)state;
	struct hk_settings settings;
	struct hk_class_rules rules[3];
	struct hk_config *config = NULL;
	char message[HK_DIAG_SIZE];
	assert_int_equal(load_both("[audio]\ndevice = USB\n", "[audio]\ninput = /run/camera\n",
				 &settings, rules, &config, message),
		0);
	assert_string_equal(settings.audio.device, "");
	assert_string_equal(settings.audio.input, "/run/camera");
	const struct hk_ini *file = NULL;
	assert_non_null(
		hk_config_setting_origin(config, hk_settings_find("audio", "device"), &file));
	assert_string_equal(file->path, "SECOND");
	hk_config_free(config);
	config = NULL;
	assert_int_equal(load_both("[audio]\ndevice = USB\n", "[audio]\nrate = 8000\n", &settings,
				 rules, &config, message),
		0);
	assert_string_equal(settings.audio.device, "USB");
	hk_config_free(config);
}

static void a_fault_is_told_with_the_file_it_is_in(void **state)
{
	(void)state;
	const struct {
		const char *first, *second, *begins;
	} cases[] = {
		{ "[audio]\nrate = fast\n", "[audio]\nrate = 8000\n", "FIRST:2: rate: expected" },
		{ "[audio]\nrate = 8000\n", "[audio]\n\nrat = 1\n", "SECOND:3: no key \"rat\"" },
		{ "[audio]\nrate = 8000\n", "[audio]\nrate = 10\n", "SECOND:2: rate: expected" },
		{ "[class music]\non = 0.5\n", "[class music]\noff = 0.6\n",
			"SECOND:2: [class music] off: expected" },
		{ "[class barking]\non = 0.5\n", "", "FIRST:1: model test has no class" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hk_settings settings;
		struct hk_class_rules rules[3];
		struct hk_config *config = NULL;
		char message[HK_DIAG_SIZE];
		assert_true(load_both(cases[i].first, cases[i].second, &settings, rules, &config,
				    message) < 0);
		hk_config_free(config);
		if (strncmp(message, cases[i].begins, strlen(cases[i].begins)) != 0) {
			fail_msg("for \"%s\" and \"%s\": expected \"%s...\", got \"%s\"",
				cases[i].first, cases[i].second, cases[i].begins, message);
		}
	}
}

static char *shipped_file(void)
{
	FILE *file = fopen(HK_SHIPPED_CONF, "re");
	assert_non_null(file);
	char *text = calloc(1, 65536);
	assert_non_null(text);
	assert_true(fread(text, 1, 65535, file) > 0);
	fclose(file);
	return text;
}

/* Take the # from "#key =" and "#[section]", but not from "# prose". */
static void uncomment(char *text)
{
	char *to = text;
	for (char *from = text; *from;) {
		const bool line_start = from == text || from[-1] == '\n';
		if (line_start && from[0] == '#' && from[1] != ' ' && from[1] != '\n') {
			from++;
		}
		*to++ = *from++;
	}
	*to = '\0';
}

static void the_shipped_file_changes_nothing(void **state)
{
	(void)state;
	struct hk_settings defaults, settings;
	memset(&defaults, 0, sizeof(defaults)); /* padding too */
	hk_params_defaults(hk_settings_params, hk_n_settings_params, &defaults);
	memcpy(&settings, &defaults, sizeof(settings));
	struct hk_config *config = NULL;
	const struct hk_layers layers = { 1, 0, (char *[]){ (char[]){ HK_SHIPPED_CONF } } };
	assert_int_equal(hk_config_load(&settings, &config, &layers, NULL), 0);
	assert_int_equal(config->n_layers, 1);
	assert_int_equal(config->layers[0]->n_entries, 0);
	assert_memory_equal(&settings, &defaults, sizeof(settings));
	hk_config_free(config);
}

static void check_shipped_row(
	const struct hk_ini *ini, const char *text, const char *section, const struct hk_param *row)
{
	const struct hk_ini_entry *entry = hk_ini_find(ini, section, row->key);
	if (!entry) {
		fail_msg("hearken.conf lacks %s in [%s]", row->key, section);
		return;
	}
	assert_string_equal(entry->value, row->fallback);
	static const char at_start[] =
		"# Read at the start only: a reload that would change it is refused.\n";
	char *help = NULL;
	assert_true(asprintf(&help, "\n# %s.\n%s%s =", row->help, row->at_start ? at_start : "",
			    row->key) > 0);
	if (!strstr(text, help)) {
		fail_msg("hearken.conf lacks \"%s\"", help);
	}
	free(help);
}

static void the_shipped_file_shows_every_key_with_its_default_and_help(void **state)
{
	(void)state;
	char *text = shipped_file();
	uncomment(text);
	struct hk_ini *ini = NULL;
	assert_int_equal(hk_ini_parse(&ini, "hearken.conf", text, strlen(text), NULL), 0);
	assert_int_equal(ini->n_entries, hk_n_settings_params + hk_n_class_params);
	for (size_t i = 0; i < hk_n_settings_params; i++) {
		check_shipped_row(ini, text, hk_settings_params[i].section, &hk_settings_params[i]);
	}
	for (size_t i = 0; i < hk_n_class_params; i++) {
		check_shipped_row(ini, text, "class NAME", &hk_class_params[i]);
	}
	hk_ini_free(ini);
	free(text);
}

static void the_default_rules_of_a_class_can_be(void **state)
{
	(void)state;
	struct hk_class_rules rules;
	hk_params_defaults(hk_class_params, hk_n_class_params, &rules);
	assert_int_equal(hk_class_rules_check(&rules, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_file_says_goes_over_the_defaults_and_the_suggestions),
		cmocka_unit_test(faults_name_file_line_key_and_what_was_expected),
		cmocka_unit_test(a_later_file_goes_over_an_earlier_one_key_by_key),
		cmocka_unit_test(the_source_of_a_later_file_replaces_that_of_an_earlier_one),
		cmocka_unit_test(a_fault_is_told_with_the_file_it_is_in),
		cmocka_unit_test(the_shipped_file_changes_nothing),
		cmocka_unit_test(the_shipped_file_shows_every_key_with_its_default_and_help),
		cmocka_unit_test(the_default_rules_of_a_class_can_be),
	};
	return cmocka_run_group_tests_name("load", tests, NULL, NULL);
}
