/* SPDX-License-Identifier: MIT */
/*
 * kernel_rows: the RBF kernel of one row of a lesson with all others, computed when it is first
 * asked for and kept while there is room, the longest unused going first. The problems of all
 * classes share it: what one of them has asked for the others need not compute. Any thread.
 *
 * A row's numbers do not depend on who asks when, so neither does what is learnt from them.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "learning/learners/learner.h"

struct hk_kernel_rows;

/* Bytes that N_KEPT rows take. */
size_t hk_kernel_rows_size(const struct hk_lesson *lesson, size_t n_kept);

/*
 * N_KEPT rows at most are kept, more than are ever held at a time. LESSON must outlive the object.
 * Returns 0, -ENOMEM.
 */
int hk_kernel_rows_new(struct hk_kernel_rows **ret, const struct hk_lesson *lesson, size_t n_kept);
void hk_kernel_rows_free(struct hk_kernel_rows *rows);

/*
 * Hold N different rows until they are let go.
 * Shapes: indices[n]; ret[n] rows of n_rows values.
 */
void hk_kernel_rows_hold(
	struct hk_kernel_rows *rows, const size_t *indices, size_t n, const float **ret);
void hk_kernel_rows_let_go(struct hk_kernel_rows *rows, const size_t *indices, size_t n);
