/* SPDX-License-Identifier: MIT */
/*
 * event_pipeline: from the analyzer's windows to events: smoother (when the model has one) and
 * detector. The one path of `hearken detect`, `hearken evaluate`, `hearken plot` and the daemon.
 *
 * Without smoothing a window is decided in the call that brings it. With smoothing the detector
 * gets slices (smoother.h), `lag` later: the n-th window is told with the n-th slice, its samples
 * and features are gone by then. One thread at a time; no allocation after new. Real-time: as the
 * sink is.
 */
#pragma once

#include <stdint.h>

#include "core/detection/detector.h"
#include "core/detection/window_pipeline.h"

struct hk_event_pipeline_sink {
	void *owner;
	/* After the detector, so that the gates are this window's. SMOOTHED: n_labels, the
	 * probabilities that it was decided by; NULL without smoothing. May be NULL. */
	void (*on_window)(
		void *owner, const struct hk_window_result *result, const double *smoothed);
	void (*on_start)(void *owner, const struct hk_event *event);
	void (*on_end)(void *owner, const struct hk_event *event);
};

struct hk_event_pipeline;

/* For windows of MODEL, which must outlive the object, on an axis of RATE_HZ, under RULES (copied).
 * Returns 0, -EINVAL, -ENOMEM. */
int hk_event_pipeline_new(struct hk_event_pipeline **ret, const struct hk_model *model,
	const struct hk_class_rules *rules, uint32_t rate_hz,
	const struct hk_event_pipeline_sink *sink);
void hk_event_pipeline_free(struct hk_event_pipeline *decider);

/* As the analyzer tells them. */
void hk_event_pipeline_push(
	struct hk_event_pipeline *decider, const struct hk_window_result *result);
/* Decide what waits: the next window begins anew. */
void hk_event_pipeline_flush(struct hk_event_pipeline *decider);

/* Frames were lost; flushes first. */
void hk_event_pipeline_gap(
	struct hk_event_pipeline *decider, uint64_t first_frame, uint64_t n_frames);

/* Nothing has come for N_FRAMES and the source is away: as hk_detector_wait; flushes first when
 * that ends an event. */
void hk_event_pipeline_wait(struct hk_event_pipeline *decider, uint64_t n_frames);

/* No more windows: flushes, then open events end as STATE. */
void hk_event_pipeline_finish(struct hk_event_pipeline *decider, enum hk_event_state state);

enum hk_gate hk_event_pipeline_gate(const struct hk_event_pipeline *decider, uint32_t label);

/* As hk_detector_ongoing. */
const struct hk_event *hk_event_pipeline_ongoing(
	const struct hk_event_pipeline *decider, uint32_t label);
