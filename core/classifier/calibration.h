/* SPDX-License-Identifier: MIT */
/*
 * calibration: from one score a class to probabilities that sum to 1.
 *
 * The methods of model.ini's [calibration]: `softmax` (one slope, a bias a class), `sigmoid` (slope
 * and bias a class, normalised), `libsvm` (the pairwise sigmoids in svm.model), `none` (softmax of
 * the raw scores: an order, not a probability; `hearken model show` and the daemon's start message
 * say so). Fitting is in training code; this is what runs live. Real-time: yes.
 */
#pragma once

#include <stdint.h>

#include "core/classifier/svm.h"

enum hk_calibration_method {
	HK_CALIBRATION_NONE,
	HK_CALIBRATION_SOFTMAX,
	HK_CALIBRATION_SIGMOID,
	HK_CALIBRATION_LIBSVM,
};

struct hk_calibration {
	enum hk_calibration_method method;
	double slope[HK_MAX_CLASSES]; /* softmax uses slope[0] only */
	double bias[HK_MAX_CLASSES];
};

/*
 * Shapes: scores[n_classes] (hk_svm_scores), decisions[svm->n_decisions] (used by `libsvm` only),
 * ret_probabilities[n_classes], finite, >= 0, sum 1.
 */
void hk_calibration_apply(const struct hk_calibration *calibration, const struct hk_svm *svm,
	const double *scores, const double *decisions, double *ret_probabilities);
