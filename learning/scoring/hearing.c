/* SPDX-License-Identifier: MIT */
#include "learning/scoring/hearing.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/audio/audio_file.h"
#include "core/detection/event_pipeline.h"
#include "learning/data/bandwidth.h"

#define BLOCK_FRAMES 8192
#define SAME_START_S 1e-3F

struct hk_hearing {
	struct hk_hearing_setup setup;
	struct hk_window_pipeline *analyzer;
	size_t n_features;
	float frames[BLOCK_FRAMES];
	/* of the recording at hand */
	struct hk_event_pipeline *decider;
	struct hk_treater *treater;
	struct hk_bandwidth *bandwidth; /* of the recording, before it is treated */
	double rate_hz;
	uint64_t n_frames; /* heard */
	double now_s;      /* end of the newest window */
	double announced_s[HK_MAX_CLASSES];
	size_t n_room, n_event_room;
	struct hk_intake_counts counts; /* of the last reading */
	int error;
	struct hk_heard_take heard;
	/* of a window that is looked for */
	float wanted_s;
	float *wanted;
	bool found;
};

/* ---- what the analyzer and the decider say ---- */

/* Room for one more window in every array of HEARD. */
static int make_room(struct hk_hearing *hearing)
{
	struct hk_heard_take *heard = &hearing->heard;
	if (heard->n_windows < hearing->n_room) {
		return 0;
	}
	const size_t n = hearing->n_room ? 2 * hearing->n_room : 16;
	const size_t n_labels = hearing->setup.model->n_labels;
	float *start_s = reallocarray(heard->start_s, n, sizeof(*start_s));
	heard->start_s = start_s ? start_s : heard->start_s;
	float *level_dbfs = reallocarray(heard->level_dbfs, n, sizeof(*level_dbfs));
	heard->level_dbfs = level_dbfs ? level_dbfs : heard->level_dbfs;
	uint32_t *decided = reallocarray(heard->decided, n, sizeof(*decided));
	heard->decided = decided ? decided : heard->decided;
	double *p = reallocarray(heard->probabilities, n * n_labels, sizeof(*p));
	heard->probabilities = p ? p : heard->probabilities;
	if (!start_s || !level_dbfs || !decided || !p) {
		return -ENOMEM;
	}
	if (hearing->setup.keep_features) {
		float *features =
			reallocarray(heard->features, n, hearing->n_features * sizeof(*features));
		if (!features) {
			return -ENOMEM;
		}
		heard->features = features;
	}
	hearing->n_room = n;
	return 0;
}

static void keep_window(struct hk_hearing *hearing, const struct hk_window_result *result)
{
	struct hk_heard_take *heard = &hearing->heard;
	const size_t n_labels = hearing->setup.model->n_labels, at = heard->n_windows;
	if (result->zeros) {
		heard->n_zero_windows++;
		return;
	}
	if (hearing->error < 0 || (hearing->error = make_room(hearing)) < 0) {
		return;
	}
	heard->start_s[at] = (float)((double)result->first_frame / hearing->rate_hz);
	heard->level_dbfs[at] = result->level_dbfs;
	heard->decided[at] = result->classification.decided;
	memcpy(heard->probabilities + at * n_labels, result->classification.probabilities,
		n_labels * sizeof(double));
	if (heard->features) {
		memcpy(heard->features + at * hearing->n_features, result->features,
			hearing->n_features * sizeof(float));
	}
	heard->n_windows++;
}

static void on_window(void *owner, const struct hk_window_result *result)
{
	struct hk_hearing *hearing = owner;
	const float start_s = (float)((double)result->first_frame / hearing->rate_hz);
	if (hearing->wanted && fabsf(start_s - hearing->wanted_s) < SAME_START_S) {
		memcpy(hearing->wanted, result->samples,
			hearing->setup.model->n_window_frames * sizeof(float));
		hearing->found = true;
	}
	hearing->now_s = (double)result->end_frame / hearing->rate_hz;
	keep_window(hearing, result);
	hk_event_pipeline_push(hearing->decider, result);
}

