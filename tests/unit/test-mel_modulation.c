/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/audio/window.h"
#include "core/features/mel/mel_extension.h"
#include "core/features/mel/mel_modulation.h"
#include "core/features/profiles.h"
#include "tests/unit/every-alloc.h"
#include "tests/unit/rounds.h"

enum { RATE_HZ = 16000, N_WINDOW = 2 * RATE_HZ, N_STEP = RATE_HZ, N_CONTEXT = 432 };
enum { MEL_MEAN = 0, MEL_STD = 64, CREST_MEAN = 128, MODULATION = 160, EXTENSIONS = 556 };
enum { MAX_VALUES = 700, MAX_WINDOWS = 64 };

/* ---- signals, made for the moment they are asked for ---- */

static float *new_signal(size_t n)
{
	float *x = calloc(n, sizeof(*x));
	assert_non_null(x);
	return x;
}

static float *new_noise(size_t n, float peak, unsigned seed)
{
	float *x = new_signal(n);
	for (size_t i = 0; i < n; i++) {
		x[i] = peak * (2.0f * (float)rand_r(&seed) / (float)RAND_MAX - 1.0f);
	}
	return x;
}

static float *new_sine(size_t n, double amplitude, double hz)
{
	float *x = new_signal(n);
	for (size_t i = 0; i < n; i++) {
		x[i] = (float)(amplitude * sin(2.0 * M_PI * hz * (double)i / RATE_HZ));
	}
	return x;
}

/* ---- the profile on a stream of windows ---- */

struct run {
	const struct hk_profile_config *config;
	struct hk_extractor *extractor;
	size_t n_values;
	size_t n_windows;
	float values[MAX_WINDOWS][MAX_VALUES];
};

static struct hk_profile_config config_with(const char *extensions)
{
	struct hk_profile_config config;
	hk_profile_config_init(&config, &hk_mel_modulation);
	const struct hk_param *row = hk_params_find(
		hk_mel_modulation.params, hk_mel_modulation.n_params, NULL, "extensions");
	assert_int_equal(hk_param_parse(row, config.config, extensions, NULL), 0);
	return config;
}

static struct hk_extractor *new_extractor(
	const struct hk_profile_config *config, uint32_t n_window, uint32_t n_step)
{
	struct hk_diag diag;
	if (hk_mel_modulation.check(config->config, RATE_HZ, n_window, n_step, &diag) < 0) {
		fail_msg("%s", diag.text);
	}
	struct hk_extractor *extractor;
	assert_int_equal(hk_mel_modulation.extractor_new(
				 &extractor, config->config, RATE_HZ, n_window, n_step),
		0);
	return extractor;
}

static void on_window(void *owner, const struct hk_window_view *view)
{
	struct run *run = owner;
	assert_true(run->n_windows < MAX_WINDOWS);
	hk_mel_modulation.compute(run->extractor, view, run->values[run->n_windows++]);
}

static void on_anything(void *owner, uint64_t first_frame, uint64_t n_frames)
{
	(void)owner;
	(void)first_frame;
	(void)n_frames;
}

/* Features of every window of SAMPLES as one stream, by RUN's extractor, appended to RUN. */
static void run_stream(
	struct run *run, const float *samples, size_t n, uint32_t n_window, uint32_t n_step)
{
	struct hk_window_shape shape = { .n_frames = n_window, .n_step_frames = n_step };
	hk_mel_modulation.context(run->config->config, &shape.n_left, &shape.n_right);
	const struct hk_window_sink sink = {
		.owner = run,
		.on_window = on_window,
		.on_remainder = on_anything,
		.on_gap = on_anything,
	};
	struct hk_window *window;
	assert_int_equal(hk_window_new(&window, &shape, &sink), 0);
	for (size_t i = 0; i < n; i += 1000) {
		hk_window_push(window, i, samples + i, n - i < 1000 ? n - i : 1000);
	}
	hk_window_finish(window);
	hk_window_free(window);
}

