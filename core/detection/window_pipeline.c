/* SPDX-License-Identifier: MIT */
#include "core/detection/window_pipeline.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "core/audio/highpass.h"
#include "core/audio/resample.h"
#include "core/audio/sample.h"
#include "core/audio/stillness.h"
#include "core/math/lanes.h"

#define CHUNK_FRAMES 1024 /* that are cleaned at a time */

struct hk_window_pipeline {
	struct hk_window_pipeline_setup setup;
	struct hk_window_pipeline_sink sink;
	struct hk_window *window;
	struct hk_extractor *extractor;
	struct hk_classifier *classifier; /* NULL without a model */
	float *features;
	struct hk_resample *resample; /* from source_hz; NULL before the first block */
	uint32_t source_hz;

	bool running;          /* a stream is */
	uint64_t first_source; /* position of the stream's first frame on the source's axis */
	uint64_t n_source;     /* frames of the stream that were pushed */
	uint64_t n_model;      /* frames of the stream at the model's rate */
	struct hk_highpass highpass;
	struct hk_stillness stillness;
	uint64_t still_first, still_end; /* of the stream: where the last long stillness that is
					    over lay; equal: there was none */
};

struct hk_window_pipeline_setup hk_window_pipeline_setup_of(const struct hk_model *model)
{
	return (struct hk_window_pipeline_setup){
		.profile = &model->profile,
		.rate_hz = model->rate_hz,
		.n_window_frames = model->n_window_frames,
		.n_step_frames = model->n_step_frames,
		.model = model,
	};
}

/* Frame FRAME of the stream at the model's rate on the source's axis. The last frame may reach
 * beyond the end of the source, since a stream's length is rounded up: cut there. */
static uint64_t source_position(const struct hk_window_pipeline *analyzer, uint64_t frame)
{
	const uint64_t position =
		hk_resample_position(frame, analyzer->setup.rate_hz, analyzer->source_hz);
	return analyzer->first_source +
		(position < analyzer->n_source ? position : analyzer->n_source);
}

static float to_db(double amplitude)
{
	return (float)(20.0 * log10(amplitude)); /* of 0: -INFINITY */
}

struct loudness {
	double energy;
	float peak;
};

HK_INLINE struct loudness loudness_of_body(const float *samples, uint32_t n)
{
	return (struct loudness){ hk_lanes_power_sum(samples, n, 2), hk_lanes_peak(samples, n) };
}

HK_MULTIVERSION(struct loudness, loudness_of, (const float *samples, uint32_t n), (samples, n))

/* The same of samples that still have their offset: around the straight line that fits them best.
 */
static struct loudness loudness_around_line(const float *samples, uint32_t n)
{
	const double middle = 0.5 * (n - 1.0);
	double sum = 0.0, moment = 0.0;
	for (uint32_t i = 0; i < n; i++) {
		sum += (double)samples[i];
		moment += (i - middle) * (double)samples[i];
	}
	const double mean = sum / n;
	const double spread = n * ((double)n * n - 1.0) / 12.0; /* of the positions */
	const double slope = n > 1 ? moment / spread : 0.0;
	struct loudness loudness = { 0 };
	for (uint32_t i = 0; i < n; i++) {
		const double rest = (double)samples[i] - mean - slope * (i - middle);
		loudness.energy += rest * rest;
		loudness.peak = fmaxf(loudness.peak, (float)fabs(rest));
	}
	return loudness;
}

/* Did the source's samples not change from frame FIRST to END of the stream? */
static bool is_still(const struct hk_window_pipeline *analyzer, uint64_t first, uint64_t end)
{
	const uint64_t n_still = analyzer->stillness.n_still;
	return first >= analyzer->n_source - n_still ||
		(first >= analyzer->still_first && end <= analyzer->still_end);
}

static void on_window(void *owner, const struct hk_window_view *view)
{
	struct hk_window_pipeline *analyzer = owner;
	const bool keeps_offset = analyzer->setup.profile->profile->keeps_offset;
	const struct loudness loudness = keeps_offset
		? loudness_around_line(view->samples, view->n_frames)
		: loudness_of(view->samples, view->n_frames);
	struct hk_window_result result = {
		.first_frame = source_position(analyzer, view->first_frame),
		.end_frame = source_position(analyzer, view->first_frame + view->n_frames),
		.index = view->index,
		.level_dbfs = to_db(sqrt(loudness.energy / view->n_frames)),
		.peak_dbfs = to_db((double)loudness.peak),
		.samples = view->samples,
	};
	result.zeros = is_still(analyzer, result.first_frame - analyzer->first_source,
		result.end_frame - analyzer->first_source);
	if (result.zeros) {
		result.level_dbfs = result.peak_dbfs = -INFINITY;
	}
	if (!result.zeros) {
		analyzer->setup.profile->profile->compute(
			analyzer->extractor, view, analyzer->features);
		result.features = analyzer->features;
	}
	if (!result.zeros && analyzer->classifier) {
		hk_classify(analyzer->classifier, analyzer->features, &result.classification);
	}
	analyzer->sink.on_window(analyzer->sink.owner, &result);
}

