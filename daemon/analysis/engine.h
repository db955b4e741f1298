/* SPDX-License-Identifier: MIT */
/*
 * engine: a model with its rules and the detection pipeline over both: loaded, compared, swapped.
 *
 * Built whole by main, so that a bad model or rule is refused before anything changes; used by the
 * analysis thread; freed by main when analysis has given it back. One thread at a time. No
 * allocation once a stream runs. Not real-time.
 */
#pragma once

#include "config/load.h"
#include "core/detection/detection_pipeline.h"
#include "core/model/model.h"
#include "daemon/settings/setting_origin.h"

struct hk_engine;

/*
 * Load the bundle MODEL, a folder or the name of one that came with hearken, and lay the sections
 * [class NAME] of the configuration over its rules. ORIGINS of MODEL, which is a setting, and of
 * the rules. Returns 0; a negative errno with DIAG: the bundle is refused (hk_model_load), no such
 * class, impossible rules, -ENOMEM.
 */
int hk_engine_new(struct hk_engine **ret, const char *model,
	const struct hk_setting_origins *origins, struct hk_diag *diag);
void hk_engine_free(struct hk_engine *engine);

/* Live as long as the engine. */
const struct hk_model *hk_engine_model(const struct hk_engine *engine);
const struct hk_class_rules *hk_engine_rules(const struct hk_engine *engine);

/* The same bundle under the same rules? */
bool hk_engine_same(const struct hk_engine *a, const struct hk_engine *b);

/* What hears with them: for the thread that analyses. Lives as long as the engine. */
struct hk_detection_pipeline *hk_engine_pipeline(const struct hk_engine *engine);
