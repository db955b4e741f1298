/* SPDX-License-Identifier: MIT */
#include "core/detection/detection_pipeline.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

struct hk_detection_pipeline {
	const struct hk_model *model;
	const struct hk_class_rules *rules;
	struct hk_window_pipeline *windows;
	struct hk_event_pipeline *events; /* of the current rate; NULL before the first block */
	uint32_t rate_hz;
	struct hk_detection_sink sink;
};

static void on_window(void *owner, const struct hk_window_result *result)
{
	struct hk_detection_pipeline *pipeline = owner;
	hk_event_pipeline_push(pipeline->events, result);
}

static void on_gap(void *owner, uint64_t first_frame, uint64_t n_frames)
{
	struct hk_detection_pipeline *pipeline = owner;
	hk_event_pipeline_flush(pipeline->events); /* windows from before the gap come before it */
	pipeline->sink.on_gap(pipeline->sink.owner, first_frame, n_frames);
	hk_event_pipeline_gap(pipeline->events, first_frame, n_frames);
}

static void on_remainder(void *owner, uint64_t first_frame, uint64_t n_frames)
{
	struct hk_detection_pipeline *pipeline = owner;
	pipeline->sink.on_remainder(pipeline->sink.owner, first_frame, n_frames);
}

int hk_detection_pipeline_new(struct hk_detection_pipeline **ret, const struct hk_model *model,
	const struct hk_class_rules *rules, struct hk_diag *diag)
{
	struct hk_detection_pipeline *pipeline = calloc(1, sizeof(*pipeline));
	if (!pipeline) {
		return hk_diag_set(diag, -ENOMEM, "out of memory");
	}
	pipeline->model = model;
	pipeline->rules = rules;
	const struct hk_window_pipeline_setup setup = hk_window_pipeline_setup_of(model);
	const struct hk_window_pipeline_sink sink = { pipeline, on_window, on_remainder, on_gap };
	const int r = hk_window_pipeline_new(&pipeline->windows, &setup, &sink, diag);
	if (r < 0) {
		hk_detection_pipeline_free(pipeline);
		return r;
	}
	*ret = pipeline;
	return 0;
}

void hk_detection_pipeline_free(struct hk_detection_pipeline *pipeline)
{
	if (pipeline) {
		hk_event_pipeline_free(pipeline->events);
		hk_window_pipeline_free(pipeline->windows);
		free(pipeline);
	}
}

void hk_detection_pipeline_set_sink(
	struct hk_detection_pipeline *pipeline, const struct hk_detection_sink *sink)
{
	pipeline->sink = *sink;
}

/* The rules' seconds are frames of the source: another rate is another detector. */
static int change_rate(struct hk_detection_pipeline *pipeline, uint32_t rate_hz)
{
	hk_event_pipeline_free(pipeline->events);
	pipeline->events = NULL;
	const struct hk_event_pipeline_sink sink = { pipeline->sink.owner, pipeline->sink.on_window,
		pipeline->sink.on_start, pipeline->sink.on_end };
	pipeline->rate_hz = rate_hz;
	return hk_event_pipeline_new(
		&pipeline->events, pipeline->model, pipeline->rules, rate_hz, &sink);
}

int hk_detection_pipeline_push(
	struct hk_detection_pipeline *pipeline, const struct hk_block *block, const float *frames)
{
	if (block->rate_hz != pipeline->rate_hz || !pipeline->events) {
		const int r = change_rate(pipeline, block->rate_hz);
		if (r < 0) {
			return r;
		}
	}
	return hk_window_pipeline_push(pipeline->windows, block, frames);
}

uint64_t hk_detection_pipeline_missing(const struct hk_detection_pipeline *pipeline)
{
	return hk_window_pipeline_missing(pipeline->windows);
}

enum hk_gate hk_detection_pipeline_gate(
	const struct hk_detection_pipeline *pipeline, uint32_t label)
{
	return pipeline->events ? hk_event_pipeline_gate(pipeline->events, label) : HK_GATE_CLOSED;
}

const struct hk_event *hk_detection_pipeline_ongoing(
	const struct hk_detection_pipeline *pipeline, uint32_t label)
{
	return pipeline->events ? hk_event_pipeline_ongoing(pipeline->events, label) : NULL;
}

void hk_detection_pipeline_source_away(struct hk_detection_pipeline *pipeline, double seconds)
{
	if (pipeline->events) {
		hk_event_pipeline_wait(
			pipeline->events, (uint64_t)llround(seconds * pipeline->rate_hz));
	}
}

void hk_detection_pipeline_finish(struct hk_detection_pipeline *pipeline, enum hk_event_state state)
{
	if (pipeline->events) {
		hk_window_pipeline_finish(pipeline->windows);
		hk_event_pipeline_finish(pipeline->events, state);
	}
}
