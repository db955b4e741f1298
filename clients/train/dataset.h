/* SPDX-License-Identifier: MIT */
/*
 * dataset: the windows of all takes as one matrix of features, computed on all cores.
 *
 * Rows stand in the order of the takes, and of time within a take, whichever thread computed them.
 * Memory: n_rows * n_features floats, twice that while the takes' rows are being joined. The
 * audio itself is streamed.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "clients/train/extract.h"
#include "clients/train/manifest.h"
#include "clients/train/progress.h"
#include "core/analyzer.h"

struct hk_dataset {
	size_t n_rows, n_features;
	uint32_t n_labels;
	float *features; /* n_rows * n_features, as the profile gave them */
	uint32_t *label; /* n_rows */
	uint32_t *group; /* n_rows: the take's */
	uint32_t *take;  /* n_rows: index in the manifest */
	float *start_s;  /* n_rows: of the window in its file */
	size_t n_takes;
	enum hk_take_state *states; /* n_takes */
	char **why;                 /* n_takes: NULL for HK_TAKE_USED */
};

/*
 * Read every take of MANIFEST as SETUP says, on N_THREADS threads. PROGRESS is stepped once a take.
 * Returns 0, -EINVAL with DIAG (impossible setup), -ENOMEM.
 */
int hk_dataset_build(struct hk_dataset *ret, const struct hk_manifest *manifest,
	const struct hk_analyzer_setup *setup, unsigned n_threads, struct hk_progress *progress,
	struct hk_diag *diag);
void hk_dataset_finish(struct hk_dataset *dataset);

/* Rows of each label. Shapes: ret_counts[n_labels]. */
void hk_dataset_count(const struct hk_dataset *dataset, size_t *ret_counts);