/* A recording is one stream; what fills no window is not judged. */
static void ignore(void *owner, uint64_t first_frame, uint64_t n_frames)
{
	(void)owner, (void)first_frame, (void)n_frames;
}

static void on_start(void *owner, const struct hk_event *event)
{
	struct hk_hearing *hearing = owner;
	hearing->announced_s[event->label] = hearing->now_s;
}

/* The last event of LABEL so far. */
static struct hk_heard_take_event *last_of(struct hk_heard_take *heard, uint32_t label)
{
	for (size_t i = heard->n_events; i-- > 0;) {
		if (heard->events[i].label == label) {
			return &heard->events[i];
		}
	}
	return NULL;
}

static void on_end(void *owner, const struct hk_event *event)
{
	struct hk_hearing *hearing = owner;
	struct hk_heard_take *heard = &hearing->heard;
	const double end_s = (double)event->end_frame / hearing->rate_hz;
	struct hk_heard_take_event *before = event->continues ? last_of(heard, event->label) : NULL;
	if (before) {
		before->end_s = end_s;
		before->peak_probability = fmax(before->peak_probability, event->peak_probability);
		return;
	}
	if (heard->n_events == hearing->n_event_room) {
		const size_t n = heard->n_events ? 2 * heard->n_events : 8;
		struct hk_heard_take_event *events =
			reallocarray(heard->events, n, sizeof(*events));
		if (!events) {
			hearing->error = -ENOMEM;
			return;
		}
		heard->events = events;
		hearing->n_event_room = n;
	}
	heard->events[heard->n_events++] = (struct hk_heard_take_event){
		.label = event->label,
		.start_s = (double)event->start_frame / hearing->rate_hz,
		.end_s = end_s,
		.announced_s = hearing->announced_s[event->label],
		.peak_probability = event->peak_probability,
	};
}

/* ---- from the file to the analyzer ---- */

int hk_hearing_new(
	struct hk_hearing **ret, const struct hk_hearing_setup *setup, struct hk_diag *diag)
{
	struct hk_hearing *hearing = calloc(1, sizeof(*hearing));
	if (!hearing) {
		return -ENOMEM;
	}
	const struct hk_window_pipeline_setup analyzer = hk_window_pipeline_setup_of(setup->model);
	const struct hk_window_pipeline_sink sink = { hearing, on_window, ignore, ignore };
	const struct hk_profile_config *profile = &setup->model->profile;
	hearing->setup = *setup;
	hearing->n_features = profile->profile->n_features(profile->config);
	int r = hk_window_pipeline_new(&hearing->analyzer, &analyzer, &sink, diag);
	r = r < 0 ? r : hk_bandwidth_new(&hearing->bandwidth);
	if (r < 0) {
		hk_hearing_free(hearing);
		return r;
	}
	*ret = hearing;
	return 0;
}

void hk_hearing_free(struct hk_hearing *hearing)
{
	if (hearing) {
		hk_window_pipeline_free(hearing->analyzer);
		hk_bandwidth_free(hearing->bandwidth);
		free(hearing);
	}
}

/* Second S as a frame; UINT64_MAX for the end of the file. */
static uint64_t frame_of(double s, double rate_hz)
{
	return isinf(s) ? UINT64_MAX : (uint64_t)llround(s * rate_hz);
}

typedef int frames_fn(struct hk_hearing *hearing, float *frames, size_t n, void *data);

