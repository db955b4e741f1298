/* SPDX-License-Identifier: MIT */
/*
 * The mel-modulation profile against mel-modulation/reference.py (numpy, float64). Each signal
 * prints its worst and median error.
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

#include "core/mel_modulation.h"
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

/* Absolute errors of all values of all windows of one signal, sorted. */
static double *errors_of(const char *name, const struct hk_profile_config *config, size_t n_samples,
	size_t n_windows, size_t n_values)
{
	char file[64];
	snprintf(file, sizeof(file), "%s.f32", name);
	float *samples = golden_f32(FOLDER, file, n_samples);
	snprintf(file, sizeof(file), "%s.feat.f64", name);
	double *expected = golden_f64(FOLDER, file, n_windows * n_values);
	float *padded = calloc(n_samples + 2 * N_CONTEXT, sizeof(*padded));
	float *features = calloc(n_values, sizeof(*features));
	double *errors = calloc(n_windows * n_values, sizeof(*errors));
	assert_true(padded && features && errors);
	memcpy(padded + N_CONTEXT, samples, n_samples * sizeof(*samples));

	struct hk_extractor *extractor;
	assert_int_equal(config->profile->extractor_new(
				 &extractor, config->config, RATE_HZ, N_WINDOW, N_STEP),
		0);
	for (size_t w = 0; w < n_windows; w++) {
		const struct hk_window_view view = {
			.samples = padded + N_CONTEXT + w * N_STEP,
			.n_frames = N_WINDOW,
			.first_frame = w * N_STEP,
			.index = w,
		};
		config->profile->compute(extractor, &view, features);
		for (size_t i = 0; i < n_values; i++) {
			const double error = fabs((double)features[i] - expected[w * n_values + i]);
			errors[w * n_values + i] = isnan(error) ? HUGE_VAL : error;
		}
	}
	config->profile->extractor_free(extractor);
	qsort(errors, n_windows * n_values, sizeof(*errors), compare_doubles);
	free(samples);
	free(expected);
	free(padded);
	free(features);
	return errors;
}

static void every_value_is_the_reference_s(void **state)
{
	(void)state;
	struct hk_profile_config config;
	hk_profile_config_init(&config, &hk_mel_modulation);
	json_t *index = golden_json(FOLDER "/index.json");
	assert_true(json_array_size(index) > 0);
	bool within = true;
	size_t i;
	json_t *row;
	json_array_foreach(index, i, row)
	{
		const char *name = json_string_value(json_object_get(row, "name"));
		const size_t n_samples =
			(size_t)json_integer_value(json_object_get(row, "samples"));
		const size_t n_windows =
			(size_t)json_integer_value(json_object_get(row, "windows"));
		const size_t n_values = (size_t)json_integer_value(json_object_get(row, "values"));
		assert_int_equal(n_values, config.profile->n_features(config.config));
		const size_t n = n_windows * n_values;
		double *errors = errors_of(name, &config, n_samples, n_windows, n_values);
		printf("%-14s worst %.2e  median %.2e\n", name, errors[n - 1], errors[n / 2]);
		within &= errors[n - 1] <= worst_limit && errors[n / 2] <= median_limit;
		free(errors);
	}
	json_decref(index);
	assert_true(within);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_value_is_the_reference_s),
	};
	return cmocka_run_group_tests_name("mel_modulation goldens", tests, NULL, NULL);
}