static struct run *new_run(
	const struct hk_profile_config *config, uint32_t n_window, uint32_t n_step)
{
	struct run *run = calloc(1, sizeof(*run));
	assert_non_null(run);
	run->config = config;
	run->extractor = new_extractor(config, n_window, n_step);
	run->n_values = hk_mel_modulation.n_features(config->config);
	assert_true(run->n_values <= MAX_VALUES);
	return run;
}

static void free_run(struct run *run)
{
	hk_mel_modulation.extractor_free(run->extractor);
	free(run);
}

static struct run *run_default(
	const struct hk_profile_config *config, const float *samples, size_t n)
{
	struct run *run = new_run(config, N_WINDOW, N_STEP);
	run_stream(run, samples, n, N_WINDOW, N_STEP);
	return run;
}

/* The window at PADDED + N_CONTEXT + FIRST by an extractor that has seen nothing else. */
static void compute_alone(const struct hk_profile_config *config, const float *padded, size_t first,
	uint32_t n_window, uint32_t n_step, float *ret_values)
{
	uint32_t n_left, n_right;
	hk_mel_modulation.context(config->config, &n_left, &n_right);
	struct hk_extractor *extractor = new_extractor(config, n_window, n_step);
	const struct hk_window_view view = {
		.samples = padded + n_left + first,
		.n_frames = n_window,
		.first_frame = first,
	};
	hk_mel_modulation.compute(extractor, &view, ret_values);
	hk_mel_modulation.extractor_free(extractor);
}

static float *new_padded(const float *samples, size_t n, uint32_t n_pad)
{
	float *padded = new_signal(n + 2 * (size_t)n_pad);
	memcpy(padded + n_pad, samples, n * sizeof(*samples));
	return padded;
}

static float largest_difference(const float *a, const float *b, size_t n)
{
	float largest = 0.0f;
	for (size_t i = 0; i < n; i++) {
		assert_true(isfinite(a[i]) && isfinite(b[i]));
		largest = fmaxf(largest, fabsf(a[i] - b[i]));
	}
	return largest;
}

static size_t index_of_largest(const float *values, size_t n, size_t stride)
{
	size_t best = 0;
	for (size_t i = 0; i < n; i++) {
		best = values[i * stride] > values[best * stride] ? i : best;
	}
	return best;
}

static const char all_extensions[] = "level bands crest0 tonal";

/* ---- the profile's own values ---- */

static void gain_changes_no_value(void **state)
{
	(void)state;
	const struct hk_profile_config config = config_with("crest0 tonal");
	float *loud = new_noise(N_WINDOW, 0.5f, 1);
	float *soft = new_signal(N_WINDOW);
	for (size_t i = 0; i < N_WINDOW; i++) {
		soft[i] = loud[i] * 0.015625f; /* -36 dB, to the bit */
	}
	struct run *a = run_default(&config, loud, N_WINDOW);
	struct run *b = run_default(&config, soft, N_WINDOW);
	/* mu's floor of 1e-9 is 5e-5 of the softer window's mean power. */
	assert_true(largest_difference(a->values[0], b->values[0], a->n_values) < 1e-4f);
	free_run(a);
	free_run(b);
	free(loud);
	free(soft);
}

static void a_tone_is_loudest_in_the_mel_band_whose_tip_is_nearest(void **state)
{
	(void)state;
	const struct hk_profile_config config = config_with("none");
	const double low = 2595.0 * log10(1.0 + 50.0 / 700.0);
	const double high = 2595.0 * log10(1.0 + 8000.0 / 700.0);
	for (size_t band = 10; band < 64; band += 9) {
		const double mel = low + (high - low) * (double)(band + 1) / 65.0;
		float *x = new_sine(N_WINDOW, 0.5, 700.0 * (pow(10.0, mel / 2595.0) - 1.0));
		struct run *run = run_default(&config, x, N_WINDOW);
		assert_int_equal(index_of_largest(run->values[0] + MEL_MEAN, 64, 1), band);
		free_run(run);
		free(x);
	}
}

