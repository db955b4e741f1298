/* SPDX-License-Identifier: MIT */
/*
 * smoother: from the probabilities of windows that know nothing of each other to those of slices of
 * time that do. A stage between classifier and detector; pure.
 *
 * A slice is as long as the step between windows; what speaks for a class in it is the mean, over
 * the windows that cover it, of the log-odds ln(p / (1 - p)), limited to +-cap, plus a bias. A
 * hidden Markov model has a state a class that makes events and one for none of them: what speaks
 * for that one is, in a window, the most that speaks for a label that makes no events (silence,
 * say), or 0 where that is more. A change of state costs `stay` nats. The smoothed probability of a
 * class is its posterior, given all before and `lag` after the slice; what is left to 1 is shared
 * by the other labels as their probabilities are. A window below the level gate, or of digital
 * zeros, speaks against every class with -cap.
 *
 * So every slice can be explained by its evidence, its raw probabilities and the smoothed ones. One
 * thread at a time; no allocation after new. Real-time: as the sink is. Source: forward-backward
 * with fixed lag (Rabiner, A Tutorial on Hidden Markov Models, Proc. IEEE 77, 1989).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/detection/detector.h"
#include "core/model/smoothing.h"

/* A slice that was decided. */
struct hk_slice {
	uint64_t first_frame, end_frame; /* on the source's axis */
	bool zeros;                      /* every window that covers it is digital zeros */
	const double *raw;               /* n_labels: mean over its windows; valid in the call */
	const double *smoothed;          /* n_labels; valid in the call */
	float level_dbfs;                /* of the loudest of its windows */
};

typedef void hk_smoother_sink_fn(void *owner, const struct hk_slice *slice);

struct hk_smoother;

/*
 * SMOOTHING (method hmm) and RULES are copied. Windows come every N_STEP_FRAMES and are
 * N_WINDOW_FRAMES long, at RATE_HZ (the model's: only ratios count). Returns 0, -ENOMEM.
 */
int hk_smoother_new(struct hk_smoother **ret, const struct hk_smoothing *smoothing,
	const struct hk_class_rules *rules, uint32_t n_labels, uint32_t rate_hz,
	uint32_t n_window_frames, uint32_t n_step_frames, hk_smoother_sink_fn *sink, void *owner);
void hk_smoother_free(struct hk_smoother *smoother);

/* The next window of the stream. The n-th window's call decides slice n - lag. */
void hk_smoother_push(struct hk_smoother *smoother, const struct hk_detector_window *window);

/* The stream ends or has a hole: decide what is left; the next window begins anew. */
void hk_smoother_finish(struct hk_smoother *smoother);
