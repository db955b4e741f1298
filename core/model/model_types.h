/* SPDX-License-Identifier: MIT */
/*
 * model_types: a bundle in memory. model.h loads and saves it.
 */
#pragma once

#include <stdint.h>

#include "core/base/label.h"
#include "core/base/sha256.h"
#include "core/classifier/calibration.h"
#include "core/classifier/scaler.h"
#include "core/classifier/svm.h"
#include "core/features/profile.h"
#include "core/model/class_rules.h"
#include "core/model/smoothing.h"

#define HK_MODEL_FORMAT 1

struct hk_model {
	char name[HK_LABEL_SIZE];
	char description[256];
	char hash[HK_SHA256_TEXT_SIZE]; /* of model.ini, which holds the hashes of the rest: names
					   the bundle */
	uint32_t n_labels;
	char (*labels)[HK_LABEL_SIZE]; /* as core/base/label.h checks them; no two alike */
	uint32_t rate_hz;
	uint32_t n_window_frames;
	uint32_t n_step_frames;
	struct hk_profile_config profile;
	struct hk_scaler scaler;
	struct hk_svm svm;
	struct hk_calibration calibration;
	struct hk_smoothing smoothing;
	struct hk_class_rules *rules; /* n_labels: the bundle's suggestions over the defaults */
	char *training;               /* text of [training], "key = value" lines; may be NULL */
};

/* Index of LABEL, or -1. */
int hk_model_label(const struct hk_model *model, const char *label);
