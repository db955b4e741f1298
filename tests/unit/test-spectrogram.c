/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/features/spectrogram/spectrogram.h"
#include "tests/unit/every-alloc.h"

enum { RATE_HZ = 16000, N_WINDOW = 2 * RATE_HZ, N_SCALARS = 6, N_FEATURES = 8198 };
enum { ZERO_CROSSINGS, MEAN_FLATNESS, MAX_AMP, MIN_AMP, KURTOSIS, SKEWNESS };

static struct hk_spectrogram_config default_config(void)
{
	struct hk_profile_config config;
	hk_profile_config_init(&config, &hk_spectrogram);
	struct hk_spectrogram_config own;
	memcpy(&own, config.config, sizeof(own));
	return own;
}

static struct hk_extractor *extractor_of(const struct hk_spectrogram_config *config)
{
	struct hk_diag diag = { 0 };
	if (hk_spectrogram.check(config, RATE_HZ, N_WINDOW, RATE_HZ, &diag) < 0) {
		fail_msg("%s", diag.text);
	}
	struct hk_extractor *extractor = NULL;
	assert_int_equal(
		hk_spectrogram.extractor_new(&extractor, config, RATE_HZ, N_WINDOW, RATE_HZ), 0);
	return extractor;
}

static void compute(struct hk_extractor *extractor, const float *samples, float *ret_features)
{
	const struct hk_window_view view = { .samples = samples, .n_frames = N_WINDOW };
	hk_spectrogram.compute(extractor, &view, ret_features);
}

static void compute_default(const float *samples, float ret_features[N_FEATURES])
{
	const struct hk_spectrogram_config config = default_config();
	struct hk_extractor *extractor = extractor_of(&config);
	compute(extractor, samples, ret_features);
	hk_spectrogram.extractor_free(extractor);
}

/* The whole dB spectrogram, ret_db[n_bins * n_frames], and its size. */
static float *whole_spectrogram(const float *samples, uint32_t *ret_n_bins, uint32_t *ret_n_frames)
{
	struct hk_spectrogram_config config = default_config();
	config.n_rows = config.n_fft / 2 + 1;
	config.n_columns = 1 + N_WINDOW / (config.win_length / 4);
	float *features = malloc(hk_spectrogram.n_features(&config) * sizeof(*features));
	assert_non_null(features);
	struct hk_extractor *extractor = extractor_of(&config);
	compute(extractor, samples, features);
	hk_spectrogram.extractor_free(extractor);
	*ret_n_bins = config.n_rows;
	*ret_n_frames = config.n_columns;
	memmove(features, features + N_SCALARS,
		(size_t)config.n_rows * config.n_columns * sizeof(*features));
	return features;
}

static float *tone(double frequency_hz, double amplitude)
{
	float *samples = malloc(N_WINDOW * sizeof(*samples));
	assert_non_null(samples);
	for (size_t i = 0; i < N_WINDOW; i++) {
		samples[i] =
			(float)(amplitude * sin(2.0 * M_PI * frequency_hz * (double)i / RATE_HZ));
	}
	return samples;
}

static void assert_near(float value, double expected, double tolerance)
{
	if (!(fabs((double)value - expected) <= tolerance)) {
		fail_msg("%.9g, expected %.9g", (double)value, expected);
	}
}

static void there_are_8198_features_and_they_have_the_pipelines_names(void **state)
{
	(void)state;
	static const struct {
		size_t index;
		const char *name;
	} expected[] = { { 0, "zero_crossings" }, { 1, "mean_flatness" }, { 2, "max_amp" },
		{ 3, "min_amp" }, { 4, "kurtosis" }, { 5, "skewness" }, { 6, "db_r00_c000" },
		{ 7, "db_r00_c001" }, { 6 + 256, "db_r01_c000" }, { 8197, "db_r31_c255" } };
	const struct hk_spectrogram_config config = default_config();
	assert_int_equal(hk_spectrogram.n_features(&config), N_FEATURES);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		char name[HK_FEATURE_NAME_SIZE];
		hk_spectrogram.feature_name(&config, expected[i].index, name);
		assert_string_equal(name, expected[i].name);
	}
}

static void the_defaults_are_the_pipelines(void **state)
{
	(void)state;
	const struct hk_spectrogram_config config = default_config();
	assert_int_equal(config.n_fft, 2048);
	assert_int_equal(config.win_length, 2048);
	assert_int_equal(config.n_rows, 32);
	assert_int_equal(config.n_columns, 256);
	assert_int_equal(config.pad_mode, HK_PAD_CONSTANT);
	assert_false(config.zero_crossing_pad);
}

