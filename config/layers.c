/* SPDX-License-Identifier: MIT */
#include "config/layers.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_FOLDERS 4

static const char for_all[] = "hearken";

static int out_of_memory(struct hk_diag *diag)
{
	return hk_diag_set(diag, -ENOMEM, "out of memory");
}

/* Takes PATH over, which may be NULL: no memory was left for it. */
static int add(struct hk_layers *layers, char *path, struct hk_diag *diag)
{
	char **paths =
		path ? reallocarray(layers->paths, layers->n_paths + 1, sizeof(*paths)) : NULL;
	if (!paths) {
		free(path);
		return out_of_memory(diag);
	}
	layers->paths = paths;
	layers->paths[layers->n_paths++] = path;
	return 0;
}

static char *join(const char *folder, const char *name, const char *suffix)
{
	char *path = NULL;
	return asprintf(&path, "%s/%s%s", folder, name, suffix) < 0 ? NULL : path;
}

/* A link whose target is missing is there: reading it says so, instead of passing it over. */
static int exists(const char *path, bool *ret, struct hk_diag *diag)
{
	struct stat st;
	if (lstat(path, &st) == 0) {
		*ret = true;
		return 0;
	}
	if (errno != ENOENT && errno != ENOTDIR) {
		return hk_diag_set(diag, -errno, "%s: %s", path, strerror(errno));
	}
	*ret = false;
	return 0;
}

static int add_file(struct hk_layers *layers, const char *const *folders, size_t n_folders,
	const char *name, struct hk_diag *diag)
{
	for (size_t i = 0; i < n_folders; i++) {
		char *path = join(folders[i], name, ".conf");
		if (!path) {
			return out_of_memory(diag);
		}
		bool found = false;
		const int r = exists(path, &found, diag);
		if (r == 0 && found) {
			return add(layers, path, diag);
		}
		free(path);
		if (r < 0) {
			return r;
		}
	}
	return 0;
}

static const char *file_name(const char *path)
{
	return strrchr(path, '/') + 1;
}

static bool is_drop_in(const char *name)
{
	const size_t length = strlen(name);
	return name[0] != '.' && length > 5 && strcmp(name + length - 5, ".conf") == 0;
}

static bool has_file(const struct hk_layers *layers, size_t first, const char *name)
{
	for (size_t i = first; i < layers->n_paths; i++) {
		if (strcmp(file_name(layers->paths[i]), name) == 0) {
			return true;
		}
	}
	return false;
}

/* Those of FOLDER whose name is not among LAYERS from FIRST on. */
static int add_drop_ins_of(
	struct hk_layers *layers, size_t first, const char *folder, struct hk_diag *diag)
{
	DIR *dir = opendir(folder);
	if (!dir) {
		return errno == ENOENT || errno == ENOTDIR
			? 0
			: hk_diag_set(diag, -errno, "%s: %s", folder, strerror(errno));
	}
	int r = 0;
	const struct dirent *entry;
	errno = 0;
	while (r == 0 && (entry = readdir(dir))) {
		if (is_drop_in(entry->d_name) && !has_file(layers, first, entry->d_name)) {
			r = add(layers, join(folder, entry->d_name, ""), diag);
		}
		errno = 0;
	}
	if (r == 0 && errno != 0) {
		r = hk_diag_set(diag, -errno, "%s: %s", folder, strerror(errno));
	}
	closedir(dir);
	return r;
}

static int by_file_name(const void *a, const void *b)
{
	return strcmp(file_name(*(char *const *)a), file_name(*(char *const *)b));
}

static int add_drop_ins(struct hk_layers *layers, const char *const *folders, size_t n_folders,
	const char *name, struct hk_diag *diag)
{
	const size_t first = layers->n_paths;
	for (size_t i = 0; i < n_folders; i++) {
		char *folder = join(folders[i], name, ".conf.d");
		const int r =
			folder ? add_drop_ins_of(layers, first, folder, diag) : out_of_memory(diag);
		free(folder);
		if (r < 0) {
			return r;
		}
	}
	if (layers->n_paths > first) {
		qsort(layers->paths + first, layers->n_paths - first, sizeof(*layers->paths),
			by_file_name);
	}
	return 0;
}

int hk_layers_find(struct hk_layers *layers, const char *const *folders, size_t n_folders,
	const char *instance, struct hk_diag *diag)
{
	struct hk_layers found = { 0 };
	const char *const names[] = { for_all, instance };
	/* an instance of that name has no file of its own: it would be the same */
	const size_t n_names = strcmp(instance, for_all) == 0 ? 1 : 2;
	int r = 0;
	for (size_t i = 0; r == 0 && i < n_names; i++) {
		r = add_file(&found, folders, n_folders, names[i], diag);
		if (r == 0) {
			r = add_drop_ins(&found, folders, n_folders, names[i], diag);
		}
		if (i == 0) {
			found.n_common = found.n_paths;
		}
	}
	if (r < 0) {
		hk_layers_finish(&found);
		return r;
	}
	*layers = found;
	return 0;
}

