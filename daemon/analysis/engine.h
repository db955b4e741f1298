/* SPDX-License-Identifier: MIT */
/*
 * engine: a model with its rules, ready to hear: blocks of audio in, windows and events out.
 *
 * Built whole by main, so that a bad model or rule is refused before anything changes; used by the
 * analysis thread; freed by main when analysis has given it back. One thread at a time. No
 * allocation once a stream runs. Not real-time.
 */
#pragma once

#include "config/load.h"
#include "core/audio/ring.h"
#include "core/detection/event_pipeline.h"
#include "core/detection/window_pipeline.h"
#include "core/model/model.h"
#include "daemon/settings/setting_origin.h"

struct hk_engine_sink {
	void *owner;
	/* As hk_decider_sink has it: with smoothing later, without samples and features. */
	void (*on_window)(
		void *owner, const struct hk_window_result *result, const double *smoothed);
	void (*on_gap)(void *owner, uint64_t first_frame, uint64_t n_frames);
	void (*on_remainder)(void *owner, uint64_t first_frame, uint64_t n_frames);
	void (*on_start)(void *owner, const struct hk_event *event);
	void (*on_end)(void *owner, const struct hk_event *event);
};

struct hk_engine;

/*
 * Load the bundle MODEL, a folder or the name of one that came with hearken, and lay the sections
 * [class NAME] of the configuration over its rules. ORIGINS of MODEL, which is a setting, and of the rules.
 * Returns 0; a negative errno with DIAG: the bundle is refused (hk_model_load), no such class,
 * impossible rules, -ENOMEM.
 */
int hk_engine_new(struct hk_engine **ret, const char *model, const struct hk_origins *origins,
	struct hk_diag *diag);
void hk_engine_free(struct hk_engine *engine);

/* Live as long as the engine. */
const struct hk_model *hk_engine_model(const struct hk_engine *engine);
const struct hk_class_rules *hk_engine_rules(const struct hk_engine *engine);

/* The same bundle under the same rules? */
bool hk_engine_same(const struct hk_engine *a, const struct hk_engine *b);

/* ---- the thread that hears ---- */

void hk_engine_set_sink(struct hk_engine *engine, const struct hk_engine_sink *sink);

/* Feed one block. Shapes: frames[block->n_frames], mono. Before a block of another rate the caller
 * calls hk_engine_finish. Returns as hk_analyzer_push. */
int hk_engine_push(struct hk_engine *engine, const struct hk_block *block, const float *frames);

/* Frames without which nothing can be decided; 0: nobody knows. As hk_analyzer_missing. */
uint64_t hk_engine_missing(const struct hk_engine *engine);

/* Gate of class LABEL now; closed before the first block. */
enum hk_gate hk_engine_gate(const struct hk_engine *engine, uint32_t label);

/* The event of class LABEL so far, NULL: none goes on. As hk_detector_ongoing. */
const struct hk_event *hk_engine_ongoing(const struct hk_engine *engine, uint32_t label);

/* Nothing has come for so long and the source is away: events that it tore end as interrupted. */
void hk_engine_wait(struct hk_engine *engine, double seconds);

/* Nothing more comes: the last windows are delivered, open events end as STATE. */
void hk_engine_finish(struct hk_engine *engine, enum hk_event_state state);
