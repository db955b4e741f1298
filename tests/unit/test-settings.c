/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "config/settings.h"

static void every_row_has_a_default_a_help_and_a_place_of_its_own(void **state)
{
	(void)state;
	struct hk_settings settings;
	hk_params_defaults(hk_settings_params, hk_n_settings_params, &settings);
	for (size_t i = 0; i < hk_n_settings_params; i++) {
		const struct hk_param *row = &hk_settings_params[i];
		assert_non_null(row->section);
		assert_non_null(row->fallback);
		assert_true(row->help[0] != '\0' && row->help[strlen(row->help) - 1] != '.');
		assert_ptr_equal(hk_params_find(hk_settings_params, hk_n_settings_params,
					 row->section, row->key),
			row);
		for (size_t j = 0; j < i; j++) {
			const struct hk_param *other = &hk_settings_params[j];
			assert_true(row->offset >= other->offset + other->size ||
				other->offset >= row->offset + row->size);
		}
	}
}

static void the_defaults_go_together(void **state)
{
	(void)state;
	struct hk_settings settings;
	const struct hk_param *at = NULL;
	hk_params_defaults(hk_settings_params, hk_n_settings_params, &settings);
	assert_int_equal(hk_settings_check(&settings, &at, NULL), 0);
	assert_null(at);
}

static void combinations_that_cannot_be_are_refused(void **state)
{
	(void)state;
	struct hk_settings defaults, settings;
	const struct hk_param *at = NULL;
	struct hk_diag diag = { "" };
	hk_params_defaults(hk_settings_params, hk_n_settings_params, &defaults);

	settings = defaults;
	strcpy(settings.audio.device, "USB");
	strcpy(settings.audio.input, "x.wav");
	assert_int_equal(hk_settings_check(&settings, &at, &diag), -EINVAL);
	assert_non_null(strstr(diag.text, "x.wav"));
	assert_ptr_equal(at, hk_settings_find("audio", "input"));

	char *const paths[] = { settings.model.path, settings.history.path, settings.socket.path };
	const char *const sections[] = { "model", "history", "socket" };
	for (size_t i = 0; i < 3; i++) {
		settings = defaults;
		paths[i][0] = '\0';
		assert_int_equal(hk_settings_check(&settings, &at, &diag), -EINVAL);
		assert_ptr_equal(at, hk_settings_find(sections[i], "path"));
	}
}

static void a_change_that_no_reload_makes_is_found(void **state)
{
	(void)state;
	struct hk_settings running, wanted;
	hk_params_defaults(hk_settings_params, hk_n_settings_params, &running);
	assert_null(hk_settings_needs_start(&running, &running));
	size_t n_found = 0;
	for (size_t i = 0; i < hk_n_settings_params; i++) {
		const struct hk_param *row = &hk_settings_params[i];
		wanted = running;
		((char *)&wanted)[row->offset] ^= 1;
		const struct hk_param *found = hk_settings_needs_start(&running, &wanted);
		assert_ptr_equal(found, row->at_start ? row : NULL);
		n_found += found != NULL;
	}
	assert_true(n_found > 0 && n_found < hk_n_settings_params);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_has_a_default_a_help_and_a_place_of_its_own),
		cmocka_unit_test(the_defaults_go_together),
		cmocka_unit_test(combinations_that_cannot_be_are_refused),
		cmocka_unit_test(a_change_that_no_reload_makes_is_found),
	};
	return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
