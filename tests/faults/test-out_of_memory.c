/* SPDX-License-Identifier: MIT */
/* Memory runs out anywhere in what core and config do: while a bundle, a configuration or a file is
 * read, and later. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "config/load.h"
#include "core/audio/audio_file.h"
#include "core/detection/event_pipeline.h"
#include "core/features/live_spectrogram.h"
#include "core/features/profiles.h"
#include "core/math/logistic.h"
#include "core/math/regression.h"
#include "tests/faults/failing-alloc.h"
#include "tests/unit/bundle.h"

/* ---- bundles ---- */

static int load_bundle(void *data)
{
	const struct bundle *bundle = data;
	struct hk_model *model = NULL;
	struct hk_diag diag = { "" };
	const int r = hk_model_load(&model, bundle->folder, &diag);
	assert_true(r == 0 || diag.text[0] != '\0');
	hk_model_free(model);
	return r;
}

static void a_bundle_is_loaded_or_refused(void **state)
{
	alloc_sweep("hk_model_load", ALLOC_ANY, load_bundle, *state);
}

static int save_bundle(void *data)
{
	struct bundle *bundle = data;
	struct hk_diag diag = { "" };
	const int r = hk_model_save(bundle->model, bundle->folder, &diag);
	assert_true(r == 0 || diag.text[0] != '\0');
	alloc_spare(true);
	/* the one before or the one after: there is always a whole one */
	struct hk_model *model = NULL;
	assert_int_equal(hk_model_load(&model, bundle->folder, NULL), 0);
	assert_string_equal(model->hash, bundle->model->hash);
	hk_model_free(model);
	alloc_spare(false);
	return r;
}

static void a_bundle_is_saved_or_stays_as_it_was(void **state)
{
	alloc_sweep("hk_model_save", ALLOC_ANY, save_bundle, *state);
}

static void a_packed_bundle_is_loaded_saved_or_refused(void **state)
{
	struct bundle *bundle = *state;
	assert_int_equal(hk_svm_pack(&bundle->model->svm), 0);
	assert_int_equal(hk_model_save(bundle->model, bundle->folder, NULL), 0);
	alloc_sweep("hk_model_load, packed", ALLOC_ANY, load_bundle, bundle);
	alloc_sweep("hk_model_save, packed", ALLOC_ANY, save_bundle, bundle);
}

/* ---- the configuration ---- */

static int load_configuration(void *data)
{
	struct bundle *bundle = data;
	static struct hk_settings settings;
	struct hk_layers layers = { 0 };
	struct hk_config *config = NULL;
	struct hk_class_rules rules[BUNDLE_N_LABELS];
	struct hk_diag diag = { "" };
	hk_params_defaults(hk_settings_params, hk_n_settings_params, &settings);
	int r = hk_layers_find(&layers, (const char *const[]){ bundle->root }, 1, "kitchen", &diag);
	if (r == 0) {
		r = hk_config_load(&settings, &config, &layers, &diag);
	}
	if (r == 0) {
		assert_int_equal(config->n_layers, 3);
		r = hk_config_class_rules(config, bundle->model, rules, &diag);
	}
	assert_true(r == 0 || diag.text[0] != '\0');
	hk_config_free(config);
	hk_layers_finish(&layers);
	return r;
}

static void write_text(const struct bundle *bundle, const char *name, const char *text)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/%s", bundle->root, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void a_configuration_is_read_whole_or_refused(void **state)
{
	struct bundle *bundle = *state;
	char path[128];
	snprintf(path, sizeof(path), "%s/hearken.conf.d", bundle->root);
	assert_int_equal(mkdir(path, 0700), 0);
	write_text(bundle, "hearken.conf", "[audio]\ndevice = a\n[class music]\non = 0.9\n");
	write_text(bundle, "hearken.conf.d/more.conf", "[history]\nmax_age = 3 d\n");
	write_text(bundle, "kitchen.conf", "[audio]\ninput = -\nrate = 16000\n");
	alloc_sweep("hk_config_load", ALLOC_ANY, load_configuration, bundle);
}

