/* SPDX-License-Identifier: MIT */
/*
 * bench-window: one window of a model, whole and stage by stage. Successive calls are successive
 * windows of one stream, so that windows share what they share in the daemon.
 */
#include <string.h>

#include "core/audio/resample.h"
#include "core/detection/window_pipeline.h"
#include "core/features/flatness.h"
#include "core/features/framing.h"
#include "core/features/mel/mel_frames.h"
#include "core/features/mel/mel_modulation.h"
#include "core/features/spectrogram/db_picture.h"
#include "core/features/spectrogram/spectrogram.h"
#include "core/features/spectrogram/time_features.h"
#include "core/features/stft.h"
#include "tests/bench/bench.h"

#define N_STEPS 64 /* of the sound, which goes round */
#define BLOCK_FRAMES 1024

struct work {
	struct hk_model *model;
	struct hk_window_pipeline *analyzer;
	struct hk_extractor *extractor;
	struct hk_profile_config profile;
	struct hk_classifier *classifier;
	struct hk_mel_frames mel_frames;
	struct hk_framing framing;
	struct hk_stft *stft;
	struct hk_db_picture *picture;
	struct hk_resample *resample;
	float *sound;
	float *power; /* frames * bins, of one window */
	float *features;
	float *scaled;
	uint32_t rate_hz, n_window_frames, n_step_frames, n_bins;
	uint64_t n_pushed; /* frames */
	uint64_t step;     /* of the next window */
	uint64_t n_results;
};

static void on_window(void *owner, const struct hk_window_result *result)
{
	struct work *work = owner;
	work->n_results += result->classification.probabilities != NULL;
}

static void on_span(void *owner, uint64_t first_frame, uint64_t n_frames)
{
	(void)owner;
	(void)first_frame;
	(void)n_frames;
}

/* The shape of a window, and sound for N_STEPS of them with what a profile sees around them. */
static struct work *make(const struct hk_profile_config *profile, uint32_t rate_hz,
	uint32_t n_window_frames, uint32_t n_step_frames)
{
	struct work *work = bench_alloc(1, sizeof(*work));
	uint32_t n_left, n_right;
	profile->profile->context(profile->config, &n_left, &n_right);
	work->profile = *profile;
	work->rate_hz = rate_hz;
	work->n_window_frames = n_window_frames;
	work->n_step_frames = n_step_frames;
	work->sound = bench_sound(
		n_left, (size_t)N_STEPS * n_step_frames + n_window_frames + n_right, rate_hz);
	work->features = bench_alloc(profile->profile->n_features(profile->config), sizeof(float));
	return work;
}

static struct work *make_from_model(char **words)
{
	struct hk_diag diag = { "" };
	struct hk_model *model;
	if (hk_model_load(&model, words[0], &diag) < 0) {
		bench_fail(words[0], diag.text);
	}
	struct work *work =
		make(&model->profile, model->rate_hz, model->n_window_frames, model->n_step_frames);
	work->model = model;
	return work;
}

static struct hk_window_view next_view(struct work *work)
{
	const uint64_t step = work->step++ % N_STEPS;
	return (struct hk_window_view){
		.samples = work->sound + step * work->n_step_frames,
		.n_frames = work->n_window_frames,
		.index = step,
		.first_frame = step * work->n_step_frames,
	};
}

/* ---- the whole: what the daemon does with a step of sound ---- */

static void push_step(struct work *work)
{
	uint32_t n_left = work->n_step_frames;
	const float *frames =
		work->sound + work->n_pushed / work->n_step_frames % N_STEPS * work->n_step_frames;
	while (n_left > 0) {
		const uint32_t n = n_left < BLOCK_FRAMES ? n_left : BLOCK_FRAMES;
		const struct hk_block block = {
			.first_frame = work->n_pushed, .n_frames = n, .rate_hz = work->rate_hz
		};
		if (hk_window_pipeline_push(work->analyzer, &block, frames) < 0) {
			bench_fail("window", "the analyzer refused a block");
		}
		frames += n;
		n_left -= n;
		work->n_pushed += n;
	}
}

