/* SPDX-License-Identifier: MIT */
/*
 * libsvm_rows: dense rows in libsvm's sparse form, 16 bytes a value. svm_train only reads them.
 */
#pragma once

#include <libsvm/svm.h>
#include <stddef.h>

#include "learning/learners/learner.h"

struct hk_nodes {
	size_t n_rows;
	struct svm_node **rows; /* n_rows pointers into `values` */
	struct svm_node *values;
};

/* Bytes that the nodes of LESSON take. */
size_t hk_nodes_size(const struct hk_lesson *lesson);

/* Returns 0, -ENOMEM. */
int hk_nodes_init(struct hk_nodes *nodes, const struct hk_lesson *lesson);
void hk_nodes_finish(struct hk_nodes *nodes);

/*
 * Parameters of a C-SVC with an RBF kernel as LESSON has them, balanced weights left to the caller;
 * the kernel cache is what is left of the lesson's memory. Silences libsvm. Returns 0; -EFBIG with
 * DIAG when the memory does not suffice for the nodes.
 */
int hk_svc_parameters(
	struct svm_parameter *ret, const struct hk_lesson *lesson, struct hk_diag *diag);
