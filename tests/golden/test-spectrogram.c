/* SPDX-License-Identifier: MIT */
/*
 * The spectrogram profile against the original Python pipeline (librosa 0.10.2, OpenCV 4.6, SciPy
 * 1.10), as features/index.json lists it. Each group prints its worst error.
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

#include "core/features/framing.h"
#include "core/features/spectrogram/spectrogram.h"
#include "core/features/stft.h"
#include "tests/golden/goldens.h"

#define FOLDER "features"

enum { N_SCALARS = 6, N_CELLS = 32 * 256, N_FEATURES = N_SCALARS + N_CELLS };
enum { ZERO_CROSSINGS, MEAN_FLATNESS, MAX_AMP, MIN_AMP, KURTOSIS, SKEWNESS };

/* Twice and more what a port with a float32 FFT reaches; a wrong bin, frame or weight is far
 * beyond. */
static const double picture_limit_db = 0.01;
static const double flatness_limit = 2e-5;
static const double moments_limit = 1e-6;

/* There are no float64 values of the whole clips: SciPy's own sums of 1.3 million float32 values
 * are no better than this. */
static const double whole_clip_moments_limit = 5e-6;

struct errors {
	uint32_t n_windows;
	double picture_db;
	double flatness;       /* relative */
	double zero_crossings; /* count */
	double others;         /* relative above 1 */
};

/* A NaN is worse than any number and stays. */
static void note(double *worst, double error)
{
	if (!isnan(*worst) && !(error <= *worst)) {
		*worst = error;
	}
}

static double moment_error(double value, double expected)
{
	return fabs(value - expected) / fmax(1.0, fabs(expected));
}

static void compare_picture(
	struct errors *errors, const float *cells, const float *expected, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		note(&errors->picture_db, fabs((double)cells[i] - (double)expected[i]));
	}
}

static void compare_scalars(
	struct errors *errors, const float *features, const double expected[N_SCALARS])
{
	note(&errors->zero_crossings,
		fabs((double)features[ZERO_CROSSINGS] - expected[ZERO_CROSSINGS]));
	note(&errors->flatness,
		fabs((double)features[MEAN_FLATNESS] / expected[MEAN_FLATNESS] - 1.0));
	for (size_t i = MAX_AMP; i <= SKEWNESS; i++) {
		note(&errors->others, moment_error((double)features[i], expected[i]));
	}
}

/* EXPECTED: one window of a .feat.f32 file. */
static void compare_features(struct errors *errors, const float *features, const float *expected)
{
	double scalars[N_SCALARS];
	for (size_t i = 0; i < N_SCALARS; i++) {
		scalars[i] = (double)expected[i];
	}
	compare_scalars(errors, features, scalars);
	compare_picture(errors, features + N_SCALARS, expected + N_SCALARS, N_CELLS);
	errors->n_windows++;
}

static void report(const char *group, const struct errors *errors, double others_limit)
{
	print_message(
		"%-34s %3u windows: picture %.5f dB, flatness %.1e, zero crossings %g, others %.1e\n",
		group, errors->n_windows, errors->picture_db, errors->flatness,
		errors->zero_crossings, errors->others);
	assert_true(errors->n_windows > 0);
	assert_true(errors->picture_db <= picture_limit_db);
	assert_true(errors->flatness <= flatness_limit);
	assert_true(errors->zero_crossings == 0.0);
	assert_true(errors->others <= others_limit);
}

/* An extractor for windows of one length. */
struct spectrogram {
	struct hk_extractor *extractor;
	uint32_t n_frames;
};

static struct hk_spectrogram_config default_config(void)
{
	struct hk_profile_config config;
	hk_profile_config_init(&config, &hk_spectrogram);
	struct hk_spectrogram_config own;
	memcpy(&own, config.config, sizeof(own));
	return own;
}

