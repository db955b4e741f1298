/* SPDX-License-Identifier: MIT */
/*
 * split: which rows train and which test, several times over.
 *
 * grouped  groups are dealt into folds so that every fold has about the same share of every class;
 *          each fold is tested once by what was trained on the others. No group is ever on both
 *          sides (compare scikit-learn's StratifiedGroupKFold).
 * blocked  for recordings that are one series in time: the rows of every class, in order, are cut
 *          into blocks; in each the first 80 % train and the rest test, but for `margin` rows
 *          between them, because windows that overlap share audio. Source: the
 *          BlockingTimeSeriesSplit of the original, applied to each class by itself.
 * folds    as a table (tsv.h) of `path` and `fold` says: each fold is tested once.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/diag.h"
#include "learning/data/dataset.h"

#define HK_MAX_FOLDS 100

enum hk_split_method { HK_SPLIT_GROUPED, HK_SPLIT_BLOCKED, HK_SPLIT_FOLDS };

enum hk_role { HK_ROLE_NONE, HK_ROLE_TRAIN, HK_ROLE_TEST };

struct hk_split {
	enum hk_split_method method;
	uint32_t n_splits;
	char why_fewer[HK_DIAG_SIZE]; /* than were asked for; "": they are not */
	size_t n_rows;
	uint8_t *roles;                 /* n_splits * n_rows, enum hk_role */
	bool in_pieces[HK_MAX_CLASSES]; /* grouped: a class of one group only */
	uint32_t *fold_of_take; /* n_takes; n_splits and above: cut into pieces, each take another
				   number; NULL for blocks */
};

/* N_SPLITS splits in which no row has a role. Returns 0, -ENOMEM. */
int hk_split_init(struct hk_split *split, enum hk_split_method method, uint32_t n_splits,
	const struct hk_dataset *dataset);
void hk_split_finish(struct hk_split *split);

/* Every row tests in its take's fold and trains in all others; takes FOLD_OF_TAKE (malloc'd). */
void hk_split_set_folds(
	struct hk_split *split, const struct hk_dataset *dataset, uint32_t *fold_of_take);

/*
 * Give roles to the changed copies that were appended to DATASET since: a copy trains where every
 * row of its take trains, and is never tested. Returns 0, -ENOMEM.
 */
int hk_split_add_copies(struct hk_split *split, const struct hk_dataset *dataset);

/*
 * At most N_FOLDS folds, fewer when a class has fewer groups. SEED deals equal groups.
 * Returns 0; -ENODATA with DIAG: every class has only one group, or one that has is too small to be
 * cut into pieces with MARGIN; -ENOMEM.
 */
int hk_split_grouped(struct hk_split *ret, const struct hk_dataset *dataset,
	const struct hk_manifest *manifest, uint32_t n_folds, uint32_t margin, uint64_t seed,
	struct hk_diag *diag);

/*
 * At most N_BLOCKS blocks, fewer when a class has fewer rows than they take.
 * Returns 0; -ENODATA with DIAG naming a class with too few rows for one; -ENOMEM.
 */
int hk_split_blocked(struct hk_split *ret, const struct hk_dataset *dataset,
	const struct hk_manifest *manifest, uint32_t n_blocks, uint32_t margin,
	struct hk_diag *diag);

/* Is there a split that leaves nothing of a class to train on? Sets both then. */
bool hk_split_lacks(const struct hk_split *split, const struct hk_dataset *dataset,
	uint32_t *ret_split, uint32_t *ret_label);

/*
 * The folds of table PATH; its paths are as the manifest's, relative to the table's folder. Returns
 * 0; -EINVAL with DIAG (a wrong table, a take that it does not name or names with two folds, fewer
 * than 2 folds, a fold that holds all of a class); -ENOMEM.
 */
int hk_split_folds(struct hk_split *ret, const struct hk_dataset *dataset,
	const struct hk_manifest *manifest, const char *path, struct hk_diag *diag);

/* The role of ROW in split K. */
static inline enum hk_role hk_split_role(const struct hk_split *split, uint32_t k, size_t row)
{
	return (enum hk_role)split->roles[(size_t)k * split->n_rows + row];
}
