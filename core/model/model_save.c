/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/classifier/svm_text.h"
#include "core/model/model.h"
#include "core/model/model_ini.h"

#define FOLDER_MODE 0755

enum { SCALER, SVM, VECTORS, INI, N_FILES };

static const struct {
	const char *name;
	size_t max_size;
} files[N_FILES] = {
	[SCALER] = { HK_MODEL_SCALER, HK_MODEL_SCALER_MAX_SIZE },
	[SVM] = { HK_MODEL_SVM, HK_MODEL_SVM_MAX_SIZE },
	[VECTORS] = { HK_MODEL_VECTORS, HK_MODEL_VECTORS_MAX_SIZE },
	[INI] = { HK_MODEL_INI, HK_MODEL_INI_MAX_SIZE },
};

/* The bundle's files in memory; NULL: the bundle has no such file. */
struct texts {
	char *data[N_FILES];
	size_t length[N_FILES];
};

/* Where the bundle goes. */
struct target {
	char parent[PATH_MAX]; /* folder */
	char name[NAME_MAX + 1];
	char temporary[PATH_MAX]; /* the new folder beside it, until it is renamed */
	bool exists;
};

static int say_errno(struct hk_diag *diag, const char *path)
{
	const int error = -errno;
	return hk_diag_set(diag, error, "%s: %s", path, strerror(-error));
}

static bool is_bundle_file(const char *name)
{
	for (size_t i = 0; hk_model_file_names[i]; i++) {
		if (strcmp(name, hk_model_file_names[i]) == 0) {
			return true;
		}
	}
	return false;
}

static int find_target(struct target *target, const char *path, struct hk_diag *diag)
{
	char for_parent[PATH_MAX], for_name[PATH_MAX];
	if (strlen(path) >= sizeof(for_parent)) {
		return hk_diag_set(diag, -ENAMETOOLONG, "%s: %s", path, strerror(ENAMETOOLONG));
	}
	strcpy(for_parent, path);
	strcpy(for_name, path);
	const char *name = basename(for_name);
	snprintf(target->parent, sizeof(target->parent), "%s", dirname(for_parent));
	const int n = snprintf(target->name, sizeof(target->name), "%s", name);
	if (n < 1 || n > NAME_MAX || strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
		strcmp(name, "/") == 0) {
		return hk_diag_set(diag, -EINVAL, "%s: expected the name of a folder", path);
	}
	struct stat st;
	if (lstat(path, &st) < 0) {
		return errno == ENOENT ? 0 : say_errno(diag, path);
	}
	char ini[PATH_MAX + sizeof(HK_MODEL_INI)];
	snprintf(ini, sizeof(ini), "%s/" HK_MODEL_INI, path);
	target->exists = true;
	return S_ISDIR(st.st_mode) && access(ini, F_OK) == 0
		? 0
		: hk_diag_set(diag, -EEXIST, "%s: exists and is not a model bundle", path);
}

static void texts_finish(struct texts *texts)
{
	for (size_t i = 0; i < N_FILES; i++) {
		free(texts->data[i]);
	}
}

static int print_svm(struct texts *texts, const struct hk_svm *svm)
{
	const int r = hk_svm_print(svm, &texts->data[SVM], &texts->length[SVM]);
	return r < 0 || !svm->packed
		? r
		: hk_svm_print_packed(svm, &texts->data[VECTORS], &texts->length[VECTORS]);
}

static int print_texts(struct texts *texts, const struct hk_model *model, struct hk_diag *diag)
{
	int r = hk_scaler_print(
		&model->scaler, &model->profile, &texts->data[SCALER], &texts->length[SCALER]);
	if (r < 0 || (r = print_svm(texts, &model->svm)) < 0) {
		return r;
	}
	struct hk_model_hashes hashes = { 0 };
	hk_sha256_text(texts->data[SCALER], texts->length[SCALER], hashes.scaler);
	hk_sha256_text(texts->data[SVM], texts->length[SVM], hashes.svm);
	if (texts->data[VECTORS]) {
		hk_sha256_text(texts->data[VECTORS], texts->length[VECTORS], hashes.vectors);
	}
	r = hk_model_ini_print(model, &hashes, &texts->data[INI], &texts->length[INI], diag);
	if (r < 0) {
		return r;
	}
	for (size_t i = 0; i < N_FILES; i++) {
		if (texts->length[i] > files[i].max_size) {
			return hk_diag_set(diag, -EFBIG,
				"%s: %zu bytes are more than the %zu allowed", files[i].name,
				texts->length[i], files[i].max_size);
		}
	}
	return 0;
}

static int write_texts(
	const struct texts *texts, int dir_fd, const char *folder, struct hk_diag *diag)
{
	int r = 0;
	for (size_t i = 0; i < N_FILES && r == 0; i++) {
		char path[PATH_MAX + NAME_MAX];
		snprintf(path, sizeof(path), "%s/%s", folder, files[i].name);
		if (texts->data[i]) {
			r = hk_file_write(dir_fd, files[i].name, path, texts->data[i],
				texts->length[i], diag);
		}
	}
	return r;
}

/* What its owner laid into the old bundle (sources, licences) goes on into the new one, by hard
 * links: nothing is lost and the exchange stays one step. */