static void an_offset_is_not_heard(void **state)
{
	(void)state;
	const struct hk_profile_config config = config_with("bands crest0 tonal");
	const size_t n = 4 * RATE_HZ;
	float *x = new_noise(n, 0.1f, 2);
	float *raised = new_signal(n);
	for (size_t i = 0; i < n; i++) {
		raised[i] = x[i] + 0.5f;
	}
	float a[MAX_VALUES], b[MAX_VALUES];
	/* One second in: the start of the stream is a step of 0.5, which is a sound. */
	compute_alone(&config, x, RATE_HZ, N_WINDOW, N_STEP, a);
	compute_alone(&config, raised, RATE_HZ, N_WINDOW, N_STEP, b);
	/* A periodic Hann window has nothing beyond bin 1; what is left is float32 rounding. */
	assert_true(largest_difference(a, b, hk_mel_modulation.n_features(config.config)) < 1e-3f);
	free(x);
	free(raised);
}

static void silence_is_finite_and_has_no_rhythm(void **state)
{
	(void)state;
	const struct hk_profile_config config = config_with(all_extensions);
	float *x = new_signal(N_WINDOW);
	struct run *run = run_default(&config, x, N_WINDOW);
	const float *values = run->values[0];
	for (size_t i = 0; i < run->n_values; i++) {
		assert_true(isfinite(values[i]));
	}
	for (size_t i = 0; i < 64; i++) {
		assert_float_equal(values[MEL_MEAN + i], logf(0.01f), 1e-5f);
		assert_float_equal(values[MEL_STD + i], 0.0f, 1e-5f);
	}
	for (size_t i = 0; i < 11 * 16; i++) {
		assert_float_equal(values[MODULATION + i], logf(1e-3f), 1e-4f);
	}
	free_run(run);
	free(x);
}

static void noise_that_throbs_has_its_rhythm_where_it_throbs(void **state)
{
	(void)state;
	/* 2 s: bin k is k / 2 Hz. 1 Hz is bin 2, 4 Hz bin 8 of [6, 9), 10 Hz bin 20 of [14, 21). */
	static const struct {
		double hz;
		size_t rhythm;
	} cases[] = { { 1.0, 1 }, { 4.0, 4 }, { 10.0, 6 } };
	const struct hk_profile_config config = config_with("none");
	for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
		float *x = new_noise(N_WINDOW, 0.2f, 3);
		for (size_t i = 0; i < N_WINDOW; i++) {
			const double t = (double)i / RATE_HZ;
			x[i] *= (float)(1.0 + 0.9 * sin(2.0 * M_PI * cases[c].hz * t));
		}
		struct run *run = run_default(&config, x, N_WINDOW);
		for (size_t group = 4; group < 16; group++) {
			assert_int_equal(
				index_of_largest(run->values[0] + MODULATION + group, 11, 16),
				cases[c].rhythm);
		}
		free_run(run);
		free(x);
	}
}

/* ---- frames shared by windows ---- */

