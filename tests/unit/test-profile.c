/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/features/profile.h"
#include "core/features/profiles.h"

static void every_profile_is_found_by_its_own_name(void **state)
{
	(void)state;
	assert_non_null(hk_profiles[0]);
	for (size_t i = 0; hk_profiles[i]; i++) {
		assert_ptr_equal(hk_profile_find(hk_profiles[i]->name), hk_profiles[i]);
	}
	assert_null(hk_profile_find("Spectrogram"));
	assert_null(hk_profile_find(""));
}

static void every_profile_works_with_its_defaults_on_the_windows_it_asks_for(void **state)
{
	(void)state;
	for (size_t i = 0; hk_profiles[i]; i++) {
		const struct hk_profile *profile = hk_profiles[i];
		const uint32_t rate_hz =
			profile->default_rate_hz ? profile->default_rate_hz : 44100;
		struct hk_profile_config config;
		hk_profile_config_init(&config, profile);
		assert_ptr_equal(config.profile, profile);
		struct hk_diag diag = { 0 };
		if (profile->check(config.config, rate_hz, (uint32_t)(profile->window_s * rate_hz),
			    (uint32_t)(profile->step_s * rate_hz), &diag) < 0) {
			fail_msg("%s: %s", profile->name, diag.text);
		}
	}
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void no_two_features_of_a_profile_share_a_name(void **state)
{
	(void)state;
	for (size_t i = 0; hk_profiles[i]; i++) {
		const struct hk_profile *profile = hk_profiles[i];
		struct hk_profile_config config;
		hk_profile_config_init(&config, profile);
		const size_t n = profile->n_features(config.config);
		char(*names)[HK_FEATURE_NAME_SIZE] = calloc(n, sizeof(*names));
		assert_non_null(names);
		for (size_t f = 0; f < n; f++) {
			profile->feature_name(config.config, f, names[f]);
			assert_in_range(strlen(names[f]), 1, HK_FEATURE_NAME_SIZE - 1);
			assert_int_equal(strspn(names[f],
						 "abcdefghijklmnopqrstuvwxyz"
						 "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"),
				strlen(names[f]));
		}
		qsort(names, n, sizeof(*names), compare_names);
		for (size_t f = 1; f < n; f++) {
			assert_string_not_equal(names[f], names[f - 1]);
		}
		free(names);
	}
}

static void every_parameter_has_a_default_and_a_word_of_help(void **state)
{
	(void)state;
	for (size_t i = 0; hk_profiles[i]; i++) {
		for (size_t p = 0; p < hk_profiles[i]->n_params; p++) {
			const struct hk_param *row = &hk_profiles[i]->params[p];
			assert_non_null(row->fallback);
			assert_non_null(row->help);
			assert_true(row->offset + row->size <= HK_PROFILE_CONFIG_SIZE);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_profile_is_found_by_its_own_name),
		cmocka_unit_test(every_profile_works_with_its_defaults_on_the_windows_it_asks_for),
		cmocka_unit_test(no_two_features_of_a_profile_share_a_name),
		cmocka_unit_test(every_parameter_has_a_default_and_a_word_of_help),
	};
	return cmocka_run_group_tests_name("profile", tests, NULL, NULL);
}
