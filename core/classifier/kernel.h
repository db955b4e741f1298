/* SPDX-License-Identifier: MIT */
/*
 * kernel: the kernel of one vector against every support vector of a model. Only svm.c uses it.
 *
 * RBF takes the squared difference as it stands and not |u|^2 + |v|^2 - 2 u'v, which loses what
 * matters when u and v are close. kernel_sums.h says how exact the sums are.
 */
#pragma once

#include "core/classifier/svm_types.h"

/* Shapes: x[stride], aligned to 64, zeros after n_features; ret_values[n_vectors], finite. */
void hk_kernel_values(const struct hk_svm *svm, const float *x, double *ret_values);