static void shared_frames_give_the_same_bits_as_frames_of_ones_own(void **state)
{
	(void)state;
	static const struct {
		uint32_t n_fft, hop, n_window, n_step;
	} shapes[] = {
		{ 1024, 160, N_WINDOW, N_STEP },
		{ 1024, 160, N_WINDOW, 160 },       /* as often as can be */
		{ 1024, 160, N_WINDOW, N_WINDOW },  /* nothing to share */
		{ 1024, 160, N_WINDOW, 3 * 8000 },  /* less than half */
		{ 512, 512, 32 * 512, 512 },        /* no context */
		{ 2000, 100, 200 * 100, 50 * 100 }, /* long context */
	};
	const unsigned n_windows = 2 + rounds(4);
	for (size_t s = 0; s < sizeof(shapes) / sizeof(shapes[0]); s++) {
		struct hk_profile_config config = config_with(all_extensions);
		struct hk_mel_modulation_config *own = (void *)config.config;
		own->n_fft = shapes[s].n_fft;
		own->hop = shapes[s].hop;
		own->crest_bins = (struct hk_uint_list){ 4, { 6, 40, 100, 250 } };
		own->modulation_bins = (struct hk_uint_list){ 3, { 1, 4, 17 } };
		const uint32_t n_window = shapes[s].n_window, n_step = shapes[s].n_step;
		const size_t n = n_window + (n_windows - 1) * (size_t)n_step;
		float *x = new_noise(n, 0.3f, 4 + (unsigned)s);
		struct run *run = new_run(&config, n_window, n_step);
		run_stream(run, x, n, n_window, n_step);
		assert_int_equal(run->n_windows, n_windows);
		float *padded = new_padded(x, n, (own->n_fft - own->hop) / 2);
		for (size_t w = 0; w < run->n_windows; w++) {
			float alone[MAX_VALUES];
			compute_alone(&config, padded, w * n_step, n_window, n_step, alone);
			assert_memory_equal(run->values[w], alone, run->n_values * sizeof(float));
		}
		free(padded);
		free_run(run);
		free(x);
	}
}

static void a_new_stream_shares_nothing_with_the_last(void **state)
{
	(void)state;
	const struct hk_profile_config config = config_with(all_extensions);
	const size_t n = 4 * RATE_HZ;
	float *first = new_noise(n, 0.3f, 20);
	float *second = new_noise(n, 0.3f, 21);
	struct run *run = new_run(&config, N_WINDOW, N_STEP);
	run_stream(run, first, n, N_WINDOW, N_STEP);
	run_stream(run, second, n, N_WINDOW, N_STEP);
	struct run *fresh = run_default(&config, second, n);
	assert_int_equal(run->n_windows, 6);
	assert_int_equal(fresh->n_windows, 3);
	assert_memory_equal(run->values[3], fresh->values, 3 * sizeof(run->values[0]));
	free_run(run);
	free_run(fresh);
	free(first);
	free(second);
}

static void a_window_that_only_claims_to_go_on_shares_nothing(void **state)
{
	(void)state;
	const struct hk_profile_config config = config_with(all_extensions);
	float *one = new_noise(N_WINDOW + 2 * N_CONTEXT, 0.3f, 22);
	float *other = new_noise(N_WINDOW + 2 * N_CONTEXT, 0.3f, 23);
	struct run *run = new_run(&config, N_WINDOW, N_STEP);
	struct hk_window_view view = { .samples = one + N_CONTEXT, .n_frames = N_WINDOW };
	on_window(run, &view);
	view.samples = other + N_CONTEXT;
	view.first_frame = N_STEP;
	view.index = 1;
	on_window(run, &view);
	float alone[MAX_VALUES];
	compute_alone(&config, other, 0, N_WINDOW, N_STEP, alone);
	assert_memory_equal(run->values[1], alone, run->n_values * sizeof(float));
	free_run(run);
	free(one);
	free(other);
}

static void beyond_the_ends_of_a_stream_there_is_silence(void **state)
{
	(void)state;
	const struct hk_profile_config config = config_with("none");
	float *x = new_noise(N_WINDOW, 0.3f, 24);
	struct run *run = run_default(&config, x, N_WINDOW);
	assert_int_equal(run->n_windows, 1);
	float *padded = new_padded(x, N_WINDOW, N_CONTEXT);
	float alone[MAX_VALUES];
	compute_alone(&config, padded, 0, N_WINDOW, N_STEP, alone);
	assert_memory_equal(run->values[0], alone, run->n_values * sizeof(float));
	/* The audio around the window counts where there is some. */
	padded[N_CONTEXT - 1] = 0.9f;
	float before[MAX_VALUES];
	compute_alone(&config, padded, 0, N_WINDOW, N_STEP, before);
	assert_memory_not_equal(before, alone, run->n_values * sizeof(float));
	free(padded);
	free_run(run);
	free(x);
}

