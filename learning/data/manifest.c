/* SPDX-License-Identifier: MIT */
#include "learning/data/manifest.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "learning/data/tsv.h"

/* Append a take; takes its own copies. GROUP NULL: the path. */
static int add_take(struct hk_manifest *manifest, const char *folder, const char *path,
	const char *class_name, const char *group, double start_s, double end_s)
{
	const size_t n = manifest->n_takes;
	if ((n & (n - 1)) == 0) { /* full at every power of two */
		struct hk_take *takes =
			reallocarray(manifest->takes, n > 0 ? 2 * n : 1, sizeof(*takes));
		if (!takes) {
			return -ENOMEM;
		}
		manifest->takes = takes;
	}
	struct hk_take take = { .start_s = start_s, .end_s = end_s };
	if (path[0] == '/') {
		take.path = strdup(path);
	} else if (asprintf(&take.path, "%s/%s", folder, path) < 0) {
		take.path = NULL;
	}
	take.class_name = strdup(class_name);
	take.group_name = group ? strdup(group) : NULL;
	manifest->takes[manifest->n_takes++] = take;
	return take.path && take.class_name && (take.group_name || !group) ? 0 : -ENOMEM;
}

/* ---- a folder with a folder a class ---- */

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static bool is_folder(const char *path)
{
	struct stat status;
	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

typedef int entry_fn(
	struct hk_manifest *manifest, const char *folder, const char *name, struct hk_diag *diag);

/* FUNCTION for every entry of FOLDER, in the order of the names' bytes. */
static int each_entry(
	struct hk_manifest *manifest, const char *folder, entry_fn *function, struct hk_diag *diag)
{
	struct dirent **entries;
	int r = 0;
	const int n = scandir(folder, &entries, visible, by_bytes);
	if (n < 0) {
		r = -errno;
		return hk_diag_set(diag, r, "%s: %s", folder, strerror(-r));
	}
	for (int i = 0; i < n; i++) {
		r = r < 0 ? r : function(manifest, folder, entries[i]->d_name, diag);
		free(entries[i]);
	}
	free(entries);
	return r;
}

/* The entry NAME of a class's FOLDER: a recording, unless it is a folder itself. */
static int add_file(
	struct hk_manifest *manifest, const char *folder, const char *name, struct hk_diag *diag)
{
	(void)diag;
	char *path;
	if (asprintf(&path, "%s/%s", folder, name) < 0) {
		return -ENOMEM;
	}
	const char *class_name = strrchr(folder, '/') + 1;
	int r;
	if (is_folder(path)) {
		r = hk_name_list_add(&manifest->unused, "%s/%s/", class_name, name);
	} else {
		r = add_take(manifest, folder, name, class_name, NULL, 0, INFINITY);
	}
	free(path);
	return r;
}

static int add_class(
	struct hk_manifest *manifest, const char *folder, const char *name, struct hk_diag *diag)
{
	char *path;
	if (asprintf(&path, "%s/%s", folder, name) < 0) {
		return -ENOMEM;
	}
	const size_t n_before = manifest->n_takes;
	const bool is_class = is_folder(path);
	int r = is_class ? each_entry(manifest, path, add_file, diag)
			 : hk_name_list_add(&manifest->unused, "%s", name);
	if (r == 0 && is_class && manifest->n_takes == n_before) {
		r = hk_name_list_add(&manifest->empty_folders, "%s", name);
	}
	free(path);
	return r;
}

/* ---- a table ---- */

struct columns {
	int path, class_name, group, start, end;
};

/* Field of an optional column: NULL when there is no such column or it is empty. */
static const char *optional(const struct hk_tsv *tsv, int column)
{
	return column >= 0 && tsv->fields[column][0] != '\0' ? tsv->fields[column] : NULL;
}

static int parse_seconds(const struct hk_tsv *tsv, int column, double *value, struct hk_diag *diag)
{
	const char *text = optional(tsv, column);
	if (text && (hk_parse_double(text, value) < 0 || *value < 0)) {
		return hk_diag_set(diag, -EINVAL, "%s:%u: %s: expected seconds, got \"%s\"",
			tsv->path, tsv->line, tsv->names[column], text);
	}
	return 0;
}

static int add_row(struct hk_manifest *manifest, const struct hk_tsv *tsv,
	const struct columns *columns, const char *folder, struct hk_diag *diag)
{
	const char *path = optional(tsv, columns->path);
	const char *class_name = optional(tsv, columns->class_name);
	double start_s = 0, end_s = INFINITY;
	if (!path || !class_name) {
		return hk_diag_set(diag, -EINVAL, "%s:%u: %s is empty", tsv->path, tsv->line,
			path ? "class" : "path");
	}
	char label[HK_LABEL_SIZE];
	struct hk_diag why = { "" };
	if (hk_label_of(class_name, label, &why) < 0) {
		return hk_diag_set(diag, -EINVAL, "%s:%u: class \"%s\": %s", tsv->path, tsv->line,
			class_name, why.text);
	}
	int r = parse_seconds(tsv, columns->start, &start_s, diag);
	r = r < 0 ? r : parse_seconds(tsv, columns->end, &end_s, diag);
	if (r < 0) {
		return r;
	}
	if (end_s <= start_s) {
		return hk_diag_set(diag, -EINVAL, "%s:%u: end %g is not after start %g", tsv->path,
			tsv->line, end_s, start_s);
	}
	return add_take(
		manifest, folder, path, class_name, optional(tsv, columns->group), start_s, end_s);
}

static int read_table(struct hk_manifest *manifest, const char *path, struct hk_diag *diag)
{
	struct hk_tsv tsv;
	int r = hk_tsv_open(&tsv, path, diag);
	if (r < 0) {
		return r;
	}
	const struct columns columns = {
		.path = hk_tsv_column(&tsv, "path"),
		.class_name = hk_tsv_column(&tsv, "class"),
		.group = hk_tsv_column(&tsv, "group"),
		.start = hk_tsv_column(&tsv, "start"),
		.end = hk_tsv_column(&tsv, "end"),
	};
	const char *slash = strrchr(path, '/');
	char *folder = slash ? strndup(path, (size_t)(slash - path)) : strdup(".");
	if (!folder) {
		r = -ENOMEM;
	} else if (columns.path < 0 || columns.class_name < 0) {
		r = hk_diag_set(diag, -EINVAL, "%s:1: no column \"%s\"", path,
			columns.path < 0 ? "path" : "class");
	}
	while (r >= 0 && (r = hk_tsv_next(&tsv, diag)) > 0) {
		r = add_row(manifest, &tsv, &columns, folder, diag);
	}
	free(folder);
	hk_tsv_close(&tsv);
	return r;
}

/* ---- labels and groups ---- */

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sort NAMES and drop doubles. Returns how many are left. */
static size_t sort_unique(char **names, size_t n)
{
	size_t n_unique = 0;
	qsort(names, n, sizeof(*names), compare_texts);
	for (size_t i = 0; i < n; i++) {
		if (n_unique == 0 || strcmp(names[i], names[n_unique - 1]) != 0) {
			names[n_unique++] = names[i];
		}
	}
	return n_unique;
}

static uint32_t index_of(char **names, size_t n, const char *name)
{
	char **found = bsearch(&name, names, n, sizeof(*names), compare_texts);
	return (uint32_t)(found - names);
}

static const char *group_of(const struct hk_take *take)
{
	return take->group_name ? take->group_name : take->path;
}

static int set_labels(struct hk_manifest *manifest, char **classes, size_t n, const char *path,
	struct hk_diag *diag)
{
	if (n == 0) {
		return hk_diag_set(diag, -EINVAL,
			"%s: no recordings; expected a folder a class, or a table of path and class",
			path);
	}
	if (n > HK_MAX_CLASSES) {
		return hk_diag_set(diag, -EINVAL, "%s: %zu classes, at most %d are possible", path,
			n, HK_MAX_CLASSES);
	}
	manifest->labels = calloc(n, sizeof(*manifest->labels));
	if (!manifest->labels) {
		return -ENOMEM;
	}
	manifest->n_labels = (uint32_t)n;
	for (size_t i = 0; i < n; i++) {
		struct hk_diag why = { "" };
		if (hk_label_of(classes[i], manifest->labels[i], &why) < 0) {
			return hk_diag_set(
				diag, -EINVAL, "%s: class \"%s\": %s", path, classes[i], why.text);
		}
		for (size_t j = 0; j < i; j++) {
			if (strcmp(manifest->labels[j], manifest->labels[i]) == 0) {
				return hk_diag_set(diag, -EINVAL,
					"%s: classes \"%s\" and \"%s\" both become the label %s",
					path, classes[j], classes[i], manifest->labels[i]);
			}
		}
	}
	return 0;
}

static int number_labels_and_groups(
	struct hk_manifest *manifest, const char *path, struct hk_diag *diag)
{
	char **names = calloc(manifest->n_takes + 1, sizeof(*names));
	if (!names) {
		return -ENOMEM;
	}
	for (size_t i = 0; i < manifest->n_takes; i++) {
		names[i] = manifest->takes[i].class_name;
	}
	size_t n = sort_unique(names, manifest->n_takes);
	for (size_t i = 0; i < manifest->n_takes; i++) {
		manifest->takes[i].label = index_of(names, n, manifest->takes[i].class_name);
	}
	const int r = set_labels(manifest, names, n, path, diag);
	for (size_t i = 0; i < manifest->n_takes; i++) {
		names[i] = manifest->takes[i].group_name ? manifest->takes[i].group_name
							 : manifest->takes[i].path;
	}
	n = sort_unique(names, manifest->n_takes);
	manifest->n_groups = (uint32_t)n;
	for (size_t i = 0; i < manifest->n_takes; i++) {
		manifest->takes[i].group = index_of(names, n, group_of(&manifest->takes[i]));
	}
	free(names);
	return r;
}

int hk_manifest_read(struct hk_manifest *ret, const char *path, struct hk_diag *diag)
{
	struct hk_manifest manifest = { 0 };
	int r = is_folder(path) ? each_entry(&manifest, path, add_class, diag)
				: read_table(&manifest, path, diag);
	r = r < 0 ? r : number_labels_and_groups(&manifest, path, diag);
	if (r < 0) {
		hk_manifest_finish(&manifest);
		return r == -ENOMEM ? hk_diag_set(diag, r, "%s: out of memory", path) : r;
	}
	*ret = manifest;
	return 0;
}

void hk_manifest_finish(struct hk_manifest *manifest)
{
	for (size_t i = 0; i < manifest->n_takes; i++) {
		free(manifest->takes[i].path);
		free(manifest->takes[i].class_name);
		free(manifest->takes[i].group_name);
	}
	free(manifest->takes);
	free(manifest->labels);
	hk_name_list_finish(&manifest->empty_folders);
	hk_name_list_finish(&manifest->unused);
	*manifest = (struct hk_manifest){ 0 };
}