static int keep_other_files(const char *path, int new_fd, struct hk_diag *diag)
{
	DIR *dir = opendir(path);
	if (!dir) {
		return say_errno(diag, path);
	}
	int r = 0;
	const struct dirent *entry;
	while (r == 0 && (entry = readdir(dir))) {
		if (is_bundle_file(entry->d_name) || strcmp(entry->d_name, ".") == 0 ||
			strcmp(entry->d_name, "..") == 0) {
			continue;
		}
		if (linkat(dirfd(dir), entry->d_name, new_fd, entry->d_name, 0) < 0) {
			const int error = errno;
			r = hk_diag_set(diag, -EEXIST,
				"%s: is there already and holds \"%s\", which cannot be kept: %s",
				path, entry->d_name, strerror(error));
		}
	}
	closedir(dir);
	return r;
}

/* A folder without folders. */
static void remove_folder(const char *path)
{
	DIR *dir = opendir(path);
	if (dir) {
		const struct dirent *entry;
		while ((entry = readdir(dir))) {
			unlinkat(dirfd(dir), entry->d_name, 0);
		}
		closedir(dir);
	}
	rmdir(path);
}

static bool same_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

/* The new folder must load and say what MODEL says, or it does not take the old one's place. */
static int check_written(const char *folder, struct hk_model *model, struct hk_diag *diag)
{
	struct hk_model *again;
	const int r = hk_model_load(&again, folder, diag);
	if (r < 0) {
		return r;
	}
	const bool same = same_text(model->name, again->name) &&
		same_text(model->description, again->description) &&
		same_text(model->training, again->training);
	memcpy(model->hash, again->hash, sizeof(model->hash));
	hk_model_free(again);
	return same ? 0
		    : hk_diag_set(diag, -EINVAL,
			      "name, description or training: expected lines without blanks around "
			      "them and keys without = or :");
}

static int fill_temporary(const struct target *target, const char *path, struct hk_model *model,
	const struct texts *texts, struct hk_diag *diag)
{
	const int dir_fd = open(target->temporary, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd < 0) {
		return say_errno(diag, target->temporary);
	}
	const mode_t mask = umask(0);
	umask(mask);
	int r = fchmod(dir_fd, FOLDER_MODE & ~mask) < 0 ? say_errno(diag, target->temporary) : 0;
	if (r == 0) {
		r = write_texts(texts, dir_fd, path, diag); /* its own name says more */
	}
	if (r == 0 && target->exists) {
		r = keep_other_files(path, dir_fd, diag);
	}
	if (r == 0 && fsync(dir_fd) < 0) {
		r = say_errno(diag, target->temporary);
	}
	close(dir_fd);
	return r < 0 ? r : check_written(target->temporary, model, diag);
}

/* One step for whoever looks: the old bundle or the new one, whole. */
static int put_in_place(const struct target *target, const char *path, struct hk_diag *diag)
{
	const unsigned flags = target->exists ? RENAME_EXCHANGE : RENAME_NOREPLACE;
	if (renameat2(AT_FDCWD, target->temporary, AT_FDCWD, path, flags) < 0) {
		return say_errno(diag, path);
	}
	const int parent_fd = open(target->parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (parent_fd < 0 || fsync(parent_fd) < 0) {
		const int r = say_errno(diag, target->parent);
		if (parent_fd >= 0) {
			close(parent_fd);
		}
		return r;
	}
	close(parent_fd);
	return 0;
}

int hk_model_save(struct hk_model *model, const char *path, struct hk_diag *diag)
{
	struct target target = { 0 };
	struct texts texts = { 0 };
	int r = find_target(&target, path, diag);
	if (r < 0 || (r = print_texts(&texts, model, diag)) < 0) {
		goto out;
	}
	const int n = snprintf(target.temporary, sizeof(target.temporary), "%s/.%.200s.XXXXXX",
		target.parent, target.name);
	if (n < 0 || (size_t)n >= sizeof(target.temporary)) {
		r = hk_diag_set(diag, -ENAMETOOLONG, "%s: %s", path, strerror(ENAMETOOLONG));
		goto out;
	}
	if (!mkdtemp(target.temporary)) {
		r = say_errno(diag, target.parent);
		goto out;
	}
	r = fill_temporary(&target, path, model, &texts, diag);
	if (r == 0) {
		r = put_in_place(&target, path, diag);
	}
	if (r < 0 || target.exists) {
		remove_folder(target.temporary); /* the new one, or, exchanged, the old one */
	}
out:
	texts_finish(&texts);
	return r == -ENOMEM ? hk_diag_set(diag, r, "%s: out of memory", path) : r;
}

int hk_model_make_room(const char *path, struct hk_diag *diag)
{
	struct target target = { 0 };
	const int r = find_target(&target, path, diag);
	if (r < 0) {
		return r;
	}
	char *end = target.parent;
	do {
		end += strspn(end, "/");
		end += strcspn(end, "/");
		const char after = *end;
		*end = '\0';
		if (mkdir(target.parent, FOLDER_MODE) < 0 && errno != EEXIST) {
			return say_errno(diag, target.parent);
		}
		*end = after;
	} while (*end);
	return access(target.parent, W_OK | X_OK) < 0 ? say_errno(diag, target.parent) : 0;
}
