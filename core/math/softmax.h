/* SPDX-License-Identifier: MIT */
/*
 * softmax: from one number a class to shares that sum to 1: exp(z_k) / sum exp(z_j). Any thread.
 * Real-time: yes.
 */
#pragma once

#include <stdint.h>

/*
 * In place; sums to 1 whatever the finite values, since the largest becomes exp(0).
 * Shapes: values[n], n > 0. Returns the logarithm of sum exp(z_j): less z_k it is the cross-entropy
 * of truth k.
 */
double hk_softmax(double *values, uint32_t n);
