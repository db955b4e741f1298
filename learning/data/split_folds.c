/* SPDX-License-Identifier: MIT */
/*
 * split_folds: the folds that a table names.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "learning/data/split.h"
#include "learning/data/tsv.h"

#define NO_FOLD UINT32_MAX

enum gift { GIVEN, NO_SUCH_PATH, OTHER_FOLD };

/* Give FOLD to the takes whose path is FOLDER/PATH. */
static enum gift give_fold(const struct hk_manifest *manifest, const char *folder, const char *path,
	uint32_t fold, uint32_t *fold_of_take)
{
	const size_t n_folder = path[0] == '/' ? 0 : strlen(folder) + 1;
	enum gift gift = NO_SUCH_PATH;
	for (size_t i = 0; i < manifest->n_takes; i++) {
		const char *take = manifest->takes[i].path;
		if (strncmp(take, folder, n_folder ? n_folder - 1 : 0) == 0 &&
			strlen(take) >= n_folder && strcmp(take + n_folder, path) == 0) {
			if (fold_of_take[i] != NO_FOLD && fold_of_take[i] != fold) {
				return OTHER_FOLD;
			}
			fold_of_take[i] = fold;
			gift = GIVEN;
		}
	}
	return gift;
}

struct fold_name {
	char name[64];
};

/* The number of fold NAME; a new name gets the next one. NO_FOLD when there are too many. */
static uint32_t fold_number(struct fold_name *names, uint32_t *n_folds, const char *name)
{
	for (uint32_t i = 0; i < *n_folds; i++) {
		if (strcmp(names[i].name, name) == 0) {
			return i;
		}
	}
	if (*n_folds == HK_MAX_FOLDS || strlen(name) >= sizeof(names->name)) {
		return NO_FOLD;
	}
	strcpy(names[*n_folds].name, name);
	return (*n_folds)++;
}

/* Names of folds, in the order of their numbers. */
struct fold_names {
	uint32_t n_folds;
	struct fold_name names[HK_MAX_FOLDS];
};

static int read_row(const struct hk_manifest *manifest, const struct hk_tsv *tsv,
	const char *folder, const char *path, const char *name, struct fold_names *names,
	uint32_t *fold_of_take, struct hk_diag *diag)
{
	const uint32_t fold = fold_number(names->names, &names->n_folds, name);
	if (fold == NO_FOLD) {
		return hk_diag_set(diag, -EINVAL,
			"%s:%u: expected the name of one of at most %d folds, got \"%s\"",
			tsv->path, tsv->line, HK_MAX_FOLDS, name);
	}
	switch (give_fold(manifest, folder, path, fold, fold_of_take)) {
	case NO_SUCH_PATH:
		return hk_diag_set(diag, -EINVAL,
			"%s:%u: %s is not among the recordings to learn from", tsv->path, tsv->line,
			path);
	case OTHER_FOLD:
		return hk_diag_set(diag, -EINVAL,
			"%s:%u: %s is in fold %s here and in another above", tsv->path, tsv->line,
			path, name);
	case GIVEN:
		break;
	}
	return 0;
}

static int read_folds(const struct hk_manifest *manifest, const char *path, const char *folder,
	uint32_t *fold_of_take, struct fold_names *names, struct hk_diag *diag)
{
	struct hk_tsv tsv;
	int r = hk_tsv_open(&tsv, path, diag);
	if (r < 0) {
		return r;
	}
	const int path_column = hk_tsv_column(&tsv, "path");
	const int fold_column = hk_tsv_column(&tsv, "fold");
	if (path_column < 0 || fold_column < 0) {
		r = hk_diag_set(diag, -EINVAL, "%s:1: no column \"%s\"", path,
			path_column < 0 ? "path" : "fold");
	}
	while (r >= 0 && (r = hk_tsv_next(&tsv, diag)) > 0) {
		r = read_row(manifest, &tsv, folder, tsv.fields[path_column],
			tsv.fields[fold_column], names, fold_of_take, diag);
	}
	hk_tsv_close(&tsv);
	return r;
}

static int check_folds(const struct hk_manifest *manifest, const char *path,
	const uint32_t *fold_of_take, uint32_t n_folds, struct hk_diag *diag)
{
	if (n_folds < 2) {
		return hk_diag_set(diag, -EINVAL, "%s: %" PRIu32 " fold; at least 2 are needed",
			path, n_folds);
	}
	for (size_t i = 0; i < manifest->n_takes; i++) {
		if (fold_of_take[i] == NO_FOLD) {
			return hk_diag_set(
				diag, -EINVAL, "%s: no fold for %s", path, manifest->takes[i].path);
		}
	}
	return 0;
}

/* Make the split and check that each class is learnt from in all of it. */
static int apply(struct hk_split *ret, const struct hk_dataset *dataset,
	const struct hk_manifest *manifest, const char *path, const struct fold_names *names,
	uint32_t **fold_of_take, struct hk_diag *diag)
{
	struct hk_split split;
	uint32_t fold, label;
	const int r = hk_split_init(&split, HK_SPLIT_FOLDS, names->n_folds, dataset);
	if (r < 0) {
		return r;
	}
	hk_split_set_folds(&split, dataset, *fold_of_take);
	*fold_of_take = NULL;
	if (hk_split_lacks(&split, dataset, &fold, &label)) {
		hk_split_finish(&split);
		return hk_diag_set(diag, -EINVAL,
			"%s: fold %s holds all of class %s: nothing of it is left to learn from",
			path, names->names[fold].name, manifest->labels[label]);
	}
	*ret = split;
	return 0;
}

int hk_split_folds(struct hk_split *ret, const struct hk_dataset *dataset,
	const struct hk_manifest *manifest, const char *path, struct hk_diag *diag)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash ? strndup(path, (size_t)(slash - path)) : strdup(".");
	uint32_t *fold_of_take = calloc(manifest->n_takes + 1, sizeof(uint32_t));
	struct fold_names names = { 0 };
	int r = -ENOMEM;
	if (folder && fold_of_take) {
		memset(fold_of_take, 0xff, manifest->n_takes * sizeof(uint32_t));
		r = read_folds(manifest, path, folder, fold_of_take, &names, diag);
		r = r < 0 ? r : check_folds(manifest, path, fold_of_take, names.n_folds, diag);
		r = r < 0 ? r : apply(ret, dataset, manifest, path, &names, &fold_of_take, diag);
	}
	free(folder);
	free(fold_of_take);
	return r;
}
