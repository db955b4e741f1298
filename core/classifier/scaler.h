/* SPDX-License-Identifier: MIT */
/*
 * scaler: (x - mean) / scale for every feature, then an optional clip: scikit-learn's
 * StandardScaler.
 *
 * File scaler.csv: header `feature,mean,scale`, one line a feature, in the profile's order with the
 * profile's names. A constant feature has scale 1, as scikit-learn does it.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/base/diag.h"
#include "core/classifier/svm.h"
#include "core/features/profile.h"

#define HK_SCALER_LIMIT HK_SVM_MAX_VALUE /* of scaled values without a clip */
#define HK_SCALER_MAX_MEAN 1e30          /* of a mean's magnitude and of a scale */
#define HK_SCALER_MIN_SCALE 1e-30

struct hk_scaler {
	size_t n_features;
	float clip;    /* values are limited to +-clip; 0 = only to +-HK_SCALER_LIMIT */
	double *mean;  /* n_features */
	double *scale; /* n_features, finite, > 0 */
};

/* Zero means, unit scales. Returns 0, -ENOMEM. */
int hk_scaler_init(struct hk_scaler *scaler, size_t n_features);
void hk_scaler_finish(struct hk_scaler *scaler);

/*
 * Mean and population standard deviation of ROWS rows, two-pass in double.
 * Shapes: features[n_rows * n_features], row-major.
 */
void hk_scaler_fit(struct hk_scaler *scaler, const float *features, size_t n_rows);

/* Shapes: features[n_features], ret_scaled[n_features] (may be the same). Real-time: yes. */
void hk_scaler_apply(const struct hk_scaler *scaler, const float *features, float *ret_scaled);

/*
 * Read TEXT (the whole file, LENGTH bytes; PATH is for messages only). Every name must be the
 * profile's. Returns 0; -EINVAL with DIAG naming file and line; -ENOMEM. *ret is initialised on
 * success only.
 */
int hk_scaler_parse(struct hk_scaler *ret, const char *path, const char *text, size_t length,
	const struct hk_profile_config *profile, struct hk_diag *diag);

/* The file's text, malloc'd, for the caller to free. Numbers read back to the same bits. Returns 0,
 * -ENOMEM. */
int hk_scaler_print(const struct hk_scaler *scaler, const struct hk_profile_config *profile,
	char **ret_text, size_t *ret_length);
