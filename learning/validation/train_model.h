/* SPDX-License-Identifier: MIT */
/*
 * train_model: from rows of a dataset to a scaler and a decision, and back to scores.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/classifier/scaler.h"
#include "core/classifier/svm.h"
#include "learning/data/dataset.h"
#include "learning/learners/learner.h"

/* How to learn. */
struct hk_recipe {
	const struct hk_learner *learner;
	double cost;
	double gamma;       /* of the RBF kernel, already divided by the number of features */
	uint32_t n_vectors; /* for learners that can choose */
	uint64_t seed;
	float clip; /* scaled values are limited to +-clip; 0: not */
	unsigned n_threads;
	size_t memory; /* bytes, for everything that fitting allocates */
};

struct hk_fitted {
	struct hk_scaler scaler;
	struct hk_svm svm;
};

/*
 * Learn from the rows whose ROLES are HK_ROLE_TRAIN (NULL: from all); every label has some.
 * Memory: a scaled copy of those rows, and what the learner needs.
 * Returns 0; -EFBIG with DIAG; -ENOMEM.
 */
int hk_fit(struct hk_fitted *ret, const struct hk_recipe *recipe, const struct hk_dataset *dataset,
	const uint8_t *roles, struct hk_diag *diag);
void hk_fitted_finish(struct hk_fitted *fitted);

/*
 * Scores and decided labels of some rows.
 * Shapes: rows[n_rows] (indices in the dataset), ret_scores[n_rows * n_labels], ret_labels[n_rows].
 * Returns 0, -ENOMEM.
 */
int hk_fitted_scores(const struct hk_fitted *fitted, const struct hk_dataset *dataset,
	const size_t *rows, size_t n_rows, unsigned n_threads, double *ret_scores,
	uint32_t *ret_labels);
