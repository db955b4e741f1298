/* SPDX-License-Identifier: MIT */
/*
 * cross_fit: honest probabilities of rows that were kept out of training.
 *
 * A calibration is fitted to scores, so what it says about the rows it was fitted on flatters it.
 * The probabilities of each split's rows therefore come from a calibration that was fitted on the
 * rows of the other splits.
 */
#pragma once

#include "core/classifier/calibration.h"
#include "learning/validation/crossval.h"

/*
 * METHOD as hk_calibrate. Shapes: ret_probabilities[oof->n_rows * oof->n_labels].
 * Returns 0; -ENODATA (there is no other split to fit on); -ENOMEM.
 */
int hk_cross_fit(double *ret_probabilities, enum hk_calibration_method method,
	const struct hk_out_of_fold *oof);
