/* SPDX-License-Identifier: MIT */
#include "core/detection/event_pipeline.h"
#include "core/detection/smoother.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A window whose slice is not decided yet. */
struct pending_window {
	struct hk_window_result result; /* without samples and features */
	double *probabilities;          /* n_labels */
};

struct hk_event_pipeline {
	const struct hk_model *model;
	struct hk_event_pipeline_sink sink;
	struct hk_detector *detector;
	struct hk_smoother *smoother; /* NULL: windows go straight to the detector */
	uint64_t n_pushed, n_told;    /* windows */
	uint32_t n_room;
	struct pending_window *waiting; /* n_room, a ring */
	double *probabilities;          /* n_room * n_labels */
};

static struct hk_detector_window window_of(const struct hk_window_result *result)
{
	return (struct hk_detector_window){
		.first_frame = result->first_frame,
		.end_frame = result->end_frame,
		.zeros = result->zeros,
		.probabilities = result->classification.probabilities,
		.level_dbfs = result->level_dbfs,
	};
}

static void tell(struct hk_event_pipeline *decider, const struct hk_window_result *result,
	const double *smoothed)
{
	if (decider->sink.on_window) {
		decider->sink.on_window(decider->sink.owner, result, smoothed);
	}
}

static void on_slice(void *owner, const struct hk_slice *slice)
{
	struct hk_event_pipeline *decider = owner;
	const struct hk_detector_window window = {
		.first_frame = slice->first_frame,
		.end_frame = slice->end_frame,
		.zeros = slice->zeros,
		.probabilities = slice->smoothed,
		.raw = slice->raw,
		.level_dbfs = slice->level_dbfs,
	};
	hk_detector_push(decider->detector, &window);
	/* The slices after the last window's first step have no window of their own. */
	if (decider->n_told < decider->n_pushed) {
		const struct pending_window *waiting =
			&decider->waiting[decider->n_told++ % decider->n_room];
		tell(decider, &waiting->result, slice->smoothed);
	}
}

static int make_smoother(struct hk_event_pipeline *decider, const struct hk_class_rules *rules)
{
	const struct hk_model *model = decider->model;
	const int r = hk_smoother_new(&decider->smoother, &model->smoothing, rules, model->n_labels,
		model->rate_hz, model->n_window_frames, model->n_step_frames, on_slice, decider);
	if (r < 0) {
		return r;
	}
	/* One more than can wait: the newest is laid down before the oldest is told. */
	decider->n_room = 2 +
		(uint32_t)llround(model->smoothing.lag_s * model->rate_hz / model->n_step_frames);
	decider->waiting = calloc(decider->n_room, sizeof(*decider->waiting));
	decider->probabilities = calloc((size_t)decider->n_room * model->n_labels, sizeof(double));
	if (!decider->waiting || !decider->probabilities) {
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < decider->n_room; i++) {
		decider->waiting[i].probabilities =
			decider->probabilities + (size_t)i * model->n_labels;
	}
	return 0;
}

int hk_event_pipeline_new(struct hk_event_pipeline **ret, const struct hk_model *model,
	const struct hk_class_rules *rules, uint32_t rate_hz,
	const struct hk_event_pipeline_sink *sink)
{
	struct hk_event_pipeline *decider = calloc(1, sizeof(*decider));
	if (!decider) {
		return -ENOMEM;
	}
	decider->model = model;
	decider->sink = *sink;
	const struct hk_detector_sink detector_sink = { sink->owner, sink->on_start, sink->on_end };
	int r = hk_detector_new(
		&decider->detector, rules, model->n_labels, rate_hz, &detector_sink);
	if (r == 0 && model->smoothing.method == HK_SMOOTHING_HMM) {
		r = make_smoother(decider, rules);
	}
	if (r < 0) {
		hk_event_pipeline_free(decider);
		return r;
	}
	*ret = decider;
	return 0;
}

void hk_event_pipeline_free(struct hk_event_pipeline *decider)
{
	if (decider) {
		hk_detector_free(decider->detector);
		hk_smoother_free(decider->smoother);
		free(decider->waiting);
		free(decider->probabilities);
		free(decider);
	}
}

/* Keep RESULT until its slice is decided. */
static void lay_down(struct hk_event_pipeline *decider, const struct hk_window_result *result)
{
	struct pending_window *waiting = &decider->waiting[decider->n_pushed++ % decider->n_room];
	waiting->result = *result;
	waiting->result.samples = waiting->result.features = NULL;
	waiting->result.classification = (struct hk_classification){
		.label = result->classification.label,
		.decided = result->classification.decided,
	};
	if (!result->zeros) {
		memcpy(waiting->probabilities, result->classification.probabilities,
			decider->model->n_labels * sizeof(double));
		waiting->result.classification.probabilities = waiting->probabilities;
	}
}

void hk_event_pipeline_push(
	struct hk_event_pipeline *decider, const struct hk_window_result *result)
{
	const struct hk_detector_window window = window_of(result);
	if (decider->smoother) {
		lay_down(decider, result);
		hk_smoother_push(decider->smoother, &window);
	} else {
		hk_detector_push(decider->detector, &window);
		tell(decider, result, NULL);
	}
}

void hk_event_pipeline_flush(struct hk_event_pipeline *decider)
{
	if (decider->smoother) {
		hk_smoother_finish(decider->smoother);
	}
}

void hk_event_pipeline_gap(
	struct hk_event_pipeline *decider, uint64_t first_frame, uint64_t n_frames)
{
	hk_event_pipeline_flush(decider);
	hk_detector_gap(decider->detector, first_frame, n_frames);
}

void hk_event_pipeline_wait(struct hk_event_pipeline *decider, uint64_t n_frames)
{
	if (hk_detector_waits_in_vain(decider->detector, n_frames)) {
		hk_event_pipeline_flush(decider);
		hk_detector_wait(decider->detector, n_frames);
	}
}

void hk_event_pipeline_finish(struct hk_event_pipeline *decider, enum hk_event_state state)
{
	hk_event_pipeline_flush(decider);
	hk_detector_finish(decider->detector, state);
}

enum hk_gate hk_event_pipeline_gate(const struct hk_event_pipeline *decider, uint32_t label)
{
	return hk_detector_gate(decider->detector, label);
}

const struct hk_event *hk_event_pipeline_ongoing(
	const struct hk_event_pipeline *decider, uint32_t label)
{
	return hk_detector_ongoing(decider->detector, label);
}
