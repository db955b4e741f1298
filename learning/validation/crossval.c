/* SPDX-License-Identifier: MIT */
#include "learning/validation/crossval.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

static size_t count_tests(const struct hk_split *split)
{
	size_t n = 0;
	for (size_t i = 0; i < split->n_rows * split->n_splits; i++) {
		n += split->roles[i] == HK_ROLE_TEST;
	}
	return n;
}

static double processor_s(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Mean recall over the classes that rows FIRST and later have. */
static double balanced_accuracy(const struct hk_out_of_fold *oof, size_t first)
{
	size_t n[HK_MAX_CLASSES] = { 0 }, n_right[HK_MAX_CLASSES] = { 0 };
	uint32_t n_classes = 0;
	double sum = 0;
	for (size_t i = first; i < oof->n_rows; i++) {
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

/* Scores of the rows FIRST and later. */
static int score_split(struct hk_out_of_fold *oof, const struct hk_dataset *dataset, size_t first,
	const struct hk_fitted *fitted, unsigned n_threads)
{
	const size_t n = oof->n_rows - first;
	const double start_s = processor_s();
	const int r = hk_fitted_scores(fitted, dataset, oof->row + first, n, n_threads,
		oof->scores + first * oof->n_labels, oof->decided + first);
	oof->window_us += n > 0 ? 1e6 * (processor_s() - start_s) / (double)n : 0;
	oof->n_vectors += fitted->svm.n_vectors;
	oof->n_bytes += (double)hk_svm_size(&fitted->svm);
	return r;
}

/* Fill the rows of split K behind those that are there. */
static int run_split(struct hk_out_of_fold *oof, const struct hk_dataset *dataset,
	const struct hk_split *split, uint32_t k, const struct hk_recipe *recipe,
	struct hk_diag *diag)
{
	struct hk_fitted fitted;
	const size_t first = oof->n_rows;
	int r = hk_fit(&fitted, recipe, dataset, split->roles + (size_t)k * split->n_rows, diag);
	if (r < 0) {
		return r;
	}
	for (size_t row = 0; row < dataset->n_rows; row++) {
		if (hk_split_role(split, k, row) == HK_ROLE_TEST) {
			oof->row[oof->n_rows] = row;
			oof->label[oof->n_rows++] = dataset->label[row];
		}
	}
	oof->split_ends[k] = oof->n_rows;
	r = score_split(oof, dataset, first, &fitted, recipe->n_threads);
	oof->split_scores[k] = balanced_accuracy(oof, first);
	hk_fitted_finish(&fitted);
	return r;
}

/* From sums over the splits to means. */
static void average(struct hk_out_of_fold *oof)
{
	const double n = oof->n_splits;
	for (uint32_t k = 0; k < oof->n_splits; k++) {
		oof->score += oof->split_scores[k] / n;
	}
	oof->n_vectors /= n;
	oof->n_bytes /= n;
	oof->window_us /= n;
}

int hk_cross_validate(struct hk_out_of_fold *ret, const struct hk_dataset *dataset,
	const struct hk_split *split, const struct hk_recipe *recipe, struct hk_progress *progress,
	struct hk_diag *diag)
{
	const size_t n_rows = count_tests(split);
	struct hk_out_of_fold oof = {
		.n_labels = dataset->n_labels,
		.n_splits = split->n_splits,
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
	average(&oof);
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
