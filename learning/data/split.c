/* SPDX-License-Identifier: MIT */
#include "learning/data/split.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "learning/base/random.h"

int hk_split_init(struct hk_split *split, enum hk_split_method method, uint32_t n_splits,
	const struct hk_dataset *dataset)
{
	*split = (struct hk_split){
		.method = method,
		.n_splits = n_splits,
		.n_rows = dataset->n_rows,
		.roles = calloc(dataset->n_rows + 1, n_splits),
	};
	return split->roles ? 0 : -ENOMEM;
}

void hk_split_finish(struct hk_split *split)
{
	free(split->roles);
	free(split->fold_of_take);
	*split = (struct hk_split){ 0 };
}

void hk_split_set_folds(
	struct hk_split *split, const struct hk_dataset *dataset, uint32_t *fold_of_take)
{
	for (uint32_t k = 0; k < split->n_splits; k++) {
		for (size_t row = 0; row < split->n_rows; row++) {
			split->roles[(size_t)k * split->n_rows + row] =
				fold_of_take[dataset->take[row]] == k ? HK_ROLE_TEST
								      : HK_ROLE_TRAIN;
		}
	}
	split->fold_of_take = fold_of_take;
}

/* Takes of which every row trains in split K. Shapes: ret[n_takes]. */
static void find_training_takes(
	const struct hk_split *split, const struct hk_dataset *dataset, uint32_t k, uint8_t *ret)
{
	memset(ret, 1, dataset->n_takes);
	for (size_t row = 0; row < split->n_rows; row++) {
		ret[dataset->take[row]] &= hk_split_role(split, k, row) == HK_ROLE_TRAIN;
	}
}

int hk_split_add_copies(struct hk_split *split, const struct hk_dataset *dataset)
{
	uint8_t *roles = calloc(dataset->n_rows + 1, split->n_splits);
	uint8_t *trains = calloc(dataset->n_takes + 1, 1);
	if (!roles || !trains) {
		free(roles);
		free(trains);
		return -ENOMEM;
	}
	for (uint32_t k = 0; k < split->n_splits; k++) {
		uint8_t *own = roles + (size_t)k * dataset->n_rows;
		find_training_takes(split, dataset, k, trains);
		memcpy(own, split->roles + (size_t)k * split->n_rows, split->n_rows);
		for (size_t row = split->n_rows; row < dataset->n_rows; row++) {
			own[row] = trains[dataset->take[row]] ? HK_ROLE_TRAIN : HK_ROLE_NONE;
		}
	}
	free(trains);
	free(split->roles);
	split->roles = roles;
	split->n_rows = dataset->n_rows;
	return 0;
}

/* ---- grouped ---- */

struct group {
	uint32_t number;
	size_t n_rows;
	uint64_t draw; /* order among groups of equal size */
	size_t *count; /* rows of each label */
};

static int larger_first(const void *a, const void *b)
{
	const struct group *x = a, *y = b;
	if (x->n_rows != y->n_rows) {
		return x->n_rows > y->n_rows ? -1 : 1;
	}
	return x->draw < y->draw ? -1 : x->draw > y->draw;
}

/* How unevenly the classes of GROUP would lie if FOLD took it. */
static double cost_of(
	const struct group *group, const size_t *fold, const size_t *total, uint32_t n_labels)
{
	double cost = 0;
	for (uint32_t c = 0; c < n_labels; c++) {
		if (group->count[c] > 0) {
			const double share = (double)(fold[c] + group->count[c]) / (double)total[c];
			cost += share * share -
				(double)fold[c] / (double)total[c] * (double)fold[c] /
					(double)total[c];
		}
	}
	return cost;
}

static void deal(const struct group *groups, uint32_t n_groups, const size_t *total,
	uint32_t n_labels, uint32_t n_folds, size_t *folds, uint32_t *ret_fold_of_group)
{
	for (uint32_t g = 0; g < n_groups; g++) {
		uint32_t best = 0;
		double best_cost = 0;
		for (uint32_t f = 0; f < n_folds; f++) {
			const double cost =
				cost_of(&groups[g], folds + (size_t)f * n_labels, total, n_labels);
			if (f == 0 || cost < best_cost) {
				best = f;
				best_cost = cost;
			}
		}
		ret_fold_of_group[groups[g].number] = best;
		for (uint32_t c = 0; c < n_labels; c++) {
			folds[(size_t)best * n_labels + c] += groups[g].count[c];
		}
	}
}

