/* SPDX-License-Identifier: MIT */
/*
 * svm_text: libsvm's text format, read strictly and written exactly.
 *
 * One-vs-one models are libsvm's own files and can be used with svm-predict. A one-vs-rest model is
 * the same format with `svm_type c_svc_ovr` (so that libsvm refuses it instead of misreading it),
 * `rho` of k values, no `nr_sv`, and k coefficients before each vector. Counts are checked against
 * the length of the text before anything is allocated: a file can never make the loader reserve
 * more than a small multiple of its own size. Refused with file and line: unknown keys, negative or
 * huge counts, NaN and infinities, index 0, descending or double indices, too few or too many
 * lines.
 *
 * A packed model has the key `vectors int16 EXPONENT` (libsvm refuses it), only coefficients in its
 * lines, and a second file with its matrix: n_vectors rows of n_features int16, little-endian,
 * nothing else. Its length is checked before anything is allocated.
 */
#pragma once

#include "core/base/diag.h"
#include "core/classifier/svm.h"

/* The second file in memory. */
struct hk_svm_packed {
	const char *path; /* for messages */
	const char *data;
	size_t length;
};

/*
 * TEXT: the whole file (LENGTH bytes); PATH is for messages only. N_FEATURES: of the profile;
 * N_LABELS: of the bundle. `label` lines hold indices into the bundle's label list, each once.
 * PACKED: the second file; NULL when there is none. Returns 0; -EINVAL with DIAG naming file and
 * line; -ENOMEM. *ret is initialised on success only.
 */
int hk_svm_parse(struct hk_svm *ret, const char *path, const char *text, size_t length,
	const struct hk_svm_packed *packed, uint32_t n_features, uint32_t n_labels,
	struct hk_diag *diag);

/*
 * The file's text, malloc'd, for the caller to free. Numbers keep every bit. Zeros of vectors are
 * left out, and the matrix of a packed model. Returns 0, -ENOMEM.
 */
int hk_svm_print(const struct hk_svm *svm, char **ret_text, size_t *ret_length);

/* The second file of a packed model, malloc'd, for the caller to free. Returns 0, -ENOMEM. */
int hk_svm_print_packed(const struct hk_svm *svm, char **ret_data, size_t *ret_length);
