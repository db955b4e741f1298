/* SPDX-License-Identifier: MIT */
#include "daemon/analysis/engine.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/load.h"
#include "config/paths.h"

struct hk_engine {
	struct hk_model *model;
	struct hk_class_rules *rules;
	struct hk_analyzer *analyzer;
	struct hk_decider *decider; /* of the current rate; NULL before the first block */
	uint32_t rate_hz;
	struct hk_engine_sink sink;
};

static void on_window(void *owner, const struct hk_window_result *result)
{
	struct hk_engine *engine = owner;
	hk_decider_push(engine->decider, result);
}

static void on_gap(void *owner, uint64_t first_frame, uint64_t n_frames)
{
	struct hk_engine *engine = owner;
	hk_decider_flush(engine->decider); /* windows from before the gap come before it */
	engine->sink.on_gap(engine->sink.owner, first_frame, n_frames);
	hk_decider_gap(engine->decider, first_frame, n_frames);
}

static void on_remainder(void *owner, uint64_t first_frame, uint64_t n_frames)
{
	struct hk_engine *engine = owner;
	engine->sink.on_remainder(engine->sink.owner, first_frame, n_frames);
}

int hk_engine_new(struct hk_engine **ret, const char *model, const struct hk_origins *origins,
	struct hk_diag *diag)
{
	char path[PATH_MAX];
	int r = hk_path_model(model, path, sizeof(path));
	if (r < 0) {
		return hk_origin_refuse(
			origins, "model", "path", r, diag, "%s: %s", model, strerror(-r));
	}
	struct hk_engine *engine = calloc(1, sizeof(*engine));
	if (!engine) {
		return hk_diag_set(diag, -ENOMEM, "out of memory");
	}
	struct hk_diag what = { "out of memory" };
	r = hk_model_load(&engine->model, path, &what);
	if (r < 0) {
		hk_origin_refuse(origins, "model", "path", r, diag, "%s%s", what.text,
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
	const struct hk_analyzer_setup setup = hk_analyzer_setup_of(engine->model);
	const struct hk_analyzer_sink sink = { engine, on_window, on_remainder, on_gap };
	r = hk_analyzer_new(&engine->analyzer, &setup, &sink, &what);
	if (r < 0) {
		hk_origin_refuse(origins, "model", "path", r, diag, "%s: %s", path, what.text);
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
	hk_decider_free(engine->decider);
	hk_analyzer_free(engine->analyzer);
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

void hk_engine_set_sink(struct hk_engine *engine, const struct hk_engine_sink *sink)
{
	engine->sink = *sink;
}

/* The rules' seconds are frames of the source: another rate is another detector. */
static int change_rate(struct hk_engine *engine, uint32_t rate_hz)
{
	hk_decider_free(engine->decider);
	engine->decider = NULL;
	const struct hk_decider_sink sink = { engine->sink.owner, engine->sink.on_window,
		engine->sink.on_start, engine->sink.on_end };
	engine->rate_hz = rate_hz;
	return hk_decider_new(&engine->decider, engine->model, engine->rules, rate_hz, &sink);
}

int hk_engine_push(struct hk_engine *engine, const struct hk_block *block, const float *frames)
{
	if (block->rate_hz != engine->rate_hz || !engine->decider) {
		const int r = change_rate(engine, block->rate_hz);
		if (r < 0) {
			return r;
		}
	}
	return hk_analyzer_push(engine->analyzer, block, frames);
}

uint64_t hk_engine_missing(const struct hk_engine *engine)
{
	return hk_analyzer_missing(engine->analyzer);
}

enum hk_gate hk_engine_gate(const struct hk_engine *engine, uint32_t label)
{
	return engine->decider ? hk_decider_gate(engine->decider, label) : HK_GATE_CLOSED;
}

const struct hk_event *hk_engine_ongoing(const struct hk_engine *engine, uint32_t label)
{
	return engine->decider ? hk_decider_ongoing(engine->decider, label) : NULL;
}

void hk_engine_wait(struct hk_engine *engine, double seconds)
{
	if (engine->decider) {
		hk_decider_wait(engine->decider, (uint64_t)llround(seconds * engine->rate_hz));
	}
}

void hk_engine_finish(struct hk_engine *engine, enum hk_event_state state)
{
	if (engine->decider) {
		hk_analyzer_finish(engine->analyzer);
		hk_decider_finish(engine->decider, state);
	}
}
