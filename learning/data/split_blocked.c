/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "learning/data/split.h"

#define BLOCK_TRAIN_SHARE 0.8

/* Rows of BLOCK that train. */
static size_t training_part(size_t block)
{
	return (size_t)(BLOCK_TRAIN_SHARE * (double)block);
}

/* The smallest block with a row on both sides of MARGIN. */
static size_t smallest_block(uint32_t margin)
{
	size_t block = 2;
	while (training_part(block) + margin >= block) {
		block++;
	}
	return block;
}

/* Roles of the N rows ROWS (one class, in time) in all blocks. */
static void block_class(struct hk_split *split, const size_t *rows, size_t n, uint32_t margin)
{
	const size_t block = n / split->n_splits, n_train = training_part(block);
	for (uint32_t k = 0; k < split->n_splits; k++) {
		uint8_t *roles = split->roles + (size_t)k * split->n_rows;
		for (size_t i = 0; i < n_train; i++) {
			roles[rows[k * block + i]] = HK_ROLE_TRAIN;
		}
		for (size_t i = n_train + margin; i < block; i++) {
			roles[rows[k * block + i]] = HK_ROLE_TEST;
		}
	}
}

/* Rows of the class that has fewest; the class in *RET_LABEL. */
static size_t fewest_rows(const struct hk_dataset *dataset, uint32_t *ret_label)
{
	size_t counts[HK_MAX_CLASSES];
	hk_dataset_count(dataset, counts);
	*ret_label = 0;
	for (uint32_t c = 1; c < dataset->n_labels; c++) {
		*ret_label = counts[c] < counts[*ret_label] ? c : *ret_label;
	}
	return counts[*ret_label];
}

int hk_split_blocked(struct hk_split *ret, const struct hk_dataset *dataset,
	const struct hk_manifest *manifest, uint32_t n_blocks, uint32_t margin,
	struct hk_diag *diag)
{
	struct hk_split split;
	uint32_t scarce;
	const size_t smallest = smallest_block(margin), fewest = fewest_rows(dataset, &scarce);
	const size_t n_possible = fewest / smallest;
	if (n_possible == 0) {
		return hk_diag_set(diag, -ENODATA,
			"class %s has %zu windows: too few for %" PRIu32 " blocks, of which each "
			"takes %zu with a margin of %" PRIu32,
			manifest->labels[scarce], fewest, n_blocks, smallest, margin);
	}
	const uint32_t n_splits = n_possible < n_blocks ? (uint32_t)n_possible : n_blocks;
	size_t *rows = calloc(dataset->n_rows + 1, sizeof(*rows));
	if (!rows || hk_split_init(&split, HK_SPLIT_BLOCKED, n_splits, dataset) < 0) {
		free(rows);
		return -ENOMEM;
	}
	if (n_splits < n_blocks) {
		snprintf(split.why_fewer, sizeof(split.why_fewer),
			"class %s has only %zu windows, a block takes %zu",
			manifest->labels[scarce], fewest, smallest);
	}
	for (uint32_t c = 0; c < dataset->n_labels; c++) {
		block_class(&split, rows, hk_dataset_rows_of(dataset, c, rows), margin);
	}
	free(rows);
	*ret = split;
	return 0;
}
