/* SPDX-License-Identifier: MIT */
/*
 * detection_pipeline: blocks of audio in, windows and events out: owns the window pipeline and, for
 * the rate of the source, the event pipeline behind it.
 *
 * One thread at a time. No allocation once a stream runs. Not real-time.
 */
#pragma once

#include "core/audio/ring.h"
#include "core/detection/event_pipeline.h"
#include "core/detection/window_pipeline.h"
#include "core/model/model.h"

struct hk_detection_sink {
	void *owner;
	/* As hk_event_pipeline_sink has it: with smoothing later, without samples and features. */
	void (*on_window)(
		void *owner, const struct hk_window_result *result, const double *smoothed);
	void (*on_gap)(void *owner, uint64_t first_frame, uint64_t n_frames);
	void (*on_remainder)(void *owner, uint64_t first_frame, uint64_t n_frames);
	void (*on_start)(void *owner, const struct hk_event *event);
	void (*on_end)(void *owner, const struct hk_event *event);
};

struct hk_detection_pipeline;

/* MODEL and RULES (one a label) must outlive it. Nothing is reported before a sink is set.
 * Returns as hk_window_pipeline_new. */
int hk_detection_pipeline_new(struct hk_detection_pipeline **ret, const struct hk_model *model,
	const struct hk_class_rules *rules, struct hk_diag *diag);
void hk_detection_pipeline_free(struct hk_detection_pipeline *pipeline);

/* Before the first block; copied. */
void hk_detection_pipeline_set_sink(
	struct hk_detection_pipeline *pipeline, const struct hk_detection_sink *sink);

/* Feed one block. Shapes: frames[block->n_frames], mono. Before a block of another rate the caller
 * calls hk_detection_pipeline_finish. Returns as hk_window_pipeline_push. */
int hk_detection_pipeline_push(
	struct hk_detection_pipeline *pipeline, const struct hk_block *block, const float *frames);

/* Frames without which nothing can be decided; 0: nobody knows. As hk_window_pipeline_missing. */
uint64_t hk_detection_pipeline_missing(const struct hk_detection_pipeline *pipeline);

/* Gate of class LABEL now; closed before the first block. */
enum hk_gate hk_detection_pipeline_gate(
	const struct hk_detection_pipeline *pipeline, uint32_t label);

/* The event of class LABEL so far, NULL: none is ongoing. As hk_detector_ongoing. */
const struct hk_event *hk_detection_pipeline_ongoing(
	const struct hk_detection_pipeline *pipeline, uint32_t label);

/* No audio has come for SECONDS and the source is away: events that it tore end as interrupted. */
void hk_detection_pipeline_source_away(struct hk_detection_pipeline *pipeline, double seconds);

/* Nothing more comes: the last windows are delivered, ongoing events end as STATE. */
void hk_detection_pipeline_finish(
	struct hk_detection_pipeline *pipeline, enum hk_event_state state);
