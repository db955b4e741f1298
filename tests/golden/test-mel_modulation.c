/* SPDX-License-Identifier: MIT */
/*
 * The mel-modulation profile against mel-modulation/reference.py and extensions.py (numpy,
 * float64). Each signal prints its worst and median error.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/features/mel/mel_modulation.h"
#include "tests/golden/goldens.h"

#define FOLDER "mel-modulation"

enum { RATE_HZ = 16000, N_WINDOW = 2 * RATE_HZ, N_STEP = RATE_HZ, N_CONTEXT = 432 };

/* Logarithms of very small values take the float32 FFT's rounding up to here; what is typical must
 * stay far below. */
static const double worst_limit = 2e-3, median_limit = 1e-4;

static int compare_doubles(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* What one golden file holds of the features of each window. */
struct part {
	const char *suffix;
	size_t first, n_values;
};

/* One signal of index.json. */
struct signal {
	const char *name;
	size_t n_samples, n_windows;
};

/* Features of every window, n_windows rows. */
static float *features_of(const struct signal *signal, const struct hk_profile_config *config)
{
	char file[64];
	snprintf(file, sizeof(file), "%s.f32", signal->name);
	float *samples = golden_f32(FOLDER, file, signal->n_samples);
	float *padded = calloc(signal->n_samples + 2 * N_CONTEXT, sizeof(*padded));
	const size_t n_features = config->profile->n_features(config->config);
	float *features = calloc(signal->n_windows * n_features, sizeof(*features));
	assert_true(padded && features);
	memcpy(padded + N_CONTEXT, samples, signal->n_samples * sizeof(*samples));

	struct hk_extractor *extractor;
	assert_int_equal(config->profile->extractor_new(
				 &extractor, config->config, RATE_HZ, N_WINDOW, N_STEP),
		0);
	for (size_t w = 0; w < signal->n_windows; w++) {
		const struct hk_window_view view = {
			.samples = padded + N_CONTEXT + w * N_STEP,
			.n_frames = N_WINDOW,
			.first_frame = w * N_STEP,
			.index = w,
		};
		config->profile->compute(extractor, &view, features + w * n_features);
	}
	config->profile->extractor_free(extractor);
	free(samples);
	free(padded);
	return features;
}

/* Print the worst and the median absolute error of PART. Returns whether both are within limits. */
static bool compare(const struct signal *signal, const struct part *part, const float *features,
	size_t n_features)
{
	char file[64];
	snprintf(file, sizeof(file), "%s%s", signal->name, part->suffix);
	const size_t n = signal->n_windows * part->n_values;
	double *expected = golden_f64(FOLDER, file, n);
	double *errors = calloc(n, sizeof(*errors));
	assert_non_null(errors);
	for (size_t i = 0; i < n; i++) {
		const float *row = features + i / part->n_values * n_features + part->first;
		const double error = fabs((double)row[i % part->n_values] - expected[i]);
		errors[i] = isnan(error) ? HUGE_VAL : error;
	}
	qsort(errors, n, sizeof(*errors), compare_doubles);
	const double worst = errors[n - 1], median = errors[n / 2];
	printf("%-14s worst %.2e  median %.2e\n", signal->name, worst, median);
	free(expected);
	free(errors);
	return worst <= worst_limit && median <= median_limit;
}

static void compare_all(const struct part *part)
{
	struct hk_profile_config config;
	hk_profile_config_init(&config, &hk_mel_modulation);
	const struct hk_param *row = hk_params_find(
		hk_mel_modulation.params, hk_mel_modulation.n_params, NULL, "extensions");
	assert_int_equal(hk_param_parse(row, config.config, "level bands crest0 tonal", NULL), 0);
	const size_t n_features = hk_mel_modulation.n_features(config.config);
	assert_true(part->first + part->n_values <= n_features);

	json_t *index = golden_json(FOLDER "/index.json");
	assert_true(json_array_size(index) > 0);
	bool within = true;
	size_t i;
	json_t *item;
	json_array_foreach(index, i, item)
	{
		const struct signal signal = {
			.name = json_string_value(json_object_get(item, "name")),
			.n_samples = (size_t)json_integer_value(json_object_get(item, "samples")),
			.n_windows = (size_t)json_integer_value(json_object_get(item, "windows")),
		};
		float *features = features_of(&signal, &config);
		within &= compare(&signal, part, features, n_features);
		free(features);
	}
	json_decref(index);
	assert_true(within);
}

static void the_profile_s_own_values_are_those_of_reference_py(void **state)
{
	(void)state;
	compare_all(&(struct part){ .suffix = ".feat.f64", .first = 0, .n_values = 556 });
}

static void the_extensions_are_those_of_extensions_py(void **state)
{
	(void)state;
	compare_all(&(struct part){ .suffix = ".ext.f64", .first = 556, .n_values = 61 });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_profile_s_own_values_are_those_of_reference_py),
		cmocka_unit_test(the_extensions_are_those_of_extensions_py),
	};
	return cmocka_run_group_tests_name("mel_modulation goldens", tests, NULL, NULL);
}