static void silence_is_flat_shapeless_and_looks_like_full_scale(void **state)
{
	(void)state;
	static const float samples[N_WINDOW];
	float features[N_FEATURES];
	compute_default(samples, features);
	assert_near(features[ZERO_CROSSINGS], 0.0, 0.0);
	assert_near(features[MEAN_FLATNESS], 1.0, 2e-6);
	assert_near(features[MAX_AMP], 0.0, 0.0);
	assert_near(features[MIN_AMP], 0.0, 0.0);
	assert_near(features[KURTOSIS], -3.0, 0.0);
	assert_near(features[SKEWNESS], 0.0, 0.0);
	for (size_t i = N_SCALARS; i < N_FEATURES; i++) {
		assert_near(features[i], 0.0, 1e-4);
	}
}

static void a_constant_is_a_line_at_the_bottom(void **state)
{
	(void)state;
	static float samples[N_WINDOW];
	for (size_t i = 0; i < N_WINDOW; i++) {
		samples[i] = 0.1f;
	}
	uint32_t n_bins;
	uint32_t n_frames;
	float *db = whole_spectrogram(samples, &n_bins, &n_frames);
	const uint32_t middle = n_frames / 2;
	assert_near(db[middle], 0.0, 1e-3);
	assert_near(db[n_frames + middle], -20.0 * log10(2.0), 1e-3);
	for (uint32_t k = 3; k < n_bins; k++) {
		assert_near(db[(size_t)k * n_frames + middle], -80.0, 0.0);
	}
	free(db);
}

static void a_tone_on_a_bin_is_three_bins_high(void **state)
{
	(void)state;
	enum { BIN = 128 }; /* 1 kHz */
	float *samples = tone(BIN * (double)RATE_HZ / 2048, 0.25);
	uint32_t n_bins;
	uint32_t n_frames;
	float *db = whole_spectrogram(samples, &n_bins, &n_frames);
	for (uint32_t k = 0; k < n_bins; k++) {
		const float level = db[(size_t)k * n_frames + n_frames / 2];
		if (k == BIN) {
			assert_near(level, 0.0, 1e-3);
		} else if (k == BIN - 1 || k == BIN + 1) {
			assert_near(level, -20.0 * log10(2.0), 1e-3);
		} else {
			assert_near(level, -80.0, 0.0);
		}
	}
	free(db);
	free(samples);
}

static void of_two_tones_the_softer_lies_as_far_below_as_it_is(void **state)
{
	(void)state;
	float *samples = tone(100 * (double)RATE_HZ / 2048, 0.8);
	float *softer = tone(700 * (double)RATE_HZ / 2048, 0.008);
	for (size_t i = 0; i < N_WINDOW; i++) {
		samples[i] += softer[i];
	}
	uint32_t n_bins;
	uint32_t n_frames;
	float *db = whole_spectrogram(samples, &n_bins, &n_frames);
	const uint32_t middle = n_frames / 2;
	assert_near(db[(size_t)100 * n_frames + middle], 0.0, 0.01);
	assert_near(db[(size_t)700 * n_frames + middle], -40.0, 0.01);
	assert_near(db[(size_t)400 * n_frames + middle], -80.0, 0.0);
	free(db);
	free(softer);
	free(samples);
}

static void full_scale_keeps_its_extremes(void **state)
{
	(void)state;
	static float samples[N_WINDOW];
	for (size_t i = 0; i < N_WINDOW; i++) {
		samples[i] = i / 20 % 2 ? -1.0f : 1.0f;
	}
	float features[N_FEATURES];
	compute_default(samples, features);
	assert_near(features[ZERO_CROSSINGS], N_WINDOW / 20 - 1, 0.0);
	assert_near(features[MAX_AMP], 1.0, 0.0);
	assert_near(features[MIN_AMP], -1.0, 0.0);
	assert_near(features[KURTOSIS], -2.0, 1e-6);
	assert_near(features[SKEWNESS], 0.0, 1e-6);
}

/* It lies in four frames of 2048 samples with a hop of 512; the others are silent, which is flat
 * too. */
