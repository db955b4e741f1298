/* SPDX-License-Identifier: MIT */
#include "clients/train/crossval.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>

static size_t count_tests(const struct hk_split *split)
{
	size_t n = 0;
	for (size_t i = 0; i < split->n_rows * split->n_splits; i++) {
		n += split->roles[i] == HK_ROLE_TEST;
	}
	return n;
}

static int check_classes(const struct hk_dataset *dataset, const struct hk_split *split, uint32_t k,
	struct hk_diag *diag)
{
	bool trained[HK_MAX_CLASSES] = { false };
	for (size_t row = 0; row < dataset->n_rows; row++) {
		if (hk_split_role(split, k, row) == HK_ROLE_TRAIN) {
			trained[dataset->label[row]] = true;
		}
	}
	for (uint32_t c = 0; c < dataset->n_labels; c++) {
		if (!trained[c]) {
			return hk_diag_set(diag, -ENODATA,
				"split %" PRIu32 " leaves nothing of class number %" PRIu32
				" to learn from: it needs more groups or fewer splits",
				k + 1, c + 1);
		}
	}
	return 0;
}

/* Fill the rows of split K behind those that are there. */
static int run_split(struct hk_out_of_fold *oof, const struct hk_dataset *dataset,
	const struct hk_split *split, uint32_t k, const struct hk_recipe *recipe,
	struct hk_diag *diag)
{
	struct hk_fitted fitted;
	const size_t first = oof->n_rows;
	int r = check_classes(dataset, split, k, diag);
	r = r < 0
		? r
		: hk_fit(&fitted, recipe, dataset, split->roles + (size_t)k * split->n_rows, diag);
	if (r < 0) {
		return r;
	}
	for (size_t row = 0; row < dataset->n_rows; row++) {
		if (hk_split_role(split, k, row) == HK_ROLE_TEST) {
			oof->row[oof->n_rows] = row;
			oof->label[oof->n_rows++] = dataset->label[row];
		}
	}
	r = hk_fitted_scores(&fitted, dataset, oof->row + first, oof->n_rows - first,
		recipe->n_threads, oof->scores + first * oof->n_labels, oof->decided + first);
	hk_fitted_finish(&fitted);
	return r;
}

int hk_cross_validate(struct hk_out_of_fold *ret, const struct hk_dataset *dataset,
	const struct hk_split *split, const struct hk_recipe *recipe, struct hk_progress *progress,
	struct hk_diag *diag)
{
	const size_t n_rows = count_tests(split);
	struct hk_out_of_fold oof = {
		.n_labels = dataset->n_labels,
		.row = calloc(n_rows + 1, sizeof(*oof.row)),
		.label = calloc(n_rows + 1, sizeof(*oof.label)),
		.decided = calloc(n_rows + 1, sizeof(*oof.decided)),
		.scores = calloc((n_rows + 1) * dataset->n_labels, sizeof(*oof.scores)),
	};
	int r = oof.row && oof.label && oof.decided && oof.scores ? 0 : -ENOMEM;
	for (uint32_t k = 0; k < split->n_splits && r == 0; k++) {
		r = run_split(&oof, dataset, split, k, recipe, diag);
		hk_progress_step(progress, NULL, 0);
	}
	if (r < 0) {
		hk_out_of_fold_finish(&oof);
		return r;
	}
	*ret = oof;
	return 0;
}

void hk_out_of_fold_finish(struct hk_out_of_fold *oof)
{
	free(oof->row);
	free(oof->label);
	free(oof->decided);
	free(oof->scores);
	*oof = (struct hk_out_of_fold){ 0 };
}

double hk_out_of_fold_balanced_accuracy(const struct hk_out_of_fold *oof)
{
	size_t n[HK_MAX_CLASSES] = { 0 }, n_right[HK_MAX_CLASSES] = { 0 };
	uint32_t n_classes = 0;
	double sum = 0;
	for (size_t i = 0; i < oof->n_rows; i++) {
		n[oof->label[i]]++;
		n_right[oof->label[i]] += oof->decided[i] == oof->label[i];
	}
	for (uint32_t c = 0; c < oof->n_labels; c++) {
		if (n[c] > 0) {
			sum += (double)n_right[c] / (double)n[c];
			n_classes++;
		}
	}
	return n_classes > 0 ? sum / n_classes : 0;
}
