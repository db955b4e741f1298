/* SPDX-License-Identifier: MIT */
/*
 * svm: a trained C-SVC as a dense, aligned matrix of support vectors, and its predictor.
 *
 * Two decisions share one matrix: one-vs-one (libsvm's and scikit-learn's: k (k - 1) / 2 decision
 * values, votes) and one-vs-rest (k decision values, one binary C-SVC a class, whose coefficients
 * for vectors that are not its own are 0). Kernels: linear u'v, polynomial (gamma u'v +
 * coef0)^degree, RBF exp(-gamma |u - v|^2), sigmoid tanh(gamma u'v + coef0). Immutable once made:
 * any number of threads may predict with one model, each with its own scratch.
 *
 * The matrix is float32, or packed: int16 times one power of two, half as large and half as much to
 * read for every window. What is packed decides to the last bit as the same values in float32.
 * Source: libsvm 3.24 svm_predict_values; scikit-learn 1.2 _ovr_decision_function.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/diag.h"
#include "core/classifier/svm_types.h"

/*
 * Memory for a model of that shape: counts are set, labels are 0, 1, 2, ..., every other value is
 * 0, prob_a and prob_b are NULL (the caller may set both to malloc'ed arrays). Returns 0; -EINVAL
 * (fewer than 2 or more than HK_MAX_CLASSES classes, no vectors, no features), -ENOMEM.
 */
int hk_svm_init(struct hk_svm *svm, enum hk_svm_decision decision, uint32_t n_classes,
	uint32_t n_vectors, uint32_t n_features);

/* The same with a packed matrix; EXPONENT is 0. */
int hk_svm_init_packed(struct hk_svm *svm, enum hk_svm_decision decision, uint32_t n_classes,
	uint32_t n_vectors, uint32_t n_features);

/*
 * Turn a float32 matrix into a packed one: every value is rounded to a multiple of the power of two
 * that lets the largest one fit. Values of scaled features change by about 1e-4, decision values by
 * less; pack before coefficients are fitted where that matters. Returns 0, -ENOMEM (nothing
 * changed). A packed model stays as it is.
 */
int hk_svm_pack(struct hk_svm *svm);

/* Vector INDEX as float32, whatever the matrix is. Shapes: ret[stride]. */
void hk_svm_vector(const struct hk_svm *svm, uint32_t index, float *ret);
void hk_svm_finish(struct hk_svm *svm);

/* A linear model with a vector a class, its weights, and no more than its own coefficient. */
bool hk_svm_is_weights(const struct hk_svm *svm);

/* Bytes of its vectors and coefficients in memory. */
size_t hk_svm_size(const struct hk_svm *svm);

/* Doubles of scratch memory that one call of hk_svm_decisions needs. */
size_t hk_svm_scratch_size(const struct hk_svm *svm);

/*
 * Decision values with libsvm's signs and order (0v1, 0v2, ..., 1v2, ...) or one a class.
 * Shapes: x[stride], aligned to 64, zeros after n_features; scratch[hk_svm_scratch_size];
 * ret[n_decisions]. Real-time: yes.
 */
void hk_svm_decisions(
	const struct hk_svm *svm, const float *x, double *scratch, double *ret_decisions);

/*
 * The class by votes (one-vs-one; libsvm's tie rule: the class that comes first wins; a decision
 * value of exactly 0 votes for the second) or by the largest value (one-vs-rest). Index in the
 * bundle's label list.
 */
uint32_t hk_svm_label(const struct hk_svm *svm, const double *decisions);

/*
 * One score a class, as scikit-learn's decision_function(decision_function_shape="ovr"): votes plus
 * summed confidences squeezed into (-1/3, 1/3); for one-vs-rest the decision values themselves. Two
 * classes one-vs-one: +d for class 0 and -d for class 1 (libsvm's sign). Shapes:
 * ret_scores[n_classes] in the bundle's label order.
 */
void hk_svm_scores(const struct hk_svm *svm, const double *decisions, double *ret_scores);

/*
 * libsvm's own probabilities (pairwise sigmoids, coupled) for a one-vs-one model that was trained
 * with them. Shapes: ret_probabilities[n_classes] in the bundle's label order, sum 1. Returns 0,
 * -ENODATA when the model has none.
 */
int hk_svm_probabilities(
	const struct hk_svm *svm, const double *decisions, double *ret_probabilities);