static void an_impulse_is_flat_and_stands_in_four_frames(void **state)
{
	(void)state;
	static float samples[N_WINDOW];
	samples[30 * 512 + 256] = 0.5f;
	float features[N_FEATURES];
	compute_default(samples, features);
	assert_near(features[MEAN_FLATNESS], 1.0, 1e-5);
	uint32_t n_bins;
	uint32_t n_frames;
	float *db = whole_spectrogram(samples, &n_bins, &n_frames);
	for (uint32_t t = 0; t < n_frames; t++) {
		const float level = db[(size_t)500 * n_frames + t];
		if (t >= 29 && t <= 32) {
			assert_true(level > -20.0f);
		} else {
			assert_near(level, -80.0, 0.0);
		}
	}
	free(db);
	samples[30 * 512 + 256] = 0.0f;
}

static void the_picture_does_not_change_with_the_gain(void **state)
{
	(void)state;
	float *samples = tone(1234.5, 0.7);
	float loud[N_FEATURES];
	float soft[N_FEATURES];
	compute_default(samples, loud);
	for (size_t i = 0; i < N_WINDOW; i++) {
		samples[i] *= 0.125f;
	}
	compute_default(samples, soft);
	for (size_t i = KURTOSIS; i < N_FEATURES; i++) {
		assert_near(soft[i], (double)loud[i], 1e-4);
	}
	free(samples);
}

static void no_window_of_finite_samples_gives_nan_or_infinity(void **state)
{
	(void)state;
	static const float levels[] = { 0.0f, 1e-45f, 1e-38f, 1e-20f, 1e-5f, 1.0f, 1e6f, 1e15f };
	const struct hk_spectrogram_config config = default_config();
	struct hk_extractor *extractor = extractor_of(&config);
	float features[N_FEATURES];
	float *samples = tone(440.0, 1.0);
	float *scaled = malloc(N_WINDOW * sizeof(*scaled));
	assert_non_null(scaled);
	for (size_t k = 0; k < sizeof(levels) / sizeof(levels[0]); k++) {
		for (size_t i = 0; i < N_WINDOW; i++) {
			scaled[i] = samples[i] * levels[k];
		}
		compute(extractor, scaled, features);
		for (size_t i = 0; i < N_FEATURES; i++) {
			if (!isfinite(features[i])) {
				fail_msg("level %g: feature %zu", (double)levels[k], i);
			}
		}
	}
	free(scaled);
	free(samples);
	hk_spectrogram.extractor_free(extractor);
}

static void only_the_window_itself_is_read(void **state)
{
	(void)state;
	uint32_t n_left = 1;
	uint32_t n_right = 1;
	const struct hk_spectrogram_config config = default_config();
	hk_spectrogram.context(&config, &n_left, &n_right);
	assert_int_equal(n_left, 0);
	assert_int_equal(n_right, 0);

	float *samples = tone(700.0, 0.5);
	float *guarded = malloc(3 * N_WINDOW * sizeof(*guarded));
	assert_non_null(guarded);
	for (size_t i = 0; i < (size_t)3 * N_WINDOW; i++) {
		guarded[i] = NAN;
	}
	memcpy(guarded + N_WINDOW, samples, N_WINDOW * sizeof(*samples));
	float expected[N_FEATURES];
	float features[N_FEATURES];
	compute_default(samples, expected);
	compute_default(guarded + N_WINDOW, features);
	assert_memory_equal(features, expected, sizeof(features));
	free(guarded);
	free(samples);
}

static void a_window_does_not_depend_on_the_one_before(void **state)
{
	(void)state;
	const struct hk_spectrogram_config config = default_config();
	struct hk_extractor *extractor = extractor_of(&config);
	float *loud = tone(3000.0, 1.0);
	float *soft = tone(300.0, 1e-4);
	float first[N_FEATURES];
	float features[N_FEATURES];
	compute(extractor, soft, first);
	compute(extractor, loud, features);
	compute(extractor, soft, features);
	assert_memory_equal(features, first, sizeof(features));
	free(soft);
	free(loud);
	hk_spectrogram.extractor_free(extractor);
}

/* With either transform, and with a flatness that has an STFT of its own. */
static void a_window_allocates_nothing(void **state)
{
	(void)state;
	if (!EVERY_ALLOC) {
		skip();
	}
	static const uint32_t n_ffts[] = { 2048, 1024, 1000 };
	static const float samples[N_WINDOW];
	float features[N_FEATURES];
	for (size_t i = 0; i < sizeof(n_ffts) / sizeof(n_ffts[0]); i++) {
		struct hk_spectrogram_config config = default_config();
		config.n_fft = config.win_length = n_ffts[i];
		struct hk_extractor *extractor = extractor_of(&config);
		const size_t n_before = n_allocs;
		compute(extractor, samples, features);
		assert_int_equal(n_allocs, n_before);
		hk_spectrogram.extractor_free(extractor);
	}
}

