/* SPDX-License-Identifier: MIT */
/*
 * crossval: what models say about rows they did not learn from.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/classifier/calibration.h"
#include "learning/base/progress.h"
#include "learning/data/dataset.h"
#include "learning/data/split.h"
#include "learning/validation/train_model.h"

/* Rows in the order of the splits, then of the dataset. */
struct hk_out_of_fold {
	size_t n_rows;
	uint32_t n_labels;
	size_t *row;       /* index in the dataset */
	uint32_t *label;   /* the true one */
	uint32_t *decided; /* the model's own decision */
	double *scores;    /* n_rows * n_labels */
	uint32_t n_splits;
	size_t split_ends[HK_MAX_FOLDS];   /* rows up to here are of this split or one before */
	double split_scores[HK_MAX_FOLDS]; /* mean recall of the classes that a split tests */
	double score;                      /* the mean of those: what recipes are compared by */
	/* Of the models, on average. */
	double n_vectors, n_bytes;
	double window_us; /* processor time for a window: not the same twice */
};

/*
 * For each split: learn from what trains, score what tests. PROGRESS is stepped once a split. Every
 * split has something of every class to learn from. Returns as hk_fit.
 */
int hk_cross_validate(struct hk_out_of_fold *ret, const struct hk_dataset *dataset,
	const struct hk_split *split, const struct hk_recipe *recipe, struct hk_progress *progress,
	struct hk_diag *diag);
void hk_out_of_fold_finish(struct hk_out_of_fold *oof);
