/* SPDX-License-Identifier: MIT */
/*
 * search: which classifier, cost and gamma to learn with: every candidate is cross-validated on the
 * same splits.
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

#include "clients/train/crossval.h"
#include "clients/train/learner.h"

#define HK_MAX_CONTENDERS 8
#define HK_WHY_SIZE 192

/* What holds for figures of the splits that chose among several recipes. */
#define HK_OPTIMISM "measured on the splits that chose the recipe: a little optimistic"

struct hk_search_plan {
	const struct hk_learner *learner;    /* NULL: all are compared */
	struct hk_number_list costs, gammas; /* gammas times 1 / n_features */
	double usual_cost, usual_gamma;      /* with a kernel and this profile */
	struct hk_recipe recipe;             /* everything else */
};

/* A classifier and the best that it can do. */
struct hk_contender {
	struct hk_recipe recipe;
	uint32_t n_tried; /* recipes */
	double error;     /* standard error of oof.score; 0 with one split */
	struct hk_out_of_fold oof;
};

struct hk_search {
	size_t n_contenders;
	struct hk_contender contenders[HK_MAX_CONTENDERS];
	size_t best, chosen;
	uint32_t n_tried; /* recipes, of all of them */
};

/*
 * Steps of progress are told to FILE (NULL: none). A classifier that needs more memory than it may
 * have is left out with a message when there are others.
 * Returns 0; as hk_cross_validate.
 */
int hk_search(struct hk_search *ret, const struct hk_search_plan *plan,
	const struct hk_dataset *dataset, const struct hk_split *split, FILE *file,
	struct hk_diag *diag);
void hk_search_finish(struct hk_search *search);

/* Why the chosen one was chosen, in one sentence without a full stop. */
void hk_search_why(const struct hk_search *search, char ret[HK_WHY_SIZE]);
