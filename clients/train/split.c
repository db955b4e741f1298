/* SPDX-License-Identifier: MIT */
#include "clients/train/split.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "clients/train/random.h"

#define BLOCK_TRAIN_SHARE 0.8

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

/* Fewest groups that any class has; the class in *ret_label. */
static uint32_t fewest_groups(
	const struct group *groups, uint32_t n_groups, uint32_t n_labels, uint32_t *ret_label)
{
	uint32_t fewest = UINT32_MAX;
	for (uint32_t c = 0; c < n_labels; c++) {
		uint32_t n = 0;
		for (uint32_t g = 0; g < n_groups; g++) {
			n += groups[g].count[c] > 0;
		}
		if (n < fewest) {
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

static int split_by_groups(struct hk_split *ret, struct grouping *grouping,
	const struct hk_dataset *dataset, const struct hk_manifest *manifest, uint32_t n_folds,
	struct hk_diag *diag)
{
	const uint32_t n_groups = manifest->n_groups;
	uint32_t scarce = 0;
	const uint32_t fewest =
		fewest_groups(grouping->groups, n_groups, dataset->n_labels, &scarce);
	if (fewest < 2) {
		return hk_diag_set(diag, -ENODATA,
			"class %s comes from %" PRIu32 " group: to test on what was not trained on "
			"takes at least 2",
			manifest->labels[scarce], fewest);
	}
	n_folds = fewest < n_folds ? fewest : n_folds;
	qsort(grouping->groups, n_groups, sizeof(struct group), larger_first);
	deal(grouping->groups, n_groups, grouping->total, dataset->n_labels, n_folds,
		grouping->folds, grouping->fold_of_group);
	for (size_t take = 0; take < manifest->n_takes; take++) {
		grouping->fold_of_take[take] = grouping->fold_of_group[manifest->takes[take].group];
	}
	const int r = hk_split_init(ret, HK_SPLIT_GROUPED, n_folds, dataset);
	if (r == 0) {
		hk_split_set_folds(ret, dataset, grouping->fold_of_take);
		grouping->fold_of_take = NULL;
	}
	return r;
}

int hk_split_grouped(struct hk_split *ret, const struct hk_dataset *dataset,
	const struct hk_manifest *manifest, uint32_t n_folds, uint64_t seed, struct hk_diag *diag)
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
		r = split_by_groups(ret, &grouping, dataset, manifest, n_folds, diag);
	}
	free(grouping.groups);
	free(grouping.counts);
	free(grouping.total);
	free(grouping.folds);
	free(grouping.fold_of_group);
	free(grouping.fold_of_take);
	return r;
}

/* ---- blocked ---- */

/* Roles of the N rows ROWS (one class, in time) in all blocks. Returns 0, or -ENODATA when a block
 * has nothing to train on or to test. */
static int block_class(struct hk_split *split, const size_t *rows, size_t n, uint32_t margin)
{
	const size_t block = n / split->n_splits;
	const size_t n_train = (size_t)(BLOCK_TRAIN_SHARE * (double)block);
	if (n_train < 1 || n_train + margin >= block) {
		return -ENODATA;
	}
	for (uint32_t k = 0; k < split->n_splits; k++) {
		uint8_t *roles = split->roles + (size_t)k * split->n_rows;
		for (size_t i = 0; i < n_train; i++) {
			roles[rows[k * block + i]] = HK_ROLE_TRAIN;
		}
		for (size_t i = n_train + margin; i < block; i++) {
			roles[rows[k * block + i]] = HK_ROLE_TEST;
		}
	}
	return 0;
}

int hk_split_blocked(struct hk_split *ret, const struct hk_dataset *dataset,
	const struct hk_manifest *manifest, uint32_t n_blocks, uint32_t margin,
	struct hk_diag *diag)
{
	struct hk_split split;
	size_t *rows = calloc(dataset->n_rows + 1, sizeof(*rows));
	int r = hk_split_init(&split, HK_SPLIT_BLOCKED, n_blocks, dataset);
	if (!rows) {
		r = -ENOMEM;
	}
	for (uint32_t c = 0; c < dataset->n_labels && r == 0; c++) {
		size_t n = 0;
		for (size_t row = 0; row < dataset->n_rows; row++) {
			if (dataset->label[row] == c) {
				rows[n++] = row;
			}
		}
		if (block_class(&split, rows, n, margin) < 0) {
			r = hk_diag_set(diag, -ENODATA,
				"class %s: %zu windows are too few for %" PRIu32 " blocks with a "
				"margin of %" PRIu32 "; %" PRIu32 " are needed",
				manifest->labels[c], n, n_blocks, margin,
				n_blocks * 5 * (margin + 1));
		}
	}
	free(rows);
	if (r < 0) {
		hk_split_finish(&split);
		return r;
	}
	*ret = split;
	return 0;
}
