/* SPDX-License-Identifier: MIT */
/*
 * session: one training from recordings to a bundle: read, split, choose, calibrate, learn, write.
 * What `hearken train` does. Main thread; uses others for features and solvers.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "clients/cli/exit_codes.h"
#include "clients/cli/output.h"
#include "core/model/model.h"
#include "learning/data/split.h"
#include "learning/learners/learner.h"

/* Fewest windows of a class that anything can be learnt from. */
#define HK_MIN_WINDOWS 10

/* Texts are the caller's. */
struct hk_training_plan {
	const char *input;                /* folder or manifest */
	const char *output;               /* bundle */
	const char *profile;              /* "": mel-modulation with its level */
	const char *parameters;           /* "key=value;..." of the profile, or "" */
	uint32_t rate_hz;                 /* 0: the profile's own, or that of the first recording */
	const struct hk_learner *learner; /* NULL: all are compared */
	uint32_t channel;                 /* core/audio/downmix.h */
	struct hk_number_list costs, gammas; /* gammas times 1 / n_features */
	uint32_t n_vectors;                  /* for learners that can choose */
	double clip;                         /* negative: the profile's */
	enum hk_split_method split;
	const char *folds; /* table for HK_SPLIT_FOLDS */
	uint32_t n_splits, margin;
	enum hk_calibration_method calibration; /* softmax or sigmoid */
	uint32_t n_copies; /* changed copies of every recording to learn from as well */
	uint64_t seed;
	unsigned n_threads; /* 0: all processors */
	size_t memory;      /* bytes to learn in; 0: 3 GiB or 3/4 of the machine's */
	char name[HK_LABEL_SIZE];
	const char *description;
	const char *rules; /* INI file of [class NAME] sections, or NULL */
	bool quiet, json;
};

/* Progress and what was left out go to stderr, the report to OUT. */
enum hk_exit hk_train(const struct hk_training_plan *plan, struct hk_output *out);