/* ---- sound ---- */

struct hearing {
	const struct hk_model *model; /* NULL: features alone */
	struct hk_profile_config profile;
	uint32_t n_window_frames;
	uint32_t rate_hz; /* of the source */
};

static void on_window(void *owner, const struct hk_window_result *result)
{
	if (owner) {
		hk_event_pipeline_push(owner, result);
	}
}

static void on_span(void *owner, uint64_t first_frame, uint64_t n_frames)
{
	(void)owner;
	(void)first_frame;
	(void)n_frames;
}

static void on_event(void *owner, const struct hk_event *event)
{
	(void)owner;
	(void)event;
}

static int hear_with(const struct hearing *hearing, struct hk_event_pipeline *decider)
{
	static float frames[100000];
	struct hk_window_pipeline_setup setup = {
		.profile = &hearing->profile,
		.rate_hz = 16000,
		.n_window_frames = hearing->n_window_frames,
		.n_step_frames = hearing->n_window_frames / 2,
	};
	if (hearing->model) {
		setup = hk_window_pipeline_setup_of(hearing->model);
	}
	const struct hk_window_pipeline_sink sink = { decider, on_window, on_span, on_span };
	struct hk_window_pipeline *analyzer = NULL;
	struct hk_diag diag = { "" };
	int r = hk_window_pipeline_new(&analyzer, &setup, &sink, &diag);
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		frames[i] = (float)(i * i % 1000) / 1000.0F - 0.5F;
	}
	struct hk_block block = { .n_frames = sizeof(frames) / sizeof(frames[0]),
		.rate_hz = 16000 };
	for (int i = 0; r == 0 && i < 2; i++) {
		r = hk_window_pipeline_push(analyzer, &block, frames);
		block.first_frame += block.n_frames;
		block.rate_hz = hearing->rate_hz;
	}
	if (analyzer) {
		hk_window_pipeline_finish(analyzer);
	}
	hk_window_pipeline_free(analyzer);
	return r;
}

static int hear(void *data)
{
	const struct hearing *hearing = data;
	const struct hk_event_pipeline_sink sink = { .on_start = on_event, .on_end = on_event };
	struct hk_event_pipeline *decider = NULL;
	if (hearing->model) {
		const int r = hk_event_pipeline_new(
			&decider, hearing->model, hearing->model->rules, 16000, &sink);
		if (r < 0) {
			return r;
		}
	}
	const int r = hear_with(hearing, decider);
	if (decider) {
		hk_event_pipeline_finish(decider, HK_EVENT_ENDED);
	}
	hk_event_pipeline_free(decider);
	return r;
}

static void every_profile_hears_or_says_that_it_cannot(void **state)
{
	(void)state;
	for (size_t i = 0; hk_profiles[i]; i++) {
		struct hearing hearing = { .n_window_frames = 32000, .rate_hz = 16000 };
		hk_profile_config_init(&hearing.profile, hk_profiles[i]);
		alloc_sweep(hk_profiles[i]->name, ALLOC_ANY, hear, &hearing);
	}
}

static void a_model_hears_or_says_that_it_cannot(void **state)
{
	struct bundle *bundle = *state;
	struct hearing hearing = { .model = bundle->model, .rate_hz = 16000 };
	alloc_sweep("a model", ALLOC_ANY, hear, &hearing);
	bundle->model->smoothing = (struct hk_smoothing){
		.method = HK_SMOOTHING_HMM, .stay = 6, .lag_s = 2, .cap = 5, .gate_dbfs = -200
	};
	alloc_sweep("a model that smooths", ALLOC_ANY, hear, &hearing);
}

