/* SPDX-License-Identifier: MIT */
/*
 * dataset: the windows of all takes as one matrix of features, computed on all cores.
 *
 * Rows stand in the order of the takes, and of time within a take, whichever thread computed them;
 * changed copies of the takes follow behind all of them. Memory: n_rows * n_features floats, twice
 * that while rows are being joined. The audio itself is streamed.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/detection/window_pipeline.h"
#include "learning/base/progress.h"
#include "learning/data/extract.h"
#include "learning/data/manifest.h"

struct hk_dataset {
	size_t n_rows, n_features;
	uint32_t n_labels;
	float *features; /* n_rows * n_features, as the profile gave them */
	uint32_t *label; /* n_rows */
	uint32_t *group; /* n_rows: the take's */
	uint32_t *take;  /* n_rows: index in the manifest */
	uint32_t *copy;  /* n_rows: 0 as recorded, 1, 2, ... changed copies */
	float *start_s;  /* n_rows: of the window in its file, or in its copy */
	size_t n_takes;
	size_t *n_take_rows;        /* n_takes: rows as recorded */
	enum hk_take_state *states; /* n_takes */
	uint32_t *ends_hz;          /* n_takes: of hk_extract */
	char **why;                 /* n_takes: NULL for HK_TAKE_USED */
};

/* How rows are computed. */
struct hk_dataset_work {
	const struct hk_manifest *manifest;
	const struct hk_window_pipeline_setup *setup;
	unsigned n_threads;
	struct hk_progress *progress; /* stepped once a take or copy */
};

/*
 * Read every take of the manifest.
 * Returns 0, -EINVAL with DIAG (impossible setup), -ENOMEM.
 */
int hk_dataset_build(
	struct hk_dataset *ret, const struct hk_dataset_work *work, struct hk_diag *diag);

/*
 * Append N_COPIES changed copies (copies.h) of every take that gave rows. What is heard behind a
 * copy comes from another take of the same fold, so that no test ever meets what was trained on.
 * Shapes: fold_of_take[n_takes], or NULL: nothing is heard behind copies. Returns as
 * hk_dataset_build; *DATASET is as it was on failure.
 */
int hk_dataset_augment(struct hk_dataset *dataset, const struct hk_dataset_work *work,
	const uint32_t *fold_of_take, uint32_t n_copies, uint64_t seed, struct hk_diag *diag);

void hk_dataset_finish(struct hk_dataset *dataset);

/* Takes that gave rows. */
size_t hk_dataset_count_used(const struct hk_dataset *dataset);

/* Rows of each label, as recorded. Shapes: ret_counts[n_labels]. */
void hk_dataset_count(const struct hk_dataset *dataset, size_t *ret_counts);

/* The rows of LABEL, in order. Shapes: ret[n_rows]. Returns how many. */
size_t hk_dataset_rows_of(const struct hk_dataset *dataset, uint32_t label, size_t *ret);
