/* SPDX-License-Identifier: MIT */
/*
 * kernel: the kernel of one vector against every support vector of a model. Only svm.c uses it.
 *
 * Accuracy: differences and products are float32, summed in 32 lanes over at most 1024 values and
 * from there on in double, so that the error does not grow with the number of features: 1e-6 of the
 * decision value at 8198 features. RBF takes the squared difference as it stands and not
 * |u|^2 + |v|^2 - 2 u'v, which loses what matters when u and v are close. The same bits on every
 * instruction set: the lanes are fixed and nothing is fused.
 */
#pragma once

#include "core/svm.h"

/* Shapes: x[stride], aligned to 64, zeros after n_features; ret_values[n_vectors], finite. */
void hk_kernel_values(const struct hk_svm *svm, const float *x, double *ret_values);
