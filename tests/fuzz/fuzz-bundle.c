/* SPDX-License-Identifier: MIT */
/*
 * A whole bundle: model.ini without [files], scaler.csv, svm.model and, if it is there,
 * vectors.bin, separated by lines
 * "====". The right hashes are put in, so that every file is read. What loads can be saved and
 * loaded again, and hears.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/detection/event_pipeline.h"
#include "core/model/model_ini.h"
#include "tests/fuzz/fuzz.h"

#define N_PARTS 4
#define BLOCK_FRAMES 4096
/* Of a bundle that is heard with: more only costs time. */
#define MAX_WINDOW_FRAMES 64000
#define MAX_VALUES (1 << 20)
#define MAX_FEATURES (1 << 14)

static const char *const names[N_PARTS] = { HK_MODEL_INI, HK_MODEL_SCALER, HK_MODEL_SVM,
	HK_MODEL_VECTORS };

/* [files] behind the text of model.ini. */
static void write_ini(const struct fuzz_part *parts, size_t n_parts)
{
	char hashes[1024] = "\n[files]\n";
	size_t n = strlen(hashes);
	for (size_t i = 1; i < n_parts; i++) {
		char hash[HK_SHA256_TEXT_SIZE];
		hk_sha256_text(parts[i].data, parts[i].size, hash);
		n += (size_t)snprintf(hashes + n, sizeof(hashes) - n, "%s = %s\n", names[i], hash);
	}
	char *text = malloc(parts[0].size + n);
	FUZZ_REQUIRE(text);
	memcpy(text, parts[0].data, parts[0].size);
	memcpy(text + parts[0].size, hashes, n);
	fuzz_write("bundle/" HK_MODEL_INI, text, parts[0].size + n);
	free(text);
}

static void write_bundle(const struct fuzz_part *parts, size_t n_parts)
{
	mkdir(fuzz_path("bundle").text, 0700);
	write_ini(parts, n_parts);
	for (size_t i = 1; i < N_PARTS; i++) {
		char name[64];
		snprintf(name, sizeof(name), "bundle/%s", names[i]);
		unlink(fuzz_path(name).text);
		if (i < n_parts) {
			fuzz_write(name, parts[i].data, parts[i].size);
		}
	}
}

static void check_saved(struct hk_model *model)
{
	const struct fuzz_path path = fuzz_path("saved");
	struct hk_diag diag = { "" };
	struct hk_model *again;
	const int r = hk_model_save(model, path.text, &diag);
	fuzz_require_reason(r, &diag);
	FUZZ_REQUIRE(r == 0);
	FUZZ_REQUIRE(hk_model_load(&again, path.text, &diag) == 0);
	FUZZ_REQUIRE(strcmp(again->hash, model->hash) == 0);
	hk_model_free(again);
}

static void on_analysed(void *owner, const struct hk_window_result *result)
{
	hk_event_pipeline_push(owner, result);
}

static void on_span(void *owner, uint64_t first_frame, uint64_t n_frames)
{
	(void)owner;
	(void)first_frame;
	(void)n_frames;
}

static void on_decided(void *owner, const struct hk_window_result *result, const double *smoothed)
{
	const struct hk_model *model = owner;
	const double *probabilities = result->classification.probabilities;
	double sum = 0, smoothed_sum = 0;
	for (uint32_t i = 0; i < model->n_labels; i++) {
		sum += probabilities ? probabilities[i] : 0;
		smoothed_sum += smoothed ? smoothed[i] : 0;
	}
	FUZZ_REQUIRE(!probabilities || fabs(sum - 1) < 1e-6);
	FUZZ_REQUIRE(!smoothed || fabs(smoothed_sum - 1) < 1e-6);
}

static void on_event(void *owner, const struct hk_event *event)
{
	const struct hk_model *model = owner;
	FUZZ_REQUIRE(event->label < model->n_labels);
}

/* Noise as loud as it can be, then silence, then nothing but zeros. */
static void fill(float *frames, uint64_t first_frame, uint64_t n_all)
{
	for (uint64_t i = first_frame; i < first_frame + BLOCK_FRAMES; i++) {
		const uint32_t x = (uint32_t)i * UINT32_C(2654435761);
		const float noise = (float)(x >> 8) / 8388608.0F - 1.0F;
		frames[i - first_frame] = i < n_all / 2 ? noise
			: i < n_all / 4 * 3             ? noise * 1e-5F
							: 0;
	}
}

static void hear(const struct hk_model *model)
{
	static float frames[BLOCK_FRAMES];
	struct hk_event_pipeline *decider;
	struct hk_window_pipeline *analyzer;
	const struct hk_event_pipeline_sink decider_sink = { (void *)(uintptr_t)model, on_decided,
		on_event, on_event };
	struct hk_diag diag = { "" };
	FUZZ_REQUIRE(hk_event_pipeline_new(
			     &decider, model, model->rules, model->rate_hz, &decider_sink) == 0);
	const struct hk_window_pipeline_setup setup = hk_window_pipeline_setup_of(model);
	const struct hk_window_pipeline_sink sink = { decider, on_analysed, on_span, on_span };
	FUZZ_REQUIRE(hk_window_pipeline_new(&analyzer, &setup, &sink, &diag) == 0);
	const uint64_t n_all = 4 * (uint64_t)model->n_window_frames;
	for (uint64_t at = 0; at < n_all; at += BLOCK_FRAMES) {
		fill(frames, at, n_all);
		const struct hk_block block = {
			.first_frame = at, .n_frames = BLOCK_FRAMES, .rate_hz = model->rate_hz
		};
		FUZZ_REQUIRE(hk_window_pipeline_push(analyzer, &block, frames) == 0);
	}
	hk_window_pipeline_finish(analyzer);
	hk_event_pipeline_finish(decider, HK_EVENT_ENDED);
	hk_window_pipeline_free(analyzer);
	hk_event_pipeline_free(decider);
}

static bool is_small(const struct hk_model *model)
{
	return model->n_window_frames <= MAX_WINDOW_FRAMES &&
		model->n_step_frames >= model->n_window_frames / 16 &&
		model->scaler.n_features <= MAX_FEATURES &&
		(uint64_t)model->svm.n_vectors * model->svm.stride <= MAX_VALUES;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_part parts[N_PARTS];
	struct hk_model *model;
	struct hk_diag diag = { "" };
	write_bundle(parts, fuzz_cut(data, size, parts, N_PARTS));
	const int r = hk_model_load(&model, fuzz_path("bundle").text, &diag);
	fuzz_require_reason(r, &diag);
	if (r < 0) {
		return 0;
	}
	if (is_small(model)) {
		check_saved(model);
		hear(model);
	}
	hk_model_free(model);
	return 0;
}