static void windows_cost_no_allocation(void **state)
{
	(void)state;
	if (!EVERY_ALLOC) {
		skip();
	}
	const struct hk_profile_config config = config_with(all_extensions);
	float *x = new_noise(4 * RATE_HZ, 0.3f, 25);
	struct run *run = new_run(&config, N_WINDOW, N_STEP);
	struct hk_window_view view = { .samples = x + N_CONTEXT, .n_frames = N_WINDOW };
	const size_t n_before = n_allocs;
	on_window(run, &view);
	view.samples += N_STEP;
	view.index++;
	on_window(run, &view);
	assert_int_equal(n_allocs, n_before);
	free_run(run);
	free(x);
}

/* ---- names and parameters ---- */

static void every_value_has_a_name_of_its_own(void **state)
{
	(void)state;
	const struct hk_profile_config config = config_with(all_extensions);
	const size_t n = hk_mel_modulation.n_features(config.config);
	assert_int_equal(n, EXTENSIONS + 1 + 16 + 32 + 12);
	char names[MAX_VALUES][HK_FEATURE_NAME_SIZE];
	for (size_t i = 0; i < n; i++) {
		hk_mel_modulation.feature_name(config.config, i, names[i]);
		const size_t length = strspn(names[i], "abcdefghijklmnopqrstuvwxyz0123456789_");
		assert_true(length > 0 && names[i][length] == '\0');
		for (size_t k = 0; k < i; k++) {
			assert_string_not_equal(names[i], names[k]);
		}
	}
	assert_string_equal(names[0], "mel_mean_00");
	assert_string_equal(names[127], "mel_std_63");
	assert_string_equal(names[160], "modulation_00_00");
	assert_string_equal(names[555], "cepstral_10_19");
	assert_string_equal(names[556], "level_dbfs");
}

static void the_profile_is_556_values_at_16_khz(void **state)
{
	(void)state;
	assert_ptr_equal(hk_profile_find("mel-modulation"), &hk_mel_modulation);
	const struct hk_profile_config config = config_with("none");
	assert_int_equal(hk_mel_modulation.n_features(config.config), EXTENSIONS);
	assert_int_equal(hk_mel_modulation.default_rate_hz, RATE_HZ);
	uint32_t n_left, n_right;
	hk_mel_modulation.context(config.config, &n_left, &n_right);
	assert_int_equal(n_left, N_CONTEXT);
	assert_int_equal(n_right, N_CONTEXT);
}

