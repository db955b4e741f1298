/* SPDX-License-Identifier: MIT */
/*
 * landmarks: a few vectors that stand for many: the centres of k-means, class by class.
 */
#pragma once

#include <stdint.h>

#include "core/classifier/svm.h"
#include "learning/learners/learner.h"

/*
 * Fill SVM (made by hk_svm_init with the number of landmarks wanted, at most the number of
 * rows) with centres of LESSON's rows. Classes get landmarks by the 3/4 power of their rows, so
 * that small ones are not forgotten. SVM's kernel must be RBF with its gamma set: distances are
 * compared by it. The result is packed (hk_svm_pack): coefficients are then fitted to what the
 * bundle holds. Returns 0, -ENOMEM.
 */
int hk_landmarks_find(struct hk_svm *svm, const struct hk_lesson *lesson);