static struct spectrogram open_spectrogram(
	const struct hk_spectrogram_config *config, uint32_t rate_hz, uint32_t n_frames)
{
	struct hk_diag diag = { 0 };
	if (hk_spectrogram.check(config, rate_hz, n_frames, n_frames, &diag) < 0) {
		fail_msg("%s", diag.text);
	}
	struct spectrogram s = { .n_frames = n_frames };
	assert_int_equal(
		hk_spectrogram.extractor_new(&s.extractor, config, rate_hz, n_frames, n_frames), 0);
	return s;
}

static void compute(const struct spectrogram *s, const float *samples, float *ret_features)
{
	const struct hk_window_view view = { .samples = samples, .n_frames = s->n_frames };
	hk_spectrogram.compute(s->extractor, &view, ret_features);
}

static const char *file_of(json_t *entry, const char *kind)
{
	const char *name = json_string_value(
		json_array_get(json_object_get(json_object_get(entry, "files"), kind), 0));
	assert_non_null(name);
	return name;
}

static uint32_t uint_of(json_t *entry, const char *key)
{
	const json_int_t value = json_integer_value(json_object_get(entry, key));
	assert_in_range(value, 1, UINT32_MAX);
	return (uint32_t)value;
}

static double number_of(json_t *entry, const char *key)
{
	json_t *value = json_object_get(entry, key);
	assert_true(json_is_number(value));
	return json_number_value(value);
}

static float *samples_of(json_t *entry)
{
	return golden_samples(FOLDER, file_of(entry, "samples"), uint_of(entry, "n"));
}

static json_t *array_of(json_t *index, const char *key)
{
	json_t *array = json_object_get(index, key);
	assert_true(json_array_size(array) > 0);
	return array;
}

/* The 24 signals, six values in double precision. */
static void check_signals(json_t *index, uint32_t rate_hz)
{
	const struct hk_spectrogram_config config = default_config();
	struct errors errors = { 0 };
	size_t i;
	json_t *signal;
	json_array_foreach(array_of(index, "signals"), i, signal)
	{
		if (uint_of(signal, "sr") != rate_hz) {
			continue;
		}
		float *samples = samples_of(signal);
		float *expected = golden_f32(FOLDER, file_of(signal, "features"), N_FEATURES);
		json_t *exact = json_object_get(signal, "td_float64");
		const double scalars[N_SCALARS] = {
			number_of(json_object_get(signal, "td"), "zero_crossings"),
			number_of(signal, "flatness_float64"),
			number_of(exact, "max_amp"),
			number_of(exact, "min_amp"),
			number_of(exact, "kurtosis"),
			number_of(exact, "skewness"),
		};
		float features[N_FEATURES];
		struct spectrogram s = open_spectrogram(&config, rate_hz, uint_of(signal, "n"));
		compute(&s, samples, features);
		compare_scalars(&errors, features, scalars);
		compare_picture(&errors, features + N_SCALARS, expected + N_SCALARS, N_CELLS);
		errors.n_windows++;
		hk_spectrogram.extractor_free(s.extractor);
		free(expected);
		free(samples);
	}
	char group[64];
	snprintf(group, sizeof(group), "signals at %u Hz", rate_hz);
	report(group, &errors, moments_limit);
}

static void signals_at_44100_hz_have_the_pipelines_features(void **state)
{
	check_signals(*state, 44100);
}

static void signals_at_16000_hz_have_the_pipelines_features(void **state)
{
	check_signals(*state, 16000);
}

/* In dB over the range that the picture keeps. */
static double magnitude_error_db(float power, float magnitude, double max_magnitude)
{
	const double floor = fmax(1e-5, max_magnitude * 1e-4);
	const double ours = fmax(floor, sqrt((double)power));
	const double theirs = fmax(floor, (double)magnitude);
	return fabs(20.0 * log10(ours / theirs));
}