static void what_cannot_work_is_refused_with_its_key(void **state)
{
	(void)state;
	static const struct {
		const char *key, *text;
		uint32_t rate_hz, n_window, n_step;
	} cases[] = {
		{ "n_fft", "1022", RATE_HZ, N_WINDOW, N_STEP },       /* 2 * 7 * 73 */
		{ "n_fft", "1025", RATE_HZ, N_WINDOW, N_STEP },       /* odd */
		{ "hop", "161", RATE_HZ, 200 * 161, 161 },            /* half a sample of context */
		{ "hop", "2000", RATE_HZ, N_WINDOW, N_STEP },         /* more than n_fft */
		{ "hop", "150", RATE_HZ, N_WINDOW, N_STEP },          /* divides no window */
		{ "hop", "160", RATE_HZ, N_WINDOW, N_STEP + 1 },      /* divides no step */
		{ "hop", "160", RATE_HZ, N_WINDOW, 0 },               /* no step */
		{ "hop", "160", RATE_HZ, N_WINDOW, N_WINDOW + 160 },  /* longer than the window */
		{ "hop", "160", RATE_HZ, 202 * 160, 160 },            /* 202 frames: 2 * 101 */
		{ "fmax_hz", "8000", 15999, N_WINDOW, N_STEP },       /* above half the rate */
		{ "fmax_hz", "50", RATE_HZ, N_WINDOW, N_STEP },       /* fmin */
		{ "n_groups", "15", RATE_HZ, N_WINDOW, N_STEP },      /* does not divide n_mels */
		{ "n_cepstra", "65", RATE_HZ, N_WINDOW, N_STEP },     /* more than n_mels */
		{ "crest_bins", "6", RATE_HZ, N_WINDOW, N_STEP },     /* no band */
		{ "crest_bins", "6 9 9", RATE_HZ, N_WINDOW, N_STEP }, /* empty band */
		{ "crest_bins", "6 514", RATE_HZ, N_WINDOW, N_STEP }, /* beyond the last bin */
		{ "modulation_bins", "4 3", RATE_HZ, N_WINDOW, N_STEP }, /* descending */
		{ "modulation_bins", "1 102", RATE_HZ, N_WINDOW, N_STEP },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hk_profile_config config = config_with("none");
		const struct hk_param *row = hk_params_find(
			hk_mel_modulation.params, hk_mel_modulation.n_params, NULL, cases[i].key);
		assert_int_equal(hk_param_parse(row, config.config, cases[i].text, NULL), 0);
		struct hk_diag diag = { "" };
		assert_int_equal(hk_mel_modulation.check(config.config, cases[i].rate_hz,
					 cases[i].n_window, cases[i].n_step, &diag),
			-EINVAL);
		if (strncmp(diag.text, cases[i].key, strlen(cases[i].key)) != 0) {
			fail_msg("%s = %s: \"%s\"", cases[i].key, cases[i].text, diag.text);
		}
	}
}

static void tones_need_a_rate_and_bins_that_have_them(void **state)
{
	(void)state;
	struct hk_profile_config config = config_with("tonal");
	((struct hk_mel_modulation_config *)(void *)config.config)->fmax_hz = 4000;
	struct hk_diag diag = { "" };
	assert_int_equal(
		hk_mel_modulation.check(config.config, 8000, N_WINDOW, N_STEP, &diag), -EINVAL);
	assert_non_null(strstr(diag.text, "tonal needs a rate"));
	config = config_with("tonal");
	struct hk_mel_modulation_config *coarse = (void *)config.config;
	coarse->n_fft = 150;
	coarse->hop = 100;
	coarse->crest_bins = (struct hk_uint_list){ 2, { 6, 70 } };
	assert_int_equal(
		hk_mel_modulation.check(config.config, RATE_HZ, 200 * 100, 100, &diag), -EINVAL);
	assert_non_null(strstr(diag.text, "n_fft: expected bins of at most 100 Hz"));
	config = config_with("level");
	((struct hk_mel_modulation_config *)(void *)config.config)->fmax_hz = 4000;
	assert_int_equal(hk_mel_modulation.check(config.config, 8000, N_WINDOW, N_STEP, &diag), 0);
}

/* ---- extensions ---- */

static void extensions_follow_the_table_s_order_however_they_are_written(void **state)
{
	(void)state;
	float *x = new_noise(N_WINDOW, 0.3f, 30);
	const struct hk_profile_config a = config_with("level bands tonal");
	const struct hk_profile_config b = config_with("tonal, level,bands");
	struct run *run_a = run_default(&a, x, N_WINDOW);
	struct run *run_b = run_default(&b, x, N_WINDOW);
	assert_int_equal(run_a->n_values, EXTENSIONS + 1 + 16 + 12);
	assert_memory_equal(run_a->values, run_b->values, sizeof(run_a->values));
	free_run(run_a);
	free_run(run_b);
	free(x);
}

