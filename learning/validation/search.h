/* SPDX-License-Identifier: MIT */
/*
 * search: which classifier, cost and gamma to learn with: every candidate is cross-validated on the
 * same splits.
 *
 * Of a classifier all its costs and gammas are tried when the user does not name any, but for one
 * that was asked for by name and many rows to learn from: its first alone, since the time grows
 * with more than the square of the rows.
 *
 * Of each classifier the candidate with the highest score stays (the mean over the splits of the
 * balanced accuracy). Of the classifiers the smallest is chosen among those that are as good as the
 * best: whose distance from it, split by split, is on average at most the standard error of that
 * distance (Breiman's one-standard-error rule, with paired differences since the splits are the
 * same). Nothing that is measured in time has a say, so the same input chooses the same.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/diag.h"
#include "learning/learners/learner.h"
#include "learning/validation/crossval.h"

#define HK_MAX_CONTENDERS 8
#define HK_FEW_ROWS 5000 /* up to here all costs and gammas are tried */
#define HK_WHY_SIZE 192

/* What holds for figures of the splits that chose among several recipes. */
#define HK_OPTIMISM "measured on the splits that chose the recipe: a little optimistic"

struct hk_search_plan {
	const struct hk_learner *learner;    /* NULL: all are compared */
	struct hk_number_list costs, gammas; /* gammas times 1 / n_features */
	double usual_cost, usual_gamma;      /* with a kernel and this profile */
	struct hk_recipe recipe;             /* everything else */
};

/* What came of one recipe. */
struct hk_trial {
	struct hk_recipe recipe;
	double score, error; /* the score's standard error; 0 with one split */
	double n_vectors, n_bytes, window_us;
};

/* A classifier and the best that it can do. */
struct hk_contender {
	uint32_t n_tried; /* recipes */
	struct hk_trial best;
	struct hk_out_of_fold oof; /* of the best */
};

struct hk_search {
	size_t n_contenders;
	struct hk_contender contenders[HK_MAX_CONTENDERS];
	size_t best, chosen;
	size_t n_trials; /* of all of them, in the order in which they were tried */
	struct hk_trial *trials;
	size_t n_left_out;
	struct hk_diag left_out[HK_MAX_CONTENDERS]; /* why a classifier is left out, for the user */
};

/*
 * Report progress on FILE (NULL: none). A classifier that needs more memory than it may have is
 * left out (`left_out`) when there are others. Returns 0; as hk_cross_validate.
 */
int hk_search(struct hk_search *ret, const struct hk_search_plan *plan,
	const struct hk_dataset *dataset, const struct hk_split *split, FILE *file,
	struct hk_diag *diag);
void hk_search_finish(struct hk_search *search);

/* Why the chosen one was chosen, in one sentence without a full stop. */
void hk_search_why(const struct hk_search *search, char ret[HK_WHY_SIZE]);