/* The folders of this system into RET. Returns how many they are. */
static size_t installed_folders(const char *ret[MAX_FOLDERS])
{
	const char *own = getenv("CONFIGURATION_DIRECTORY");
	size_t n_folders = 0;
	if (own && own[0] == '/') {
		ret[n_folders++] = own;
	}
	ret[n_folders++] = HK_CONFIG_FOLDER;
	ret[n_folders++] = "/run/hearken";
	ret[n_folders++] = HK_VENDOR_FOLDER;
	return n_folders;
}

int hk_layers_find_installed(struct hk_layers *layers, const char *instance, struct hk_diag *diag)
{
	const char *folders[MAX_FOLDERS];
	const size_t n_folders = installed_folders(folders);
	return hk_layers_find(layers, folders, n_folders, instance, diag);
}

/* The instance that the entry NAME of a folder belongs to, for free(); NULL: to none of its own, or
 * no memory. */
static char *instance_of(const char *name, bool *ret_failed)
{
	static const char *const suffixes[] = { ".conf", ".conf.d" };
	const size_t length = strlen(name);
	for (size_t i = 0; i < 2; i++) {
		const size_t n_suffix = strlen(suffixes[i]);
		if (name[0] == '.' || length <= n_suffix ||
			strcmp(name + length - n_suffix, suffixes[i]) != 0 ||
			(length - n_suffix == strlen(for_all) &&
				strncmp(name, for_all, length - n_suffix) == 0)) {
			continue;
		}
		char *instance = strndup(name, length - n_suffix);
		*ret_failed = !instance;
		return instance;
	}
	return NULL;
}

static bool has_name(const struct hk_instances *instances, const char *name)
{
	for (size_t i = 0; i < instances->n_names; i++) {
		if (strcmp(instances->names[i], name) == 0) {
			return true;
		}
	}
	return false;
}

static int add_instance(struct hk_instances *instances, const char *entry, struct hk_diag *diag)
{
	bool failed = false;
	char *name = instance_of(entry, &failed);
	if (!name || has_name(instances, name)) {
		free(name);
		return failed ? out_of_memory(diag) : 0;
	}
	char **names = reallocarray(instances->names, instances->n_names + 1, sizeof(*names));
	if (!names) {
		free(name);
		return out_of_memory(diag);
	}
	instances->names = names;
	instances->names[instances->n_names++] = name;
	return 0;
}

static int add_instances_of(
	struct hk_instances *instances, const char *folder, struct hk_diag *diag)
{
	struct dirent **entries = NULL;
	const int n_entries = scandir(folder, &entries, NULL, alphasort);
	if (n_entries < 0) {
		return errno == ENOENT || errno == ENOTDIR
			? 0
			: hk_diag_set(diag, -errno, "%s: %s", folder, strerror(errno));
	}
	int r = 0;
	for (int i = 0; i < n_entries; i++) {
		if (r == 0) {
			r = add_instance(instances, entries[i]->d_name, diag);
		}
		free(entries[i]);
	}
	free(entries);
	return r;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int hk_instances_find_installed(struct hk_instances *instances, struct hk_diag *diag)
{
	const char *folders[MAX_FOLDERS];
	const size_t n_folders = installed_folders(folders);
	struct hk_instances found = { 0 };
	for (size_t i = 0; i < n_folders; i++) {
		const int r = add_instances_of(&found, folders[i], diag);
		if (r < 0) {
			hk_instances_finish(&found);
			return r;
		}
	}
	if (found.n_names > 1) {
		qsort(found.names, found.n_names, sizeof(*found.names), by_name);
	}
	*instances = found;
	return 0;
}

void hk_instances_finish(struct hk_instances *instances)
{
	for (size_t i = 0; i < instances->n_names; i++) {
		free(instances->names[i]);
	}
	free(instances->names);
	*instances = (struct hk_instances){ 0 };
}

int hk_layers_of_file(struct hk_layers *layers, const char *path, struct hk_diag *diag)
{
	struct hk_layers one = { 0 };
	const int r = add(&one, strdup(path), diag);
	if (r == 0) {
		*layers = one;
	}
	return r;
}

void hk_layers_finish(struct hk_layers *layers)
{
	for (size_t i = 0; i < layers->n_paths; i++) {
		free(layers->paths[i]);
	}
	free(layers->paths);
	*layers = (struct hk_layers){ 0 };
}