static void *prepare_window(char **words)
{
	struct work *work = make_from_model(words);
	const struct hk_window_pipeline_setup setup = hk_window_pipeline_setup_of(work->model);
	const struct hk_window_pipeline_sink sink = { work, on_window, on_span, on_span };
	struct hk_diag diag = { "" };
	if (hk_window_pipeline_new(&work->analyzer, &setup, &sink, &diag) < 0) {
		bench_fail(words[0], diag.text);
	}
	while (work->n_results < 2) { /* from now on a step a window */
		push_step(work);
	}
	return work;
}

static void run_window(void *work_)
{
	struct work *work = work_;
	const uint64_t n_before = work->n_results;
	push_step(work);
	if (work->n_results != n_before + 1) {
		bench_fail("window", "a step was not a window");
	}
}

/* ---- features and classification ---- */

static void make_extractor(struct work *work)
{
	struct hk_diag diag = { "" };
	const struct hk_profile *profile = work->profile.profile;
	if (profile->check(work->profile.config, work->rate_hz, work->n_window_frames,
		    work->n_step_frames, &diag) < 0) {
		bench_fail(profile->name, diag.text);
	}
	if (profile->extractor_new(&work->extractor, work->profile.config, work->rate_hz,
		    work->n_window_frames, work->n_step_frames) < 0) {
		bench_fail(profile->name, "no memory");
	}
}

static void *prepare_features(char **words)
{
	struct work *work = make_from_model(words);
	make_extractor(work);
	return work;
}

static void *prepare_spectrogram_at(char **words)
{
	struct hk_profile_config profile;
	hk_profile_config_init(&profile, &hk_spectrogram);
	const uint32_t rate_hz = bench_count(words[0]);
	struct work *work = make(&profile, rate_hz, 2 * rate_hz, rate_hz);
	make_extractor(work);
	return work;
}

static void run_features(void *work_)
{
	struct work *work = work_;
	const struct hk_window_view view = next_view(work);
	work->profile.profile->compute(work->extractor, &view, work->features);
}

static void *prepare_classify(char **words)
{
	struct work *work = prepare_features(words);
	run_features(work);
	if (hk_classifier_new(&work->classifier, work->model) < 0) {
		bench_fail("classify", "no memory");
	}
	work->scaled = bench_alloc(work->model->svm.stride, sizeof(float));
	return work;
}

static void run_classify(void *work_)
{
	struct work *work = work_;
	struct hk_classification classification;
	hk_classify(work->classifier, work->features, &classification);
}

static void run_scale(void *work_)
{
	struct work *work = work_;
	hk_scaler_apply(&work->model->scaler, work->features, work->scaled);
}

/* ---- stages of the spectrogram ---- */

static void *prepare_spectrogram(char **words)
{
	struct work *work = make_from_model(words);
	if (work->profile.profile != &hk_spectrogram) {
		bench_fail(words[0], "expected a model of the profile spectrogram");
	}
	const struct hk_spectrogram_config *config = (const void *)work->profile.config;
	work->n_bins = config->n_fft / 2 + 1;
	if (hk_framing_init(&work->framing, work->n_window_frames, config->n_fft,
		    config->win_length / 4, config->pad_mode) < 0 ||
		hk_stft_new(&work->stft, config->n_fft, config->win_length) < 0 ||
		hk_db_picture_new(&work->picture, work->n_bins, work->framing.n_frames,
			config->n_rows, config->n_columns) < 0) {
		bench_fail("spectrogram", "no memory");
	}
	work->power = bench_alloc((size_t)work->framing.n_frames * work->n_bins, sizeof(float));
	for (uint32_t t = 0; t < work->framing.n_frames; t++) {
		hk_stft_power(work->stft, hk_framing_frame(&work->framing, work->sound, t),
			work->power + (size_t)t * work->n_bins);
	}
	return work;
}

static void run_time_features(void *work_)
{
	struct work *work = work_;
	struct hk_time_features features;
	hk_time_features(next_view(work).samples, work->n_window_frames, &features);
}

static void run_stft(void *work_)
{
	struct work *work = work_;
	const float *samples = next_view(work).samples;
	for (uint32_t t = 0; t < work->framing.n_frames; t++) {
		hk_stft_power(
			work->stft, hk_framing_frame(&work->framing, samples, t), work->power);
	}
}

