/* SPDX-License-Identifier: MIT */
/*
 * measures: how right labels and probabilities are.
 *
 * Precision, recall and F1 of a class and the confusion matrix as in scikit-learn's
 * classification_report; ECE: mean distance of the top probability from the accuracy, over 15 bins
 * of equal width, weighted by their counts (Guo et al. 2017); Brier: mean squared distance of the
 * probabilities from the truth, summed over the classes.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/classifier/svm.h"

struct hk_class_measures {
	size_t n;                     /* rows of this class */
	double precision, recall, f1; /* 0 where they are undefined */
};

struct hk_measures {
	uint32_t n_labels;
	size_t n_rows;
	size_t confusion[HK_MAX_CLASSES][HK_MAX_CLASSES]; /* true, decided */
	struct hk_class_measures classes[HK_MAX_CLASSES];
	double accuracy;
	double balanced_accuracy; /* mean recall over the classes that have rows */
	double macro_f1;
	double ece, brier; /* NAN without probabilities */
};

/*
 * Shapes: labels[n_rows], decided[n_rows], probabilities[n_rows * n_labels] or NULL.
 */
void hk_measure(struct hk_measures *ret, const uint32_t *labels, const uint32_t *decided,
	const double *probabilities, size_t n_rows, uint32_t n_labels);
