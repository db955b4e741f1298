/* SPDX-License-Identifier: MIT */
/*
 * clouds: what the tests of learners learn from: three overlapping clouds of different size, in
 * sixteenths, which packed landmarks hold exactly; and what a model decides of them.
 */
#pragma once

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "learning/base/random.h"
#include "learning/learners/learner.h"

#define N_ROWS 240
#define N_FEATURES 10
#define N_LABELS 3
#define GAMMA 0.1
#define COST 2.0

#define STRIDE 16

static float rows[N_ROWS * STRIDE] __attribute__((aligned(HK_SVM_ALIGNMENT)));
static uint32_t labels[N_ROWS];

static inline int make_rows(void **state)
{
	(void)state;
	struct hk_random random = hk_random_of(11, 0, 0);
	for (size_t i = 0; i < N_ROWS; i++) {
		labels[i] = i % 6 < 3 ? 0 : i % 6 < 5 ? 1 : 2;
		for (size_t j = 0; j < N_FEATURES; j++) {
			const double centre = j % N_LABELS == labels[i] ? 1.0 : 0.0;
			const double value = centre + hk_random_normal(&random);
			rows[i * STRIDE + j] = (float)(round(16 * value) / 16);
		}
	}
	return 0;
}

static inline struct hk_lesson lesson_of(unsigned n_threads)
{
	return (struct hk_lesson){
		.rows = rows,
		.labels = labels,
		.n_rows = N_ROWS,
		.n_features = N_FEATURES,
		.stride = STRIDE,
		.n_labels = N_LABELS,
		.c = COST,
		.gamma = GAMMA,
		.n_threads = n_threads,
		.memory = 64 << 20,
	};
}

/* Decision values of row I. */
static inline void decide(const struct hk_svm *svm, size_t i, double *ret)
{
	float *x = aligned_alloc(64, svm->stride * sizeof(float));
	double *scratch = calloc(hk_svm_scratch_size(svm) + 1, sizeof(double));
	assert_true(x && scratch);
	memset(x, 0, svm->stride * sizeof(float));
	memcpy(x, rows + i * STRIDE, N_FEATURES * sizeof(float));
	hk_svm_decisions(svm, x, scratch, ret);
	free(x);
	free(scratch);
}
