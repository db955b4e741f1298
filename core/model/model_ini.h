/* SPDX-License-Identifier: MIT */
/*
 * model_ini: the text of a bundle's model.ini, read and written. Only model.c and model_save.c use
 * it; everything of a model but its scaler's and SVM's numbers is in this file.
 */
#pragma once

#include <stddef.h>

#include "core/base/diag.h"
#include "core/model/model_types.h"

#define HK_MODEL_INI "model.ini"
#define HK_MODEL_SCALER "scaler.csv"
#define HK_MODEL_SVM "svm.model"
#define HK_MODEL_VECTORS "vectors.bin" /* of a packed model only */

#define HK_MODEL_INI_MAX_SIZE (256 << 10)
#define HK_MODEL_SCALER_MAX_SIZE (4 << 20)
#define HK_MODEL_SVM_MAX_SIZE (512 << 20)
#define HK_MODEL_VECTORS_MAX_SIZE (512 << 20)

/* [files]: SHA-256 of the bundle's other files. */
struct hk_model_hashes {
	char scaler[HK_SHA256_TEXT_SIZE];
	char svm[HK_SHA256_TEXT_SIZE];
	char vectors[HK_SHA256_TEXT_SIZE]; /* "": there is no such file */
};

/*
 * Fill MODEL (zeroed by the caller, who frees it on failure, too) but for scaler.mean, scaler.scale
 * and svm. Returns 0; -EINVAL with DIAG naming file and line; -ENOMEM.
 */
int hk_model_ini_parse(struct hk_model *model, struct hk_model_hashes *ret_hashes, const char *path,
	const char *text, size_t length, struct hk_diag *diag);

/* The file's text, malloc'd. Returns 0; -EINVAL with DIAG (something that no line can hold);
 * -ENOMEM. */
int hk_model_ini_print(const struct hk_model *model, const struct hk_model_hashes *hashes,
	char **ret_text, size_t *ret_length, struct hk_diag *diag);
