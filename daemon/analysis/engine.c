/* SPDX-License-Identifier: MIT */
#include "daemon/analysis/engine.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/load.h"
#include "config/paths.h"

struct hk_engine {
	struct hk_model *model;
	struct hk_class_rules *rules;
	struct hk_detection_pipeline *pipeline;
};

int hk_engine_new(struct hk_engine **ret, const char *model,
	const struct hk_setting_origins *origins, struct hk_diag *diag)
{
	char path[PATH_MAX];
	int r = hk_path_model(model, path, sizeof(path));
	if (r < 0) {
		return hk_setting_origin_refuse(
			origins, "model", "path", r, diag, "%s: %s", model, strerror(-r));
	}
	struct hk_engine *engine = calloc(1, sizeof(*engine));
	if (!engine) {
		return hk_diag_set(diag, -ENOMEM, "out of memory");
	}
	struct hk_diag what = { "out of memory" };
	r = hk_model_load(&engine->model, path, &what);
	if (r < 0) {
		hk_setting_origin_refuse(origins, "model", "path", r, diag, "%s%s", what.text,
			access(path, F_OK) == 0
				? ""
				: "; expected a bundle's folder, or the name of one that came with hearken");
		goto fail;
	}
	engine->rules = calloc(engine->model->n_labels, sizeof(*engine->rules));
	if (!engine->rules) {
		r = hk_diag_set(diag, -ENOMEM, "out of memory");
		goto fail;
	}
	r = hk_config_class_rules(origins->config, engine->model, engine->rules, diag);
	if (r < 0) {
		goto fail;
	}
	r = hk_detection_pipeline_new(&engine->pipeline, engine->model, engine->rules, &what);
	if (r < 0) {
		hk_setting_origin_refuse(
			origins, "model", "path", r, diag, "%s: %s", path, what.text);
		goto fail;
	}
	*ret = engine;
	return 0;

fail:
	hk_engine_free(engine);
	return r;
}

void hk_engine_free(struct hk_engine *engine)
{
	if (!engine) {
		return;
	}
	hk_detection_pipeline_free(engine->pipeline);
	free(engine->rules);
	hk_model_free(engine->model);
	free(engine);
}

const struct hk_model *hk_engine_model(const struct hk_engine *engine)
{
	return engine->model;
}

const struct hk_class_rules *hk_engine_rules(const struct hk_engine *engine)
{
	return engine->rules;
}

static bool same_rules(const struct hk_class_rules *a, const struct hk_class_rules *b)
{
	for (size_t i = 0; i < hk_n_class_params; i++) {
		if (!hk_param_same(&hk_class_params[i], a, b)) {
			return false;
		}
	}
	return true;
}

bool hk_engine_same(const struct hk_engine *a, const struct hk_engine *b)
{
	if (strcmp(a->model->hash, b->model->hash) != 0) {
		return false;
	}
	for (uint32_t i = 0; i < a->model->n_labels; i++) {
		if (!same_rules(&a->rules[i], &b->rules[i])) {
			return false;
		}
	}
	return true;
}

struct hk_detection_pipeline *hk_engine_pipeline(const struct hk_engine *engine)
{
	return engine->pipeline;
}