static void run_flatness(void *work_)
{
	struct work *work = work_;
	volatile double sum = 0;
	for (uint32_t t = 0; t < work->framing.n_frames; t++) {
		sum = sum + hk_flatness(work->power + (size_t)t * work->n_bins, work->n_bins);
	}
}

static void run_picture(void *work_)
{
	struct work *work = work_;
	hk_db_picture_begin(work->picture);
	for (uint32_t t = 0; t < work->framing.n_frames; t++) {
		hk_db_picture_add(work->picture, work->power + (size_t)t * work->n_bins);
	}
	hk_db_picture_draw(work->picture, work->features);
}

/* ---- stages of mel-modulation ---- */

static void *prepare_mel(char **words)
{
	struct work *work = make_from_model(words);
	if (work->profile.profile != &hk_mel_modulation) {
		bench_fail(words[0], "expected a model of the profile mel-modulation");
	}
	const struct hk_mel_modulation_config *config = (const void *)work->profile.config;
	work->power = bench_alloc(config->n_fft / 2 + 1, sizeof(float));
	if (hk_mel_frames_init(&work->mel_frames, config, true, work->rate_hz,
		    work->n_window_frames, work->n_step_frames) < 0 ||
		hk_stft_new(&work->stft, config->n_fft, config->n_fft) < 0) {
		bench_fail("mel-modulation", "no memory");
	}
	return work;
}

static void run_mel_stft(void *work_)
{
	struct work *work = work_;
	const float *samples = next_view(work).samples;
	const uint32_t hop = work->mel_frames.config.hop;
	for (uint32_t start = 0; start < work->n_step_frames; start += hop) {
		hk_stft_power(work->stft, samples + start, work->power);
	}
}

static void run_mel_frames(void *work_)
{
	struct work *work = work_;
	const struct hk_window_view view = next_view(work);
	hk_mel_frames_update(&work->mel_frames, &view);
}

/* ---- a second of sound at another rate ---- */

static void on_samples(void *owner, const float *samples, size_t n_samples)
{
	(void)samples;
	((struct work *)owner)->n_pushed += n_samples;
}

static void *prepare_resample(char **words)
{
	struct work *work = bench_alloc(1, sizeof(*work));
	work->rate_hz = bench_count(words[0]);
	work->sound = bench_sound(0, work->rate_hz, work->rate_hz);
	if (hk_resample_new(
		    &work->resample, work->rate_hz, bench_count(words[1]), on_samples, work) < 0) {
		bench_fail("resample", "impossible rates");
	}
	return work;
}

static void run_resample(void *work_)
{
	struct work *work = work_;
	for (uint32_t i = 0; i < work->rate_hz; i += BLOCK_FRAMES) {
		const uint32_t n_left = work->rate_hz - i;
		hk_resample_push(work->resample, work->sound + i,
			n_left < BLOCK_FRAMES ? n_left : BLOCK_FRAMES);
	}
}

const struct bench_piece bench_window_pieces[] = {
	{ "window", "BUNDLE", 1, prepare_window, run_window },
	{ "features", "BUNDLE", 1, prepare_features, run_features },
	{ "classify", "BUNDLE", 1, prepare_classify, run_classify },
	{ "scale", "BUNDLE", 1, prepare_classify, run_scale },
	{ "spectrogram-at", "RATE", 1, prepare_spectrogram_at, run_features },
	{ "spectrogram-time", "BUNDLE", 1, prepare_spectrogram, run_time_features },
	{ "spectrogram-stft", "BUNDLE", 1, prepare_spectrogram, run_stft },
	{ "spectrogram-flatness", "BUNDLE", 1, prepare_spectrogram, run_flatness },
	{ "spectrogram-picture", "BUNDLE", 1, prepare_spectrogram, run_picture },
	{ "mel-stft", "BUNDLE", 1, prepare_mel, run_mel_stft },
	{ "mel-frames", "BUNDLE", 1, prepare_mel, run_mel_frames },
	{ "resample", "FROM TO", 2, prepare_resample, run_resample },
	{ 0 },
};