/* FUNCTION for the frames of TAKE, block by block, until it returns something else than 0. */
static int each_block(struct hk_hearing *hearing, const struct hk_take *take, frames_fn *function,
	void *data, struct hk_diag *diag)
{
	struct hk_audio_file *file;
	struct hk_audio_info info;
	int r = hk_audio_open(&file, take->path, hearing->setup.channel, diag);
	if (r < 0) {
		return r;
	}
	hk_audio_info(file, &info);
	hearing->rate_hz = info.rate_hz;
	const uint64_t first = frame_of(take->start_s, hearing->rate_hz);
	const uint64_t end = frame_of(take->end_s, hearing->rate_hz);
	for (uint64_t position = 0; position < end && r == 0;) {
		const int64_t n = hk_audio_read(file, hearing->frames, BLOCK_FRAMES, diag);
		if (n <= 0) {
			r = (int)n;
			break;
		}
		const uint64_t after = position + (uint64_t)n;
		const uint64_t from = first > position ? first : position;
		const uint64_t to = end < after ? end : after;
		if (from < to) {
			r = function(hearing, hearing->frames + (from - position),
				(size_t)(to - from), data);
		}
		position = after;
	}
	hearing->counts = *hk_audio_counts(file);
	hk_audio_close(file);
	return r;
}

struct take_loudness {
	double energy;
	uint64_t n_frames;
};

static int add_energy(struct hk_hearing *hearing, float *frames, size_t n, void *data)
{
	(void)hearing;
	struct take_loudness *loudness = data;
	for (size_t i = 0; i < n; i++) {
		loudness->energy += (double)frames[i] * (double)frames[i];
	}
	loudness->n_frames += n;
	return 0;
}

static int hear_frames(struct hk_hearing *hearing, float *frames, size_t n, void *data)
{
	const uint64_t *limit = data; /* frames to hear; 0: all there are */
	if (*limit > 0 && n > *limit - hearing->n_frames) {
		n = (size_t)(*limit - hearing->n_frames);
	}
	hk_bandwidth_push(hearing->bandwidth, frames, n);
	hk_treater_apply(hearing->treater, frames, n);
	const struct hk_block block = {
		.first_frame = hearing->n_frames,
		.n_frames = (uint32_t)n,
		.rate_hz = (uint32_t)hearing->rate_hz,
		.flags = hearing->n_frames == 0 ? HK_BLOCK_START : 0,
	};
	hearing->n_frames += n;
	const int r = hk_window_pipeline_push(hearing->analyzer, &block, frames);
	return r < 0 ? r : *limit > 0 && hearing->n_frames == *limit;
}

/* Hear the frames of TAKE, again and again if it is to be repeated. */
static int hear_all(struct hk_hearing *hearing, const struct hk_take *take, struct hk_diag *diag)
{
	uint64_t none = 0;
	hk_bandwidth_begin(hearing->bandwidth, (uint32_t)hearing->rate_hz);
	int r = each_block(hearing, take, hear_frames, &none, diag);
	uint64_t wanted = frame_of(hearing->setup.treatment.loop_s, hearing->rate_hz);
	while (r == 0 && hearing->n_frames > 0 && hearing->n_frames < wanted) {
		r = each_block(hearing, take, hear_frames, &wanted, diag);
	}
	return r < 0 ? r : 0;
}

static int prepare(
	struct hk_hearing *hearing, const struct hk_take *take, uint64_t item, struct hk_diag *diag)
{
	const struct hk_model *model = hearing->setup.model;
	const struct hk_treatment *treatment = &hearing->setup.treatment;
	const struct hk_event_pipeline_sink sink = { hearing, NULL, on_start, on_end };
	struct take_loudness loudness = { 0 };
	struct hk_take first_block = *take;
	if (!hk_treatment_needs_rms(treatment)) {
		first_block.end_s = 0; /* only to learn the rate */
	}
	int r = each_block(hearing, &first_block, add_energy, &loudness, diag);
	if (r < 0) {
		return r;
	}
	const double rms =
		loudness.n_frames ? sqrt(loudness.energy / (double)loudness.n_frames) : 0;
	r = hk_treater_new(&hearing->treater, treatment, item, (uint32_t)hearing->rate_hz,
		model->rate_hz, rms);
	if (r < 0) {
		return r;
	}
	return hk_event_pipeline_new(
		&hearing->decider, model, model->rules, (uint32_t)hearing->rate_hz, &sink);
}

