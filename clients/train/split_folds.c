/* SPDX-License-Identifier: MIT */
/*
 * split_folds: the folds that a table names.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "clients/train/split.h"
#include "clients/train/tsv.h"

#define NO_FOLD UINT32_MAX

/* Give FOLD to the takes whose path is FOLDER/PATH. */
static bool give_fold(const struct hk_manifest *manifest, const char *folder, const char *path,
	uint32_t fold, uint32_t *fold_of_take)
{
	const size_t n_folder = path[0] == '/' ? 0 : strlen(folder) + 1;
	bool found = false;
	for (size_t i = 0; i < manifest->n_takes; i++) {
		const char *take = manifest->takes[i].path;
		if (strncmp(take, folder, n_folder ? n_folder - 1 : 0) == 0 &&
			strlen(take) >= n_folder && strcmp(take + n_folder, path) == 0) {
			fold_of_take[i] = fold;
			found = true;
		}
	}
	return found;
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

static int read_folds(const struct hk_manifest *manifest, const char *path, const char *folder,
	uint32_t *fold_of_take, uint32_t *ret_n_folds, struct hk_diag *diag)
{
	struct fold_name names[HK_MAX_FOLDS];
	struct hk_tsv tsv;
	uint32_t n_folds = 0;
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
		const uint32_t fold = fold_number(names, &n_folds, tsv.fields[fold_column]);
		if (fold == NO_FOLD) {
			r = hk_diag_set(diag, -EINVAL,
				"%s:%u: expected the name of one of at most %d folds, got \"%s\"",
				path, tsv.line, HK_MAX_FOLDS, tsv.fields[fold_column]);
		} else if (!give_fold(
				   manifest, folder, tsv.fields[path_column], fold, fold_of_take)) {
			r = hk_diag_set(diag, -EINVAL,
				"%s:%u: %s is not among the recordings to learn from", path,
				tsv.line, tsv.fields[path_column]);
		}
	}
	hk_tsv_close(&tsv);
	*ret_n_folds = n_folds;
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

int hk_split_folds(struct hk_split *ret, const struct hk_dataset *dataset,
	const struct hk_manifest *manifest, const char *path, struct hk_diag *diag)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash ? strndup(path, (size_t)(slash - path)) : strdup(".");
	uint32_t *fold_of_take = calloc(manifest->n_takes + 1, sizeof(uint32_t));
	uint32_t n_folds = 0;
	int r = -ENOMEM;
	if (folder && fold_of_take) {
		memset(fold_of_take, 0xff, manifest->n_takes * sizeof(uint32_t));
		r = read_folds(manifest, path, folder, fold_of_take, &n_folds, diag);
		r = r < 0 ? r : check_folds(manifest, path, fold_of_take, n_folds, diag);
		r = r < 0 ? r : hk_split_init(ret, HK_SPLIT_FOLDS, n_folds, dataset);
	}
	if (r == 0) {
		hk_split_set_folds(ret, dataset, fold_of_take);
		fold_of_take = NULL;
	}
	free(folder);
	free(fold_of_take);
	return r;
}
