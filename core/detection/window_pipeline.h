/* SPDX-License-Identifier: MIT */
/*
 * window_pipeline: blocks of audio at the source's rate in, windows with features and probabilities
 * out.
 *
 * The one path that training, `hearken classify`, `hearken detect` and the daemon share: resample
 * to the model's rate -> window -> features -> scaler -> classifier. Before all of it the DC offset
 * is removed, unless the profile keeps it. Positions are on the source's own frame axis; a change
 * of rate or a hole begins a new stream (the resampler and the window start again). A window whose
 * samples do not change (digital zeros, or any other value) is reported, never classified. One
 * thread at a time; no allocation once a stream has given its first window. Not real-time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/audio/ring.h"
#include "core/detection/classifier.h"
#include "core/model/model.h"

struct hk_window_result {
	uint64_t first_frame; /* source's axis */
	uint64_t end_frame;   /* one past the last */
	uint64_t index;       /* of the window within its stream */
	bool zeros;       /* the source's samples do not change (stillness.h), be they 0 or not: no
		       features, no probabilities */
	float level_dbfs; /* RMS without the DC offset; -INFINITY for zeros. Full-scale sine = -3.01
			   */
	float peak_dbfs;
	const float *samples;  /* n_window_frames at the model's rate; valid in the call */
	const float *features; /* NULL for zeros */
	struct hk_classification
		classification; /* pointers NULL for zeros or without a classifier */
};

struct hk_window_pipeline_sink {
	void *owner;
	void (*on_window)(void *owner, const struct hk_window_result *result);
	void (*on_remainder)(void *owner, uint64_t first_frame, uint64_t n_frames);
	void (*on_gap)(
		void *owner, uint64_t first_frame, uint64_t n_frames); /* n_frames 0: began anew */
};

/* What to compute. */
struct hk_window_pipeline_setup {
	const struct hk_profile_config *profile;
	uint32_t rate_hz, n_window_frames, n_step_frames;
	const struct hk_model *model; /* NULL: features only */
};

struct hk_window_pipeline;

/* The set-up of MODEL. */
struct hk_window_pipeline_setup hk_window_pipeline_setup_of(const struct hk_model *model);

/* SETUP's pointers must outlive the analyzer. Returns 0, -EINVAL with DIAG, -ENOMEM. */
int hk_window_pipeline_new(struct hk_window_pipeline **ret,
	const struct hk_window_pipeline_setup *setup, const struct hk_window_pipeline_sink *sink,
	struct hk_diag *diag);
void hk_window_pipeline_free(struct hk_window_pipeline *analyzer);

/*
 * Feed one block. Shapes: frames[block->n_frames], mono; what is no sound (sample.h) counts as 0.
 * HK_BLOCK_START, HK_BLOCK_OVERRUN, a changed rate and a hole end the stream, and on_gap says where
 * and how much is missing (0 frames: none, or the source cannot tell); HK_BLOCK_END finishes it.
 * The first block after new or finish is no gap. Returns 0; -EINVAL (impossible rate), -ENOMEM (a
 * new stream needs a new filter): the block was not taken, and the next one begins a new stream.
 */
int hk_window_pipeline_push(
	struct hk_window_pipeline *analyzer, const struct hk_block *block, const float *frames);

/*
 * Frames of the source without which no window can be complete: exactly as many where nothing is
 * resampled, else no more than that. 0: none, or nobody knows (no stream runs). Real-time: yes.
 */
uint64_t hk_window_pipeline_missing(const struct hk_window_pipeline *analyzer);

/* End of the stream: windows that still fit are delivered, the remainder is reported. */
void hk_window_pipeline_finish(struct hk_window_pipeline *analyzer);
