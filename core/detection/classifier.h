/* SPDX-License-Identifier: MIT */
/*
 * classifier: features of one window -> label and probabilities, with a loaded model and its own
 * scratch memory. One object a thread; the model is shared and must outlive it. hk_classify
 * allocates nothing. Real-time: yes.
 */
#pragma once

#include <stdint.h>

#include "core/model/model.h"

struct hk_classification {
	uint32_t label; /* index in the model's labels: the most probable; of two alike the first */
	uint32_t decided; /* the classifier's own decision, by votes or scores: may differ where
			     probabilities are close */
	const double *probabilities; /* n_labels; valid until the next call */
	const double *scores;        /* n_labels; valid until the next call */
	const double *decisions;     /* svm.n_decisions; valid until the next call */
};

struct hk_classifier;

/* Returns 0, -ENOMEM. */
int hk_classifier_new(struct hk_classifier **ret, const struct hk_model *model);
void hk_classifier_free(struct hk_classifier *classifier);

/* Shapes: features[n_features] as the profile gave them, unscaled. */
void hk_classify(
	struct hk_classifier *classifier, const float *features, struct hk_classification *ret);
