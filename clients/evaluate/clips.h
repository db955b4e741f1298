/* SPDX-License-Identifier: MIT */
/*
 * clips: labelled recordings heard by a model: every window with its true and its decided label,
 * every recording by the mean of its windows' log-probabilities (under a softmax those are their
 * scores, so one window that is sure of the wrong class does not outweigh all others), and the
 * events that were detected in recordings of each class.
 *
 * A class of the recordings that the model does not know counts as `other` where the model has that
 * label. Classes stay apart in the table of events: how often a doorbell was taken for an alarm.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "learning/base/progress.h"
#include "learning/data/manifest.h"
#include "learning/scoring/hearing.h"
#include "learning/validation/measures.h"

/* One recording as a whole. */
struct hk_clip {
	enum hk_take_state state;
	char *why;      /* NULL when it was heard */
	char *note;     /* NULL, or what is wrong with its samples */
	uint32_t label; /* the true one, in the model's list */
	uint32_t decided;
	size_t first_row, n_rows; /* its windows */
	uint32_t end_hz;          /* of hk_heard_take; 0: not known */
	double duration_s;
	size_t n_events;
	struct hk_heard_take_event *events;
};

/* Events of one label in the recordings of one class. */
struct hk_event_count {
	size_t n_clips; /* with at least one */
	size_t n_events;
};

struct hk_clips {
	const struct hk_manifest *manifest;
	uint32_t n_labels, n_features;
	uint32_t *truth; /* of the manifest's labels: index in the model's */
	size_t n_clips;  /* the manifest's takes */
	struct hk_clip *clips;
	size_t n_rows;
	uint32_t *label, *decided; /* n_rows */
	double *probabilities;     /* n_rows * n_labels */
	size_t *clip;              /* n_rows */
	float *start_s;            /* n_rows */
	float *features;           /* n_rows * n_features; NULL when they were not asked for */
	size_t n_zero_windows, n_unheard; /* windows; recordings */
	double *hours;                    /* of each of the manifest's labels */
	size_t *n_heard;                  /* recordings of each of the manifest's labels */
	struct hk_event_count *events;    /* manifest's labels * n_labels */
	struct hk_measures by_window, by_clip;
};

/*
 * Hear all of MANIFEST as SETUP says on N_THREADS threads.
 * Returns 0; -EINVAL with DIAG (a class that the model cannot know); -ENOMEM.
 */
int hk_clips_hear(struct hk_clips *ret, const struct hk_manifest *manifest,
	const struct hk_hearing_setup *setup, unsigned n_threads, struct hk_progress *progress,
	struct hk_diag *diag);
void hk_clips_finish(struct hk_clips *clips);

/* Recordings that were not heard, one line each with the reason, on stderr. */
void hk_clips_say_unheard(const struct hk_clips *clips);
