/* SPDX-License-Identifier: MIT */
/*
 * class_weights: weights of rows that make every class count alike, however many rows it has, and 1
 * on average: scikit-learn's class_weight="balanced".
 */
#pragma once

#include "learning/learners/learner.h"

/* Of each class among all. Shapes: ret_weights[n_labels]. */
void hk_balance_classes(const struct hk_lesson *lesson, double *ret_weights);

/* Of class LABEL (first) and of all others together (second). */
void hk_balance_against_rest(const struct hk_lesson *lesson, uint32_t label, double ret_weights[2]);