static void on_remainder(void *owner, uint64_t first_frame, uint64_t n_frames)
{
	struct hk_window_pipeline *analyzer = owner;
	const uint64_t first = source_position(analyzer, first_frame);
	const uint64_t end = source_position(analyzer, first_frame + n_frames);
	analyzer->sink.on_remainder(analyzer->sink.owner, first, end - first);
}

/* The window sees each stream on an axis of its own, from 0 and without holes. */
static void on_no_gap(void *owner, uint64_t first_frame, uint64_t n_frames)
{
	(void)owner;
	(void)first_frame;
	(void)n_frames;
	assert(false);
}

static void on_resampled(void *owner, const float *samples, size_t n_samples)
{
	struct hk_window_pipeline *analyzer = owner;
	hk_window_push(analyzer->window, analyzer->n_model, samples, n_samples);
	analyzer->n_model += n_samples;
}

static int check(const struct hk_window_pipeline_setup *setup, struct hk_diag *diag)
{
	if (setup->rate_hz < HK_MIN_RATE_HZ || setup->rate_hz > HK_MAX_RATE_HZ) {
		return hk_diag_set(diag, -EINVAL, "rate: expected %d to %d Hz, got %u",
			HK_MIN_RATE_HZ, HK_MAX_RATE_HZ, setup->rate_hz);
	}
	return setup->profile->profile->check(setup->profile->config, setup->rate_hz,
		setup->n_window_frames, setup->n_step_frames, diag);
}

static int make_parts(struct hk_window_pipeline *analyzer, struct hk_diag *diag)
{
	const struct hk_window_pipeline_setup *setup = &analyzer->setup;
	const struct hk_profile *profile = setup->profile->profile;
	const void *config = setup->profile->config;
	struct hk_window_shape shape = { setup->n_window_frames, setup->n_step_frames, 0, 0 };
	profile->context(config, &shape.n_left, &shape.n_right);
	const struct hk_window_sink sink = { analyzer, on_window, on_remainder, on_no_gap };
	int r = hk_window_new(&analyzer->window, &shape, &sink);
	if (r == -EINVAL) {
		return hk_diag_set(diag, r, "windows of %u frames every %u frames are impossible",
			shape.n_frames, shape.n_step_frames);
	}
	if (r < 0) {
		return r;
	}
	analyzer->features = calloc(profile->n_features(config), sizeof(*analyzer->features));
	if (!analyzer->features) {
		return -ENOMEM;
	}
	r = profile->extractor_new(&analyzer->extractor, config, setup->rate_hz,
		setup->n_window_frames, setup->n_step_frames);
	if (r < 0 || !setup->model) {
		return r;
	}
	return hk_classifier_new(&analyzer->classifier, setup->model);
}

int hk_window_pipeline_new(struct hk_window_pipeline **ret,
	const struct hk_window_pipeline_setup *setup, const struct hk_window_pipeline_sink *sink,
	struct hk_diag *diag)
{
	int r = check(setup, diag);
	if (r < 0) {
		return r;
	}
	struct hk_window_pipeline *analyzer = calloc(1, sizeof(*analyzer));
	if (!analyzer) {
		return -ENOMEM;
	}
	analyzer->setup = *setup;
	analyzer->sink = *sink;
	r = make_parts(analyzer, diag);
	if (r < 0) {
		hk_window_pipeline_free(analyzer);
		return r;
	}
	*ret = analyzer;
	return 0;
}

void hk_window_pipeline_free(struct hk_window_pipeline *analyzer)
{
	if (!analyzer) {
		return;
	}
	hk_resample_free(analyzer->resample);
	hk_window_free(analyzer->window);
	if (analyzer->extractor) {
		analyzer->setup.profile->profile->extractor_free(analyzer->extractor);
	}
	hk_classifier_free(analyzer->classifier);
	free(analyzer->features);
	free(analyzer);
}

/* Are BLOCK's positions on the stream's axis? A block without frames has no rate. */
static bool same_axis(const struct hk_window_pipeline *analyzer, const struct hk_block *block)
{
	return block->n_frames == 0 || block->rate_hz == analyzer->source_hz;
}

/* Does BLOCK go on where the stream stands? An overrun leaves a hole even if the source cannot say
 * how long it is. */
static bool continues(const struct hk_window_pipeline *analyzer, const struct hk_block *block)
{
	return (block->flags & (HK_BLOCK_START | HK_BLOCK_OVERRUN)) == 0 &&
		same_axis(analyzer, block) &&
		block->first_frame == analyzer->first_source + analyzer->n_source;
}