static void the_level_is_that_of_the_window_alone(void **state)
{
	(void)state;
	const struct hk_profile_config config = config_with("level");
	float *sine = new_sine(N_WINDOW, 1.0, 1000.0);
	float *padded = new_padded(sine, N_WINDOW, N_CONTEXT);
	padded[0] = 1e3f; /* context is not the window */
	float values[MAX_VALUES];
	compute_alone(&config, padded, 0, N_WINDOW, N_STEP, values);
	assert_float_equal(values[EXTENSIONS], -3.0103f, 1e-3f);
	memset(padded, 0, (N_WINDOW + 2 * N_CONTEXT) * sizeof(*padded));
	compute_alone(&config, padded, 0, N_WINDOW, N_STEP, values);
	assert_float_equal(values[EXTENSIONS], -120.0f, 1e-4f);
	free(sine);
	free(padded);
}

static void band_levels_add_up_to_the_level(void **state)
{
	(void)state;
	const struct hk_profile_config config = config_with("level bands");
	float *padded = new_sine(N_WINDOW + 2 * N_CONTEXT, 0.1, 1000.0);
	float values[MAX_VALUES];
	compute_alone(&config, padded, 0, N_WINDOW, N_STEP, values);
	/* 1 kHz lies within one group: mel 1000 is band 23, group 5. All of the tone's -23 dBFS is
	 * there, but for what the triangles of the group's outer bands share with others. */
	const float *bands = values + EXTENSIONS + 1;
	assert_int_equal(index_of_largest(bands, 16, 1), 5);
	assert_float_equal(bands[5], -23.01f, 0.5f);
	assert_true(bands[15] < -90.0f);
	free(padded);
}

static void crest_without_a_floor_tells_a_faint_tone_from_noise(void **state)
{
	(void)state;
	const struct hk_profile_config config = config_with("crest0");
	/* Loud low noise hides a tone 60 dB below it from the crest with a floor. */
	float *x = new_sine(N_WINDOW, 0.5, 200.0);
	float *tone = new_sine(N_WINDOW, 0.0005, 3100.0);
	float *noise = new_noise(N_WINDOW, 0.0005f, 31);
	float *with_tone = new_signal(N_WINDOW), *with_noise = new_signal(N_WINDOW);
	for (size_t i = 0; i < N_WINDOW; i++) {
		with_tone[i] = x[i] + tone[i];
		with_noise[i] = x[i] + noise[i];
	}
	struct run *a = run_default(&config, with_tone, N_WINDOW);
	struct run *b = run_default(&config, with_noise, N_WINDOW);
	const size_t band = 10; /* bins 183..218 hold 3100 Hz, bin 198.4 */
	assert_float_equal(a->values[0][CREST_MEAN + band], b->values[0][CREST_MEAN + band], 0.01f);
	assert_true(a->values[0][EXTENSIONS + band] > b->values[0][EXTENSIONS + band] + 1.0f);
	free_run(a);
	free_run(b);
	free(x);
	free(tone);
	free(noise);
	free(with_tone);
	free(with_noise);
}

enum tonal {
	SHARE_MEAN,
	SHARE_Q90,
	SHARE_MEDIAN,
	PROMINENCE_MEAN,
	PROMINENCE_Q90,
	PITCH_MEAN,
	PITCH_STD,
	ON,
	STEADY,
	CHANGES,
	LONGEST_ON,
	LONGEST_OFF,
};

static void a_steady_tone_is_on_all_the_time_at_its_pitch(void **state)
{
	(void)state;
	const struct hk_profile_config config = config_with("tonal");
	float *padded = new_sine(N_WINDOW + 2 * N_CONTEXT, 0.1, 3125.0); /* bin 200 */
	float values[MAX_VALUES];
	compute_alone(&config, padded, 0, N_WINDOW, N_STEP, values);
	const float *tonal = values + EXTENSIONS;
	assert_float_equal(tonal[SHARE_MEAN], 1.0f, 1e-4f);
	assert_float_equal(tonal[SHARE_MEDIAN], 1.0f, 1e-4f);
	assert_true(tonal[PROMINENCE_MEAN] > 8.0f);
	assert_float_equal(tonal[PITCH_MEAN], log2f(3125.0f), 1e-5f);
	assert_float_equal(tonal[PITCH_STD], 0.0f, 1e-4f);
	assert_float_equal(tonal[ON], 1.0f, 0.0f);
	assert_float_equal(tonal[STEADY], 1.0f, 0.0f);
	assert_float_equal(tonal[CHANGES], 0.0f, 0.0f);
	assert_float_equal(tonal[LONGEST_ON], 1.0f, 0.0f);
	assert_float_equal(tonal[LONGEST_OFF], 0.0f, 0.0f);
	free(padded);
}

