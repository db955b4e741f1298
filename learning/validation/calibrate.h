/* SPDX-License-Identifier: MIT */
/*
 * calibrate: fits what turns scores into probabilities (core/classifier/calibration.h) to scores of
 * models that did not see the rows (out of fold).
 *
 * softmax  p = softmax(slope * score + bias), one slope, a bias a class: the mean cross-entropy
 * with a slight pull of the biases to 0 is convex, Newton's method with step halving finds its
 *          minimum
 * sigmoid  sigmoid(slope * score + bias) a class, each a logistic regression of its own
 *
 * A slope that would be negative (scores worse than chance) is set to a small positive one, so that
 * the order of the classes is never reversed.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/classifier/calibration.h"

/*
 * METHOD: HK_CALIBRATION_SOFTMAX or HK_CALIBRATION_SIGMOID.
 * Shapes: scores[n_rows * n_labels], labels[n_rows]. Returns 0; -ENOMEM; -EINVAL (no rows).
 */
int hk_calibrate(struct hk_calibration *ret, enum hk_calibration_method method,
	const double *scores, const uint32_t *labels, size_t n_rows, uint32_t n_labels);
