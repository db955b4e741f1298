/* SPDX-License-Identifier: MIT */
/*
 * landmark_rows: the rows of a lesson as kernel values on landmarks: what ridge.c and svc_reduced.c
 * fit coefficients to. In double: the centres of k-means resemble each other, so the kernel is
 * nearly singular, and sums of float32 lose the answer.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/classifier/svm.h"
#include "learning/learners/learner.h"
#include "learning/learners/normal_matrix.h"

/* Each row is multiplied by the root of its weight, which makes all classes count alike
 * (balance.h). */
struct hk_landmark_rows {
	struct hk_tall tall; /* n_rows x n_columns; the caller never writes it */
	double *values;      /* what `tall` views */
	double *roots;       /* n_rows: root of the weight */
};

/* Bytes that hk_landmark_rows_init takes for N_COLUMNS. */
size_t hk_landmark_rows_size(const struct hk_lesson *lesson, uint32_t n_columns);

/*
 * A column a vector of SVM (kernel and gamma set); N_CONSTANT (0 or 1) more hold 1, for a bias.
 * Returns 0, -ENOMEM.
 */
int hk_landmark_rows_init(struct hk_landmark_rows *rows, const struct hk_lesson *lesson,
	const struct hk_svm *svm, uint32_t n_constant);
void hk_landmark_rows_finish(struct hk_landmark_rows *rows);

/*
 * Add to the lower triangle of MATRIX the penalty K / cost of the vectors of SVM, and to its
 * diagonal 1e-9 of the rows, so that rounding leaves nothing undetermined. Shapes: matrix[n_columns
 * * n_columns], n_columns >= n_vectors. Returns 0, -ENOMEM.
 */
int hk_landmark_add_penalty(double *matrix, uint32_t n_columns, const struct hk_lesson *lesson,
	const struct hk_svm *svm);

/*
 * How many landmarks LESSON gets. -EFBIG with DIAG: they take N_BYTES(LESSON, landmarks), more than
 * it may have.
 */
int hk_landmark_count(uint32_t *ret, const struct hk_lesson *lesson,
	size_t (*n_bytes)(const struct hk_lesson *lesson, uint32_t n_landmarks),
	struct hk_diag *diag);

/* An SVM one-vs-rest with an RBF kernel and N found landmarks, its coefficients 0. Returns 0,
 * -ENOMEM. */
int hk_landmark_svm_init(struct hk_svm *ret, const struct hk_lesson *lesson, uint32_t n);

/*
 * Choose landmarks and let LEARN_ON find their coefficients; NAME begins the message of a singular
 * kernel (-EDOM of LEARN_ON). Returns as hk_landmark_count, hk_landmark_svm_init and LEARN_ON; *ret
 * is untouched on failure.
 */
int hk_landmark_learn(struct hk_svm *ret, const struct hk_lesson *lesson, const char *name,
	size_t (*n_bytes)(const struct hk_lesson *lesson, uint32_t n_landmarks),
	int (*learn_on)(struct hk_svm *svm, const struct hk_lesson *lesson), struct hk_diag *diag);