/* Fewest groups that any class has that has several, the class in *RET_LABEL; classes of one group
 * are set in RET_SINGLE. Returns 0 when there is no other. */
static uint32_t fewest_groups(const struct group *groups, uint32_t n_groups, uint32_t n_labels,
	uint32_t *ret_label, bool *ret_single)
{
	uint32_t fewest = 0;
	for (uint32_t c = 0; c < n_labels; c++) {
		uint32_t n = 0;
		for (uint32_t g = 0; g < n_groups; g++) {
			n += groups[g].count[c] > 0;
		}
		ret_single[c] = n < 2;
		if (n >= 2 && (fewest == 0 || n < fewest)) {
			fewest = n;
			*ret_label = c;
		}
	}
	return fewest;
}

struct grouping {
	struct group *groups;
	size_t *counts; /* n_groups * n_labels */
	size_t *total;  /* n_labels */
	size_t *folds;  /* n_folds * n_labels */
	uint32_t *fold_of_group;
	uint32_t *fold_of_take;
};

static void count_groups(struct grouping *grouping, const struct hk_dataset *dataset,
	uint32_t n_groups, uint64_t seed)
{
	for (uint32_t g = 0; g < n_groups; g++) {
		struct hk_random random = hk_random_of(seed, 'g', g);
		grouping->groups[g] = (struct group){
			.number = g,
			.draw = hk_random_next(&random),
			.count = grouping->counts + (size_t)g * dataset->n_labels,
		};
	}
	for (size_t row = 0; row < dataset->n_rows; row++) {
		struct group *group = &grouping->groups[dataset->group[row]];
		group->n_rows++;
		group->count[dataset->label[row]]++;
		grouping->total[dataset->label[row]]++;
	}
}

/* Test a piece of the N rows ROWS (one class, in time) in each split. Returns 0, or -ENODATA when a
 * split has nothing to train on or to test. */
static int cut_class(struct hk_split *split, const size_t *rows, size_t n, uint32_t margin)
{
	for (uint32_t k = 0; k < split->n_splits; k++) {
		uint8_t *roles = split->roles + (size_t)k * split->n_rows;
		const size_t start = n * k / split->n_splits, end = n * (k + 1) / split->n_splits;
		if (start == end || (start <= margin && end + margin >= n)) {
			return -ENODATA;
		}
		for (size_t i = 0; i < n; i++) {
			roles[rows[i]] = i >= start && i < end            ? HK_ROLE_TEST
				: i + margin >= start && i < end + margin ? HK_ROLE_NONE
									  : HK_ROLE_TRAIN;
		}
	}
	return 0;
}

/* Cut every class of one group. */
static int cut_classes(struct hk_split *split, const struct hk_dataset *dataset,
	const struct hk_manifest *manifest, uint32_t margin, struct hk_diag *diag)
{
	size_t *rows = calloc(dataset->n_rows + 1, sizeof(*rows));
	int r = rows ? 0 : -ENOMEM;
	for (uint32_t c = 0; c < dataset->n_labels && r == 0; c++) {
		const size_t n = split->in_pieces[c] ? hk_dataset_rows_of(dataset, c, rows) : 0;
		if (split->in_pieces[c] && cut_class(split, rows, n, margin) < 0) {
			r = hk_diag_set(diag, -ENODATA,
				"class %s comes from 1 group, and its %zu windows are too few for "
				"%" PRIu32 " pieces with a margin of %" PRIu32,
				manifest->labels[c], n, split->n_splits, margin);
		}
	}
	free(rows);
	return r;
}

/* Number the takes by folds; those of classes in pieces get numbers of their own behind them. */
static void number_takes(const struct grouping *grouping, const struct hk_manifest *manifest,
	uint32_t n_folds, const bool *in_pieces)
{
	for (size_t i = 0; i < manifest->n_takes; i++) {
		const struct hk_take *take = &manifest->takes[i];
		grouping->fold_of_take[i] = in_pieces[take->label]
			? n_folds + (uint32_t)i
			: grouping->fold_of_group[take->group];
	}
}

