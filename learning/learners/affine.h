/* SPDX-License-Identifier: MIT */
/*
 * affine: a weight a feature and a bias for every class: z = W x + b for a few rows at a time, and
 * the way back, from what the classes want changed to the gradient.
 *
 * Classes lie side by side in groups of HK_AFFINE_LANES, filled up with zeros: row j of W holds
 * feature j's weights of all classes, the row behind the last feature their biases. Sums run over
 * the features in order, so every instruction set gives the same bits.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/classifier/svm.h"

#define HK_AFFINE_LANES 4
#define HK_AFFINE_ROWS 4 /* of the rows that are worked on at a time */

struct hk_affine {
	size_t n_features;
	uint32_t n_classes;
	size_t width; /* classes, rounded up to HK_AFFINE_LANES; a row of W */
};

static inline struct hk_affine hk_affine_of(size_t n_features, uint32_t n_classes)
{
	const size_t lanes = HK_AFFINE_LANES;
	return (struct hk_affine){ n_features, n_classes, (n_classes + lanes - 1) / lanes * lanes };
}

/* Doubles of W, biases included. */
static inline size_t hk_affine_size(const struct hk_affine *affine)
{
	return (affine->n_features + 1) * affine->width;
}

/* Shapes: weights[hk_affine_size], rows[HK_AFFINE_ROWS][n_features], ret[HK_AFFINE_ROWS][width]. */
void hk_affine_apply(const struct hk_affine *affine, const double *weights,
	const float *const rows[HK_AFFINE_ROWS], double *ret);

/* gradient += residuals' rows. Shapes: as above, residuals as `ret`, gradient as `weights`. */
void hk_affine_add_gradient(const struct hk_affine *affine, const float *const rows[HK_AFFINE_ROWS],
	const double *residuals, double *gradient);
