/* SPDX-License-Identifier: MIT */
/*
 * assemble: puts the parts of a training together as a model that can be saved.
 */
#pragma once

#include <stdint.h>

#include "core/detection/window_pipeline.h"
#include "core/model/model.h"
#include "learning/data/dataset.h"
#include "learning/data/manifest.h"
#include "learning/data/split.h"
#include "learning/validation/measures.h"
#include "learning/validation/search.h"
#include "learning/validation/train_model.h"

struct hk_assembly {
	const char *name, *description;
	const struct hk_window_pipeline_setup *setup;
	const struct hk_manifest *manifest;
	const struct hk_dataset *dataset;
	const struct hk_split *split;
	const struct hk_search *search;
	const struct hk_calibration *calibration;
	const struct hk_measures *measures; /* out of fold */
	const struct hk_class_rules *rules; /* one a label */
	uint64_t seed;
};

/*
 * *ret is for hk_model_free. Scaler and decision of FITTED move into it; FITTED is empty then.
 * Returns 0, -ENOMEM.
 */
int hk_assemble(struct hk_model **ret, const struct hk_assembly *parts, struct hk_fitted *fitted);
