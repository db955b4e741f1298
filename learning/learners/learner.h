/* SPDX-License-Identifier: MIT */
/*
 * learner: the ways to learn a decision from scaled rows, behind one interface.
 *
 * Whatever is learnt is a struct hk_svm (a sum of kernels over vectors, one-vs-one or one-vs-rest),
 * so one bundle format and one predictor serve them all. The same rows give the same bits, whatever
 * the number of threads. To add a learner: one file, one row in learner.c.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/diag.h"
#include "core/classifier/svm.h"

/* What to learn from. Every label has at least one row. */
struct hk_lesson {
	float *rows; /* n_rows * stride, scaled, aligned to 64, zeros after n_features; not written
		      */
	const uint32_t *labels;
	size_t n_rows, n_features;
	size_t stride; /* as hk_svm has it */
	uint32_t n_labels;
	double c;           /* cost of a violated margin */
	double gamma;       /* of the RBF kernel */
	uint32_t n_vectors; /* wanted, by learners that can choose */
	uint64_t seed;
	unsigned n_threads; /* to be used */
	size_t memory; /* bytes that may be used beyond the rows; a learner says what it needs */
};

#define HK_MAX_CANDIDATES 16 /* costs or gammas that are tried */

/* Numbers above 0 to choose from; none: what is usual. */
struct hk_number_list {
	size_t n_values;
	double values[HK_MAX_CANDIDATES];
};

struct hk_learner {
	const char *name;  /* "svc-ovr" */
	const char *title; /* the method's name in books: "support vector machine" */
	const char *help;  /* one sentence, no full stop */
	/*
	 * Has an RBF kernel: cost and gamma are told relative to what is usual with the profile
	 * (shape.h), the others know no gamma and their costs are absolute. The first is the usual
	 * one, all are tried when classifiers are compared.
	 */
	bool has_kernel;
	struct hk_number_list costs, gammas;
	/*
	 * Learn. *ret is for hk_svm_finish.
	 * Returns 0; -ENOMEM; -EFBIG with DIAG saying how much memory is needed.
	 */
	int (*learn)(struct hk_svm *ret, const struct hk_lesson *lesson, struct hk_diag *diag);
};

/* -EFBIG with DIAG: LESSON takes NEEDED bytes, more than it may. */
int hk_lesson_too_large(const struct hk_lesson *lesson, size_t needed, struct hk_diag *diag);

/* All learners, the default first, NULL-terminated; their names and "auto", for tables of options.
 */
extern const struct hk_learner *const hk_learners[];
extern const char *const hk_learner_names[];

extern const struct hk_learner hk_learner_svc_ovr;
extern const struct hk_learner hk_learner_svc_ovo;
extern const struct hk_learner hk_learner_svc_reduced;
extern const struct hk_learner hk_learner_ridge;
extern const struct hk_learner hk_learner_svc_linear;
extern const struct hk_learner hk_learner_logistic;
extern const struct hk_learner hk_learner_logistic_ovr;
