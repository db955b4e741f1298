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
	struct hk_ini *ini = NULL;
	struct hk_diag diag = { "" };
	int r = hk_config_load(settings, &ini, path, &diag);
	assert_true((r == 0) == (ini != NULL));
	if (r == 0) {
		r = hk_config_class_rules(ini, model, ret_rules, &diag);
	}
	hk_ini_free(ini);
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
		{ "[adio]\nrate = 1\n", "FILE:2: ", "[adio]" },
		{ "rate = 1\n", "FILE:1: ", "section" },
		{ "[audio]\nrate = 0\nrate = 1\n", "FILE:3: ", "line 2" },
		{ "[daemon]\nready_timeout = 5 weeks\n", "FILE:2: ready_timeout: expected",
			"weeks" },
		{ "[class music]\nonn = 1\n", "FILE:2: ", "\"onn\"" },
		{ "[class music]\non = 1.5\n", "FILE:2: on: expected", "1.5" },
		{ "[class music]\nconfirm = 4 of 3\n", "FILE:2: confirm: expected", "4 of 3" },
		{ "[class]\non = 1\n", "FILE:2: ", "[class]" },
		{ "[class barking]\n\non = 0.7\n", "FILE:3: ",
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
	hk_params_defaults(hk_settings_params, hk_n_settings_params, &defaults);
	settings = defaults;
	struct hk_ini *ini = NULL;
	assert_int_equal(hk_config_load(&settings, &ini, HK_SHIPPED_CONF, NULL), 0);
	assert_int_equal(ini->n_entries, 0);
	assert_memory_equal(&settings, &defaults, sizeof(settings));
	hk_ini_free(ini);
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
	char *help = NULL;
	assert_true(asprintf(&help, "\n# %s.\n%s =", row->help, row->key) > 0);
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
		cmocka_unit_test(the_shipped_file_changes_nothing),
		cmocka_unit_test(the_shipped_file_shows_every_key_with_its_default_and_help),
		cmocka_unit_test(the_default_rules_of_a_class_can_be),
	};
	return cmocka_run_group_tests_name("load", tests, NULL, NULL);
}