/* End the stream because BLOCK does not go on with it, and say what is missing in between. */
static void break_off(struct hk_window_pipeline *analyzer, const struct hk_block *block)
{
	const uint64_t expected = analyzer->first_source + analyzer->n_source;
	const uint64_t first = block->first_frame;
	const bool hole = first > expected && same_axis(analyzer, block);
	hk_window_pipeline_finish(analyzer);
	analyzer->sink.on_gap(
		analyzer->sink.owner, hole ? expected : first, hole ? first - expected : 0);
}

static int begin(struct hk_window_pipeline *analyzer, const struct hk_block *block)
{
	if (block->rate_hz != analyzer->source_hz) {
		struct hk_resample *resample = NULL;
		const int r = hk_resample_new(
			&resample, block->rate_hz, analyzer->setup.rate_hz, on_resampled, analyzer);
		if (r < 0) {
			return r;
		}
		hk_resample_free(analyzer->resample);
		analyzer->resample = resample;
		analyzer->source_hz = block->rate_hz;
	}
	analyzer->first_source = block->first_frame;
	analyzer->n_source = 0;
	analyzer->n_model = 0;
	hk_highpass_begin(&analyzer->highpass, block->rate_hz);
	analyzer->stillness = (struct hk_stillness){ 0 };
	analyzer->still_first = analyzer->still_end = 0;
	analyzer->running = true;
	return 0;
}

/* The stream's next N SAMPLES: where do they not change? A stillness too short for a window is not
 * kept. */
static void look_for_stillness(
	struct hk_window_pipeline *analyzer, const float *samples, uint32_t n, uint64_t n_window)
{
	struct hk_stillness *stillness = &analyzer->stillness;
	if (stillness->n_still + n <= n_window) { /* none that is long enough ends here */
		hk_stillness_run(stillness, samples, n, 1);
		analyzer->n_source += n;
		return;
	}
	for (uint32_t i = 0; i < n; i++) {
		const uint64_t n_before = stillness->n_still;
		hk_stillness_push(stillness, samples[i]);
		if (stillness->n_still <= n_before && n_before >= n_window) {
			analyzer->still_first = analyzer->n_source - n_before;
			analyzer->still_end = analyzer->n_source;
		}
		analyzer->n_source++;
	}
}

/* Feed N_FRAMES of the stream, without what is no sound: one NaN would spoil the resampler's whole
 * block. */
static int feed(struct hk_window_pipeline *analyzer, const float *frames, uint32_t n_frames)
{
	const struct hk_window_pipeline_setup *setup = &analyzer->setup;
	const uint64_t n_window =
		hk_resample_position(setup->n_window_frames, setup->rate_hz, analyzer->source_hz);
	float clean[CHUNK_FRAMES];
	while (n_frames > 0) {
		const uint32_t n = n_frames < CHUNK_FRAMES ? n_frames : CHUNK_FRAMES;
		for (uint32_t i = 0; i < n; i++) {
			clean[i] = hk_sample_clean(frames[i]);
		}
		look_for_stillness(analyzer, clean, n, n_window);
		if (!setup->profile->profile->keeps_offset) {
			hk_highpass_run(&analyzer->highpass, clean, n);
		}
		const int r = hk_resample_push(analyzer->resample, clean, n);
		if (r < 0) {
			return r;
		}
		frames += n;
		n_frames -= n;
	}
	return 0;
}

int hk_window_pipeline_push(
	struct hk_window_pipeline *analyzer, const struct hk_block *block, const float *frames)
{
	if (analyzer->running && !continues(analyzer, block)) {
		break_off(analyzer, block);
	}
	int r = 0;
	if (!analyzer->running && block->n_frames > 0) {
		r = begin(analyzer, block);
	}
	if (r == 0) {
		r = feed(analyzer, frames, block->n_frames);
	}
	if (r < 0 || (block->flags & HK_BLOCK_END)) {
		hk_window_pipeline_finish(analyzer);
	}
	return r;
}

uint64_t hk_window_pipeline_missing(const struct hk_window_pipeline *analyzer)
{
	if (!analyzer->running) {
		return 0;
	}
	const uint32_t source_hz = analyzer->source_hz, model_hz = analyzer->setup.rate_hz;
	const uint64_t n_missing = hk_window_missing(analyzer->window);
	/* What the resampler has taken may come out at any time. */
	const uint64_t n_held =
		hk_resample_position(analyzer->n_source, source_hz, model_hz) - analyzer->n_model;
	return n_missing > n_held ? hk_resample_position(n_missing - n_held, model_hz, source_hz)
				  : 0;
}

void hk_window_pipeline_finish(struct hk_window_pipeline *analyzer)
{
	if (!analyzer->running) {
		return;
	}
	hk_resample_finish(analyzer->resample);
	hk_window_finish(analyzer->window);
	analyzer->running = false;
}