static void impossible_parameters_are_refused_by_name(void **state)
{
	(void)state;
	const struct hk_spectrogram_config good = default_config();
	static const struct {
		size_t offset;
		uint32_t value;
		const char *key;
	} bad[] = {
		{ offsetof(struct hk_spectrogram_config, n_fft), 2046, "n_fft: " },
		{ offsetof(struct hk_spectrogram_config, n_fft), 2025, "n_fft: " },
		{ offsetof(struct hk_spectrogram_config, n_fft), 0, "n_fft: " },
		{ offsetof(struct hk_spectrogram_config, n_fft), 1024, "win_length: " },
		{ offsetof(struct hk_spectrogram_config, win_length), 2049, "win_length: " },
		{ offsetof(struct hk_spectrogram_config, win_length), 3, "win_length: " },
		{ offsetof(struct hk_spectrogram_config, win_length), 0, "win_length: " },
		{ offsetof(struct hk_spectrogram_config, n_rows), 1026, "n_rows: " },
		{ offsetof(struct hk_spectrogram_config, n_rows), 0, "n_rows: " },
		{ offsetof(struct hk_spectrogram_config, n_columns), 0, "n_columns: " },
		{ offsetof(struct hk_spectrogram_config, n_columns), 32769, "n_columns: " },
		{ offsetof(struct hk_spectrogram_config, n_columns), UINT32_MAX, "n_columns: " },
	};
	struct hk_diag diag;
	assert_int_equal(hk_spectrogram.check(&good, RATE_HZ, N_WINDOW, RATE_HZ, &diag), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct hk_spectrogram_config config = good;
		memcpy((char *)&config + bad[i].offset, &bad[i].value, sizeof(bad[i].value));
		assert_int_equal(
			hk_spectrogram.check(&config, RATE_HZ, N_WINDOW, RATE_HZ, &diag), -EINVAL);
		assert_memory_equal(diag.text, bad[i].key, strlen(bad[i].key));
	}
}

static void a_window_too_short_to_be_mirrored_is_refused(void **state)
{
	(void)state;
	struct hk_spectrogram_config config = default_config();
	struct hk_diag diag;
	assert_int_equal(hk_spectrogram.check(&config, RATE_HZ, 0, 1, &diag), -EINVAL);
	assert_int_equal(hk_spectrogram.check(&config, RATE_HZ, 1, 1, &diag), 0);
	config.pad_mode = HK_PAD_REFLECT;
	assert_int_equal(hk_spectrogram.check(&config, RATE_HZ, 1024, 1, &diag), -EINVAL);
	assert_int_equal(hk_spectrogram.check(&config, RATE_HZ, 1025, 1, &diag), 0);
	config.n_fft = config.win_length = 512;
	assert_int_equal(hk_spectrogram.check(&config, RATE_HZ, 1024, 1, &diag), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_are_8198_features_and_they_have_the_pipelines_names),
		cmocka_unit_test(the_defaults_are_the_pipelines),
		cmocka_unit_test(silence_is_flat_shapeless_and_looks_like_full_scale),
		cmocka_unit_test(a_constant_is_a_line_at_the_bottom),
		cmocka_unit_test(a_tone_on_a_bin_is_three_bins_high),
		cmocka_unit_test(of_two_tones_the_softer_lies_as_far_below_as_it_is),
		cmocka_unit_test(full_scale_keeps_its_extremes),
		cmocka_unit_test(an_impulse_is_flat_and_stands_in_four_frames),
		cmocka_unit_test(the_picture_does_not_change_with_the_gain),
		cmocka_unit_test(no_window_of_finite_samples_gives_nan_or_infinity),
		cmocka_unit_test(only_the_window_itself_is_read),
		cmocka_unit_test(a_window_does_not_depend_on_the_one_before),
		cmocka_unit_test(a_window_allocates_nothing),
		cmocka_unit_test(impossible_parameters_are_refused_by_name),
		cmocka_unit_test(a_window_too_short_to_be_mirrored_is_refused),
	};
	return cmocka_run_group_tests_name("spectrogram", tests, NULL, NULL);
}
