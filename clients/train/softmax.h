/* SPDX-License-Identifier: MIT */
/*
 * softmax: fits the calibration that turns scores into probabilities:
 * p = softmax(slope * score + bias), one slope, a bias a class.
 *
 * The scores must come from models that did not see the rows (out of fold). The loss is the mean
 * cross-entropy with a slight pull of the biases to 0; it is convex, Newton's method with step
 * halving finds its minimum. A slope that would be negative (scores worse than chance) is set to a
 * small positive one, so that the order of the classes is never reversed.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/calibration.h"

/*
 * Shapes: scores[n_rows * n_labels], labels[n_rows], weights[n_rows] or NULL for 1 each.
 * Returns 0; -ENOMEM; -EINVAL (no rows).
 */
int hk_softmax_fit(struct hk_calibration *ret, const double *scores, const uint32_t *labels,
	const double *weights, size_t n_rows, uint32_t n_labels);