static int split_by_groups(struct hk_split *ret, struct grouping *grouping,
	const struct hk_dataset *dataset, const struct hk_manifest *manifest, uint32_t n_folds,
	uint32_t margin, struct hk_diag *diag)
{
	const uint32_t n_groups = manifest->n_groups;
	struct hk_split split;
	bool in_pieces[HK_MAX_CLASSES];
	uint32_t scarce = 0;
	const uint32_t fewest =
		fewest_groups(grouping->groups, n_groups, dataset->n_labels, &scarce, in_pieces);
	if (fewest == 0) {
		return hk_diag_set(diag, -ENODATA,
			"every class comes from 1 group: to test on what was not trained on takes "
			"at least 2");
	}
	const uint32_t n_asked = n_folds;
	n_folds = fewest < n_folds ? fewest : n_folds;
	qsort(grouping->groups, n_groups, sizeof(struct group), larger_first);
	deal(grouping->groups, n_groups, grouping->total, dataset->n_labels, n_folds,
		grouping->folds, grouping->fold_of_group);
	number_takes(grouping, manifest, n_folds, in_pieces);
	int r = hk_split_init(&split, HK_SPLIT_GROUPED, n_folds, dataset);
	if (r < 0) {
		return r;
	}
	if (n_folds < n_asked) {
		snprintf(split.why_fewer, sizeof(split.why_fewer),
			"class %s has only %" PRIu32 " groups", manifest->labels[scarce], fewest);
	}
	memcpy(split.in_pieces, in_pieces, sizeof(in_pieces));
	hk_split_set_folds(&split, dataset, grouping->fold_of_take);
	grouping->fold_of_take = NULL;
	r = cut_classes(&split, dataset, manifest, margin, diag);
	if (r < 0) {
		hk_split_finish(&split);
		return r;
	}
	*ret = split;
	return 0;
}

int hk_split_grouped(struct hk_split *ret, const struct hk_dataset *dataset,
	const struct hk_manifest *manifest, uint32_t n_folds, uint32_t margin, uint64_t seed,
	struct hk_diag *diag)
{
	const size_t n_groups = manifest->n_groups, n_labels = dataset->n_labels;
	struct grouping grouping = {
		.groups = calloc(n_groups, sizeof(struct group)),
		.counts = calloc(n_groups * n_labels, sizeof(size_t)),
		.total = calloc(n_labels, sizeof(size_t)),
		.folds = calloc(n_folds * n_labels, sizeof(size_t)),
		.fold_of_group = calloc(n_groups, sizeof(uint32_t)),
		.fold_of_take = calloc(manifest->n_takes + 1, sizeof(uint32_t)),
	};
	int r = -ENOMEM;
	if (grouping.groups && grouping.counts && grouping.total && grouping.folds &&
		grouping.fold_of_group && grouping.fold_of_take) {
		count_groups(&grouping, dataset, manifest->n_groups, seed);
		r = split_by_groups(ret, &grouping, dataset, manifest, n_folds, margin, diag);
	}
	free(grouping.groups);
	free(grouping.counts);
	free(grouping.total);
	free(grouping.folds);
	free(grouping.fold_of_group);
	free(grouping.fold_of_take);
	return r;
}

/* ---- all of them ---- */

bool hk_split_lacks(const struct hk_split *split, const struct hk_dataset *dataset,
	uint32_t *ret_split, uint32_t *ret_label)
{
	for (uint32_t k = 0; k < split->n_splits; k++) {
		bool trains[HK_MAX_CLASSES] = { false };
		for (size_t row = 0; row < split->n_rows; row++) {
			trains[dataset->label[row]] |=
				hk_split_role(split, k, row) == HK_ROLE_TRAIN;
		}
		for (uint32_t c = 0; c < dataset->n_labels; c++) {
			if (!trains[c]) {
				*ret_split = k;
				*ret_label = c;
				return true;
			}
		}
	}
	return false;
}