/* Why a recording that was read to its end gave nothing. */
static void judge(struct hk_hearing *hearing, const struct hk_take *take)
{
	struct hk_heard_take *heard = &hearing->heard;
	const struct hk_model *model = hearing->setup.model;
	char faults[HK_INTAKE_FAULTS_SIZE] = "";
	const bool faulty = hk_intake_faults_text(&hearing->counts, faults);
	if (heard->n_windows > 0) {
		if (faulty || hk_intake_cancelled_text(&hearing->counts, faults, sizeof(faults))) {
			snprintf(heard->note, sizeof(heard->note), "%s: %s", take->path, faults);
		}
		return;
	}
	if (heard->n_zero_windows > 0 && faulty) {
		heard->state = HK_TAKE_NO_NUMBERS;
		snprintf(heard->why, sizeof(heard->why), "%s: %s", take->path, faults);
	} else if (heard->n_zero_windows > 0) {
		heard->state = HK_TAKE_SILENT;
		snprintf(heard->why, sizeof(heard->why),
			"%s: nothing but digital zeros or another constant", take->path);
	} else {
		heard->state = HK_TAKE_TOO_SHORT;
		snprintf(heard->why, sizeof(heard->why), "%s: %.3g s, a window takes %.3g s",
			take->path, heard->duration_s,
			(double)model->n_window_frames / model->rate_hz);
	}
}

int hk_hearing_take(struct hk_hearing *hearing, const struct hk_take *take, uint64_t item,
	struct hk_heard_take *ret)
{
	struct hk_diag diag = { "" };
	hearing->heard = (struct hk_heard_take){ 0 };
	hearing->n_frames = hearing->n_room = hearing->n_event_room = 0;
	hearing->error = 0;
	int r = prepare(hearing, take, item, &diag);
	if (r == 0) {
		r = hear_all(hearing, take, &diag);
		hk_window_pipeline_finish(hearing->analyzer);
		hk_event_pipeline_finish(hearing->decider, HK_EVENT_ENDED);
	}
	hk_event_pipeline_free(hearing->decider);
	hk_treater_free(hearing->treater);
	hearing->decider = NULL, hearing->treater = NULL;
	if (r == -ENOMEM || hearing->error < 0) {
		hk_heard_take_finish(&hearing->heard);
		return -ENOMEM;
	}
	if (r < 0) { /* what came before the damage is not judged either */
		hk_heard_take_finish(&hearing->heard);
		hearing->heard.state = HK_TAKE_UNREADABLE;
		snprintf(hearing->heard.why, sizeof(hearing->heard.why), "%s",
			diag.text[0] ? diag.text : take->path);
	} else {
		hearing->heard.duration_s = (double)hearing->n_frames / hearing->rate_hz;
		hearing->heard.end_hz = hk_bandwidth_end_hz(hearing->bandwidth);
		judge(hearing, take);
	}
	*ret = hearing->heard;
	return 0;
}

void hk_heard_take_finish(struct hk_heard_take *heard)
{
	free(heard->start_s);
	free(heard->level_dbfs);
	free(heard->decided);
	free(heard->probabilities);
	free(heard->features);
	free(heard->events);
	*heard = (struct hk_heard_take){ 0 };
}

int hk_hearing_samples(struct hk_hearing *hearing, const struct hk_take *take, uint64_t item,
	float start_s, float *ret_samples)
{
	struct hk_heard_take heard;
	hearing->wanted = ret_samples;
	hearing->wanted_s = start_s;
	hearing->found = false;
	const int r = hk_hearing_take(hearing, take, item, &heard);
	hearing->wanted = NULL;
	if (r < 0) {
		return r;
	}
	hk_heard_take_finish(&heard);
	return hearing->found ? 0 : -ENOENT;
}