static void stft_frames_are_librosas(void **state)
{
	enum { N_FFT = 2048, N_BINS = N_FFT / 2 + 1 };
	uint32_t n_frames = 0;
	double worst_db = 0.0;
	struct hk_stft *stft = NULL;
	assert_int_equal(hk_stft_new(&stft, N_FFT, N_FFT), 0);
	size_t i;
	json_t *signal;
	json_array_foreach(array_of(*state, "signals"), i, signal)
	{
		json_t *frames = array_of(signal, "frames");
		float *samples = samples_of(signal);
		float *expected = golden_f32(
			FOLDER, file_of(signal, "stft_frames"), json_array_size(frames) * N_BINS);
		struct hk_framing framing;
		assert_int_equal(hk_framing_init(&framing, uint_of(signal, "n"), N_FFT, N_FFT / 4,
					 HK_PAD_CONSTANT),
			0);
		assert_int_equal(framing.n_frames, uint_of(signal, "n_frames"));
		size_t f;
		json_t *frame;
		json_array_foreach(frames, f, frame)
		{
			const uint32_t t = (uint32_t)json_integer_value(frame);
			float power[N_BINS];
			hk_stft_power(stft, hk_framing_frame(&framing, samples, t), power);
			for (size_t k = 0; k < N_BINS; k++) {
				note(&worst_db,
					magnitude_error_db(power[k], expected[f * N_BINS + k],
						number_of(signal, "max_mag")));
			}
			n_frames++;
		}
		hk_framing_finish(&framing);
		free(expected);
		free(samples);
	}
	hk_stft_free(stft);
	print_message("%-34s %3u frames:  %.5f dB\n", "stft frames", n_frames, worst_db);
	assert_int_equal(n_frames, 144);
	assert_true(worst_db <= picture_limit_db);
}

/* A picture of as many rows and columns as the STFT has is the STFT in dB. */
static void the_whole_db_spectrogram_is_librosas(void **state)
{
	uint32_t n_pictures = 0;
	struct errors errors = { 0 };
	size_t i;
	json_t *signal;
	json_array_foreach(array_of(*state, "signals"), i, signal)
	{
		if (!json_object_get(json_object_get(signal, "files"), "db_full")) {
			continue;
		}
		struct hk_spectrogram_config config = default_config();
		config.n_rows = config.n_fft / 2 + 1;
		config.n_columns = uint_of(signal, "n_frames");
		const size_t n_cells = (size_t)config.n_rows * config.n_columns;
		float *samples = samples_of(signal);
		float *expected = golden_f32(FOLDER, file_of(signal, "db_full"), n_cells);
		float *features = malloc((N_SCALARS + n_cells) * sizeof(*features));
		assert_non_null(features);
		struct spectrogram s =
			open_spectrogram(&config, uint_of(signal, "sr"), uint_of(signal, "n"));
		compute(&s, samples, features);
		compare_picture(&errors, features + N_SCALARS, expected, n_cells);
		n_pictures++;
		hk_spectrogram.extractor_free(s.extractor);
		free(features);
		free(expected);
		free(samples);
	}
	print_message("%-34s %3u picture: %.5f dB\n", "whole dB spectrogram", n_pictures,
		errors.picture_db);
	assert_true(n_pictures > 0);
	assert_true(errors.picture_db <= picture_limit_db);
}

static void apply_params(struct hk_spectrogram_config *config, json_t *given)
{
	const char *key;
	json_t *value;
	json_object_foreach(given, key, value)
	{
		if (strcmp(key, "n_fft") == 0) {
			config->n_fft = (uint32_t)json_integer_value(value);
		} else if (strcmp(key, "win_length") == 0) {
			config->win_length = (uint32_t)json_integer_value(value);
		} else if (strcmp(key, "pad_mode") == 0) {
			assert_string_equal(json_string_value(value), "reflect");
			config->pad_mode = HK_PAD_REFLECT;
		} else if (strcmp(key, "zc_pad") == 0) {
			config->zero_crossing_pad = json_is_true(value);
		} else {
			fail_msg("unknown parameter %s", key);
		}
	}
}

