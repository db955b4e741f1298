/* SPDX-License-Identifier: MIT */
#include "core/model/model.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/classifier/svm_text.h"
#include "core/model/model_ini.h"

const char *const hk_model_file_names[] = { HK_MODEL_INI, HK_MODEL_SCALER, HK_MODEL_SVM,
	HK_MODEL_VECTORS, NULL };

/* A file of the bundle in memory. */
struct text {
	char path[PATH_MAX]; /* for messages */
	char *data;
	size_t length;
};

static int read_text(struct text *ret, int dir_fd, const char *folder, const char *name,
	size_t max_size, struct hk_diag *diag)
{
	snprintf(ret->path, sizeof(ret->path), "%s/%s", folder, name);
	return hk_file_read(dir_fd, name, ret->path, max_size, &ret->data, &ret->length, diag);
}

/* Read a file that model.ini vouches for with HASH. */
static int read_hashed(struct text *ret, int dir_fd, const char *folder, const char *name,
	size_t max_size, const char *hash, struct hk_diag *diag)
{
	const int r = read_text(ret, dir_fd, folder, name, max_size, diag);
	if (r < 0) {
		return r;
	}
	char found[HK_SHA256_TEXT_SIZE];
	hk_sha256_text(ret->data, ret->length, found);
	if (strcmp(found, hash) != 0) {
		free(ret->data);
		return hk_diag_set(diag, -EINVAL,
			"%s: expected the SHA-256 %s of " HK_MODEL_INI ", got %s", ret->path, hash,
			found);
	}
	return 0;
}

static int load_ini(struct hk_model *model, struct hk_model_hashes *ret_hashes, int dir_fd,
	const char *folder, struct hk_diag *diag)
{
	struct text text;
	int r = read_text(&text, dir_fd, folder, HK_MODEL_INI, HK_MODEL_INI_MAX_SIZE, diag);
	if (r < 0) {
		return r;
	}
	hk_sha256_text(text.data, text.length, model->hash);
	r = hk_model_ini_parse(model, ret_hashes, text.path, text.data, text.length, diag);
	free(text.data);
	return r;
}

static int load_scaler(struct hk_model *model, int dir_fd, const char *folder, const char *hash,
	struct hk_diag *diag)
{
	struct text text;
	int r = read_hashed(
		&text, dir_fd, folder, HK_MODEL_SCALER, HK_MODEL_SCALER_MAX_SIZE, hash, diag);
	if (r < 0) {
		return r;
	}
	const float clip = model->scaler.clip;
	r = hk_scaler_parse(
		&model->scaler, text.path, text.data, text.length, &model->profile, diag);
	model->scaler.clip = clip;
	free(text.data);
	return r;
}

/* TEXT and VECTORS: of svm.model and vectors.bin; VECTORS->data is NULL when there is none. */
static int parse_svm(struct hk_model *model, const struct text *text, const struct text *vectors,
	struct hk_diag *diag)
{
	const struct hk_svm_packed packed = { vectors->path, vectors->data, vectors->length };
	const int r = hk_svm_parse(&model->svm, text->path, text->data, text->length,
		vectors->data ? &packed : NULL, (uint32_t)model->scaler.n_features, model->n_labels,
		diag);
	if (r == 0 && model->calibration.method == HK_CALIBRATION_LIBSVM && !model->svm.prob_a) {
		return hk_diag_set(diag, -EINVAL,
			"%s: expected probA and probB, which the calibration method libsvm needs",
			text->path);
	}
	return r;
}

static int load_svm(struct hk_model *model, int dir_fd, const char *folder,
	const struct hk_model_hashes *hashes, struct hk_diag *diag)
{
	struct text text, vectors = { .data = NULL };
	int r = read_hashed(
		&text, dir_fd, folder, HK_MODEL_SVM, HK_MODEL_SVM_MAX_SIZE, hashes->svm, diag);
	if (r < 0) {
		return r;
	}
	if (hashes->vectors[0] != '\0') {
		r = read_hashed(&vectors, dir_fd, folder, HK_MODEL_VECTORS,
			HK_MODEL_VECTORS_MAX_SIZE, hashes->vectors, diag);
	}
	if (r == 0) {
		r = parse_svm(model, &text, &vectors, diag);
		free(vectors.data);
	}
	free(text.data);
	return r;
}

static int load_files(struct hk_model *model, int dir_fd, const char *folder, struct hk_diag *diag)
{
	struct hk_model_hashes hashes;
	int r = load_ini(model, &hashes, dir_fd, folder, diag);
	if (r < 0 || (r = load_scaler(model, dir_fd, folder, hashes.scaler, diag)) < 0) {
		return r;
	}
	return load_svm(model, dir_fd, folder, &hashes, diag);
}

int hk_model_load(struct hk_model **ret, const char *path, struct hk_diag *diag)
{
	const int dir_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd < 0) {
		const int error = -errno;
		return hk_diag_set(diag, error, "%s: %s", path, strerror(-error));
	}
	struct hk_model *model = calloc(1, sizeof(*model));
	const int r = model ? load_files(model, dir_fd, path, diag) : -ENOMEM;
	const bool no_bundle = r == -ENOENT && faccessat(dir_fd, HK_MODEL_INI, F_OK, 0) < 0;
	close(dir_fd);
	if (no_bundle) {
		hk_model_free(model);
		return hk_diag_set(
			diag, r, "%s: not a model bundle: it has no " HK_MODEL_INI, path);
	}
	if (r < 0) {
		hk_model_free(model);
		return r == -ENOMEM ? hk_diag_set(diag, r, "%s: out of memory", path) : r;
	}
	*ret = model;
	return 0;
}

void hk_model_free(struct hk_model *model)
{
	if (!model) {
		return;
	}
	free(model->labels);
	free(model->rules);
	free(model->training);
	hk_scaler_finish(&model->scaler);
	hk_svm_finish(&model->svm);
	free(model);
}
