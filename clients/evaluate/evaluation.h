/* SPDX-License-Identifier: MIT */
/*
 * evaluation: a model heard on labelled clips or scenes, as recorded and, if wanted, once for each
 * degradation. What `hearken evaluate` does before anything is printed. Main thread; uses others
 * for hearing.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clients/cli/exit_codes.h"
#include "clients/evaluate/clips.h"
#include "clients/train/notes.h"
#include "learning/scoring/scenes.h"
#include "learning/scoring/scoring.h"

struct hk_evaluation_plan {
	const struct hk_model *model;
	const char *input;             /* folder of classes, manifest, scene or folder of scenes */
	uint32_t channel;              /* core/audio/downmix.h */
	struct hk_treatment treatment; /* its degradation is not read */
	bool degrade;                  /* each degradation, too */
	bool keep_features;            /* of the clips as recorded */
	bool bare;                     /* recordings without tables: scenes without events */
	struct hk_collar collar;
	unsigned n_threads; /* 0: all processors */
	bool quiet;
};

/* All recordings under one degradation. */
struct hk_evaluation_run {
	enum hk_degradation degradation;
	struct hk_clips clips;   /* of clips */
	struct hk_scores scores; /* of scenes */
};

struct hk_evaluation {
	const struct hk_evaluation_plan *plan;
	bool is_scenes;
	struct hk_manifest manifest;
	struct hk_notes notes;
	struct hk_scenes scenes;
	size_t n_runs;
	struct hk_evaluation_run runs[HK_N_DEGRADATIONS]; /* the first: as recorded */
};

/* Says on stderr what went wrong and which recordings could not be heard. */
enum hk_exit hk_evaluate(struct hk_evaluation *ret, const struct hk_evaluation_plan *plan);
void hk_evaluation_finish(struct hk_evaluation *evaluation);
