/* SPDX-License-Identifier: MIT */
/*
 * svm_header: the lines of keys that a libsvm text begins with, up to the line "SV". Only
 * svm_text.c uses it.
 *
 * The lines are found first, each key once, and read when what they depend on is known; errors name
 * the line of their key.
 */
#pragma once

#include <stdbool.h>

#include "core/base/scan.h"

enum hk_svm_key {
	KEY_SVM_TYPE,
	KEY_KERNEL_TYPE,
	KEY_DEGREE,
	KEY_GAMMA,
	KEY_COEF0,
	KEY_NR_CLASS,
	KEY_TOTAL_SV,
	KEY_RHO,
	KEY_LABEL,
	KEY_PROB_A,
	KEY_PROB_B,
	KEY_NR_SV,
	KEY_VECTORS,
	N_KEYS,
};

struct hk_svm_header {
	struct hk_scan scan; /* behind the line "SV" */
	struct hk_diag *diag;
	struct hk_span values[N_KEYS];
	uint32_t lines[N_KEYS]; /* 0: the key did not come */
};

/* All functions: 0, or -EINVAL with DIAG. */

/* SCAN: at the beginning of the text. */
int hk_svm_header_read(struct hk_svm_header *ret, const struct hk_scan *scan, struct hk_diag *diag);

/* An error at the line of KEY: "PATH:LINE: KEY: TEXT". */
int hk_svm_header_error(const struct hk_svm_header *header, enum hk_svm_key key, const char *format,
	...) __attribute__((format(printf, 3, 4)));

bool hk_svm_header_has(const struct hk_svm_header *header, enum hk_svm_key key);

/* KEY must be there if WANTED and must not if not; WHY names what decides it. */
int hk_svm_header_check(
	const struct hk_svm_header *header, enum hk_svm_key key, bool wanted, const char *why);

/* The one word of KEY, which must be there, as its index in NAMES (NULL-terminated). */
int hk_svm_header_name(const struct hk_svm_header *header, enum hk_svm_key key,
	const char *const *names, uint32_t *ret);

/* The one whole number of KEY, which must be there. */
int hk_svm_header_count(const struct hk_svm_header *header, enum hk_svm_key key, uint32_t min,
	uint32_t max, uint32_t *ret);

/* The one number of KEY, which is there. */
int hk_svm_header_real(const struct hk_svm_header *header, enum hk_svm_key key, double min,
	double max, double *ret);

/* Exactly N numbers from -LIMIT to LIMIT of KEY, which is there. */
int hk_svm_header_reals(const struct hk_svm_header *header, enum hk_svm_key key, uint32_t n,
	double limit, double *ret);

/* Exactly N whole numbers up to MAX of KEY, which is there. */
int hk_svm_header_counts(const struct hk_svm_header *header, enum hk_svm_key key, uint32_t n,
	uint32_t max, uint32_t *ret);
