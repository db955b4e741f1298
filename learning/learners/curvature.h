/* SPDX-License-Identifier: MIT */
/*
 * curvature: roughly how a linear classifier's loss bends, the same for all classes: the second
 * moments of the rows, from some of them. Steps divided by it are near Newton's, in a tenth of the
 * steps that plain ones take, since features of sound go together.
 */
#pragma once

#include <stdint.h>

#include "learning/learners/affine.h"
#include "learning/learners/learner.h"

/* Beyond this the matrix costs more than it saves, and there is none. */
#define HK_CURVATURE_MAX_FEATURES 1024

struct hk_curvature {
	uint32_t n;     /* n_features + 1; 0: none */
	double *factor; /* n * n, Cholesky's; the last row and column belong to the biases */
	double *column; /* n: scratch */
};

/* Bytes that it takes while it is made. */
size_t hk_curvature_size(const struct hk_lesson *lesson);

/*
 * Of a loss whose second derivative is BEND, with a penalty of PULL / 2 times the squared weights.
 * Shapes: class_weights[n_labels]. Returns 0, -ENOMEM.
 */
int hk_curvature_init(struct hk_curvature *curvature, const struct hk_lesson *lesson,
	const double *class_weights, double bend, double pull);
void hk_curvature_finish(struct hk_curvature *curvature);

/* In place, class by class. Shapes: vector[hk_affine_size]. */
void hk_curvature_divide(
	const struct hk_curvature *curvature, const struct hk_affine *affine, double *vector);
