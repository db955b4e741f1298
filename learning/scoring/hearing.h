/* SPDX-License-Identifier: MIT */
/*
 * hearing: one recording through the model, as the daemon would hear it: the analyzer's windows and
 * the detector's events. What clips and scenes are judged by. One object a thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/detection/window_pipeline.h"
#include "core/model/model.h"
#include "learning/data/extract.h"
#include "learning/data/manifest.h"
#include "learning/scoring/treatment.h"

/* An event as it was detected; what goes on after its longest duration is one event. */
struct hk_heard_take_event {
	uint32_t label;
	double start_s, end_s; /* of the recording, as treated */
	double announced_s;    /* what had been heard when it was told */
	double peak_probability;
};

/* What came of a recording. Windows of digital zeros have no class and are only counted. */
struct hk_heard_take {
	enum hk_take_state state; /* HK_TAKE_CLIPPED is not looked for */
	char why[HK_DIAG_SIZE];
	char note[HK_DIAG_SIZE]; /* heard, but with faulty samples; "": none */
	double duration_s;
	uint32_t end_hz; /* it holds nothing above (bandwidth.h); 0: not known */
	size_t n_windows, n_zero_windows;
	float *start_s;        /* n_windows */
	float *level_dbfs;     /* n_windows */
	uint32_t *decided;     /* n_windows: the classifier's own decision */
	double *probabilities; /* n_windows * n_labels */
	float *features;       /* n_windows * n_features, when they were asked for */
	size_t n_events;
	struct hk_heard_take_event *events; /* in order of their ends */
};

struct hk_hearing;

/* What to hear with. MODEL must outlive the object. */
struct hk_hearing_setup {
	const struct hk_model *model;
	uint32_t channel; /* core/audio/downmix.h */
	struct hk_treatment treatment;
	bool keep_features;
};

/* Returns 0, -EINVAL with DIAG, -ENOMEM. */
int hk_hearing_new(
	struct hk_hearing **ret, const struct hk_hearing_setup *setup, struct hk_diag *diag);
void hk_hearing_free(struct hk_hearing *hearing);

/*
 * Hear TAKE, which is recording number ITEM (for the noise). A recording that cannot be heard is a
 * result (state, why). Returns 0, -ENOMEM; *ret is for hk_heard_take_finish.
 */
int hk_hearing_take(struct hk_hearing *hearing, const struct hk_take *take, uint64_t item,
	struct hk_heard_take *ret);
void hk_heard_take_finish(struct hk_heard_take *heard);

/*
 * While TAKE is heard again, copy the samples of the window that begins at START_S (the model's
 * rate). Shapes: ret_samples[n_window_frames]. Returns 0; -ENOENT (no such window); -ENOMEM.
 */
int hk_hearing_samples(struct hk_hearing *hearing, const struct hk_take *take, uint64_t item,
	float start_s, float *ret_samples);