static json_t *signal_named(json_t *index, const char *name)
{
	size_t i;
	json_t *signal;
	json_array_foreach(array_of(index, "signals"), i, signal)
	{
		if (strcmp(json_string_value(json_object_get(signal, "name")), name) == 0) {
			return signal;
		}
	}
	fail_msg("no signal %s", name);
	return NULL;
}

static void every_parameter_variant_has_the_pipelines_features(void **state)
{
	struct errors errors = { 0 };
	size_t i;
	json_t *variant;
	json_array_foreach(array_of(*state, "variants"), i, variant)
	{
		json_t *signal =
			signal_named(*state, json_string_value(json_object_get(variant, "signal")));
		struct hk_spectrogram_config config = default_config();
		apply_params(&config, json_object_get(variant, "params"));
		float *samples = samples_of(signal);
		float *expected = golden_f32(
			FOLDER, json_string_value(json_object_get(variant, "file")), N_FEATURES);
		float features[N_FEATURES];
		struct spectrogram s =
			open_spectrogram(&config, uint_of(signal, "sr"), uint_of(signal, "n"));
		compute(&s, samples, features);
		compare_features(&errors, features, expected);
		hk_spectrogram.extractor_free(s.extractor);
		free(expected);
		free(samples);
	}
	report("parameter variants", &errors, moments_limit);
	assert_int_equal(errors.n_windows, 12);
}

static void windows_of_the_30_s_clips_have_the_pipelines_features(void **state)
{
	const struct hk_spectrogram_config config = default_config();
	struct errors errors = { 0 };
	size_t i;
	json_t *clip;
	json_array_foreach(array_of(*state, "clips"), i, clip)
	{
		const uint32_t n_windows = uint_of(clip, "windows_stored");
		const uint32_t step = uint_of(clip, "step");
		float *samples = samples_of(clip);
		float *expected = golden_f32(
			FOLDER, file_of(clip, "window_features"), (size_t)n_windows * N_FEATURES);
		struct spectrogram s =
			open_spectrogram(&config, uint_of(clip, "sr"), uint_of(clip, "window"));
		for (uint32_t w = 0; w < n_windows; w++) {
			float features[N_FEATURES];
			compute(&s, samples + (size_t)w * step, features);
			compare_features(&errors, features, expected + (size_t)w * N_FEATURES);
		}
		hk_spectrogram.extractor_free(s.extractor);
		free(expected);
		free(samples);
	}
	report("windows of the 30 s clips", &errors, moments_limit);
}

static void a_whole_30_s_clip_is_a_window_like_any_other(void **state)
{
	const struct hk_spectrogram_config config = default_config();
	struct errors errors = { 0 };
	size_t i;
	json_t *clip;
	json_array_foreach(array_of(*state, "clips"), i, clip)
	{
		float *samples = samples_of(clip);
		float *expected =
			golden_f32(FOLDER, file_of(clip, "whole_clip_features"), N_FEATURES);
		float features[N_FEATURES];
		struct spectrogram s =
			open_spectrogram(&config, uint_of(clip, "sr"), uint_of(clip, "n"));
		compute(&s, samples, features);
		compare_features(&errors, features, expected);
		hk_spectrogram.extractor_free(s.extractor);
		free(expected);
		free(samples);
	}
	report("whole 30 s clips", &errors, whole_clip_moments_limit);
}

static int load_index(void **state)
{
	*state = golden_json(FOLDER "/index.json");
	return 0;
}

static int free_index(void **state)
{
	json_decref(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signals_at_44100_hz_have_the_pipelines_features),
		cmocka_unit_test(signals_at_16000_hz_have_the_pipelines_features),
		cmocka_unit_test(stft_frames_are_librosas),
		cmocka_unit_test(the_whole_db_spectrogram_is_librosas),
		cmocka_unit_test(every_parameter_variant_has_the_pipelines_features),
		cmocka_unit_test(windows_of_the_30_s_clips_have_the_pipelines_features),
		cmocka_unit_test(a_whole_30_s_clip_is_a_window_like_any_other),
	};
	return cmocka_run_group_tests_name("golden spectrogram", tests, load_index, free_index);
}