static void a_beep_is_on_as_long_as_it_sounds(void **state)
{
	(void)state;
	const struct hk_profile_config config = config_with("tonal");
	float *x = new_sine(N_WINDOW, 0.3, 2000.0);
	for (size_t i = 0; i < N_WINDOW; i++) {
		const bool sounds = i / 8000 % 2 == 1; /* 0.5 s off, on, off, on */
		x[i] = sounds ? x[i] : 0.0f;
	}
	struct run *run = run_default(&config, x, N_WINDOW);
	const float *tonal = run->values[0] + EXTENSIONS;
	/* A frame is 64 ms: each edge may move by three frames of 10 ms. */
	assert_float_equal(tonal[ON], 0.5f, 0.03f);
	assert_float_equal(tonal[LONGEST_ON], 0.25f, 0.03f);
	assert_float_equal(tonal[LONGEST_OFF], 0.25f, 0.03f);
	assert_float_equal(tonal[CHANGES], log1pf(3.0f), 1e-6f);
	assert_float_equal(tonal[PITCH_MEAN], log2f(2000.0f), 0.01f);
	free_run(run);
	free(x);
}

static void noise_has_no_tone(void **state)
{
	(void)state;
	const struct hk_profile_config config = config_with("tonal");
	float *x = new_noise(N_WINDOW, 0.3f, 32);
	struct run *run = run_default(&config, x, N_WINDOW);
	const float *tonal = run->values[0] + EXTENSIONS;
	assert_true(tonal[SHARE_Q90] < 0.1f);
	assert_float_equal(tonal[ON], 0.0f, 0.0f);
	assert_float_equal(tonal[LONGEST_OFF], 1.0f, 0.0f);
	free_run(run);
	free(x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gain_changes_no_value),
		cmocka_unit_test(a_tone_is_loudest_in_the_mel_band_whose_tip_is_nearest),
		cmocka_unit_test(an_offset_is_not_heard),
		cmocka_unit_test(silence_is_finite_and_has_no_rhythm),
		cmocka_unit_test(noise_that_throbs_has_its_rhythm_where_it_throbs),
		cmocka_unit_test(shared_frames_give_the_same_bits_as_frames_of_ones_own),
		cmocka_unit_test(a_new_stream_shares_nothing_with_the_last),
		cmocka_unit_test(a_window_that_only_claims_to_go_on_shares_nothing),
		cmocka_unit_test(beyond_the_ends_of_a_stream_there_is_silence),
		cmocka_unit_test(windows_cost_no_allocation),
		cmocka_unit_test(every_value_has_a_name_of_its_own),
		cmocka_unit_test(the_profile_is_556_values_at_16_khz),
		cmocka_unit_test(what_cannot_work_is_refused_with_its_key),
		cmocka_unit_test(tones_need_a_rate_and_bins_that_have_them),
		cmocka_unit_test(extensions_follow_the_table_s_order_however_they_are_written),
		cmocka_unit_test(the_level_is_that_of_the_window_alone),
		cmocka_unit_test(band_levels_add_up_to_the_level),
		cmocka_unit_test(crest_without_a_floor_tells_a_faint_tone_from_noise),
		cmocka_unit_test(a_steady_tone_is_on_all_the_time_at_its_pitch),
		cmocka_unit_test(a_beep_is_on_as_long_as_it_sounds),
		cmocka_unit_test(noise_has_no_tone),
	};
	return cmocka_run_group_tests_name("mel_modulation", tests, NULL, NULL);
}