static void a_change_of_rate_is_followed_or_refused(void **state)
{
	struct bundle *bundle = *state;
	struct hearing hearing = { .model = bundle->model, .rate_hz = 44100 };
	/* soxr 0.1.3 does not look at what its filters' memory is */
	alloc_sweep("a change of rate", ALLOC_OURS, hear, &hearing);
}

static int read_audio(void *data)
{
	static float frames[500];
	struct hk_audio_file *file = NULL;
	struct hk_diag diag = { "" };
	const int r = hk_audio_open(&file, data, 0, &diag);
	int64_t n = 0;
	while (r == 0 && (n = hk_audio_read(file, frames, 500, &diag)) > 0) {}
	hk_audio_close(file);
	return r < 0 ? r : (int)n;
}

static void an_audio_file_is_read_or_refused(void **state)
{
	struct bundle *bundle = *state;
	static const unsigned char header[44] =
		"RIFF\x24\x08\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x40\x1f\0"
		"\0\x80\x3e\0\0\2\0\x10\0data\0\x08\0";
	static const unsigned char samples[2048];
	char path[128];
	snprintf(path, sizeof(path), "%s/a.wav", bundle->root);
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(header, 1, sizeof(header), file), sizeof(header));
	assert_int_equal(fwrite(samples, 1, sizeof(samples), file), sizeof(samples));
	assert_int_equal(fclose(file), 0);
	/* libsndfile 1.2 falls over its own header's buffer */
	alloc_sweep("hk_audio_open", ALLOC_OURS, read_audio, path);
}

static void on_column(void *owner, const struct hk_live_spectrogram_column *column)
{
	(void)owner;
	(void)column;
}

static int make_picture(void *data)
{
	(void)data;
	struct hk_live_spectrogram *picture = NULL;
	const int r = hk_live_spectrogram_new(&picture, 48000, on_column, NULL);
	hk_live_spectrogram_free(picture);
	return r;
}

static void a_picture_is_made_or_not(void **state)
{
	(void)state;
	alloc_sweep("hk_live_spectrogram_new", ALLOC_ANY, make_picture, NULL);
}

/* ---- regressions ---- */

#define N_ROWS 20

static int fit(void *data)
{
	(void)data;
	double x[N_ROWS], y[N_ROWS];
	for (int i = 0; i < N_ROWS; i++) {
		x[i] = i;
		y[i] = i % 3 == 0 || i > 12;
	}
	const struct hk_observations observations = {
		.x = x, .y = y, .n = N_ROWS, .n_terms = 1, .ridge = 0.1
	};
	struct hk_polynomial polynomial;
	struct hk_linear linear;
	struct hk_logistic logistic;
	int r = hk_polynomial_fit(&polynomial, x, y, N_ROWS, 3);
	if (r == 0) {
		r = hk_linear_fit(&linear, &observations);
	}
	return r == 0 ? hk_logistic_fit(&logistic, &observations) : r;
}

static void a_regression_is_fitted_or_not(void **state)
{
	(void)state;
	alloc_sweep("regressions", ALLOC_ANY, fit, NULL);
}

#define WITH_BUNDLE(test_) cmocka_unit_test_setup_teardown(test_, bundle_setup, bundle_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_BUNDLE(a_bundle_is_loaded_or_refused),
		WITH_BUNDLE(a_bundle_is_saved_or_stays_as_it_was),
		WITH_BUNDLE(a_packed_bundle_is_loaded_saved_or_refused),
		WITH_BUNDLE(a_configuration_is_read_whole_or_refused),
		cmocka_unit_test(every_profile_hears_or_says_that_it_cannot),
		WITH_BUNDLE(a_model_hears_or_says_that_it_cannot),
		WITH_BUNDLE(a_change_of_rate_is_followed_or_refused),
		WITH_BUNDLE(an_audio_file_is_read_or_refused),
		cmocka_unit_test(a_picture_is_made_or_not),
		cmocka_unit_test(a_regression_is_fitted_or_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
