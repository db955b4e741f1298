/* SPDX-License-Identifier: MIT */
#include "clients/train/assemble.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text_buffer.h"

static const char *const split_words[] = {
	[HK_SPLIT_GROUPED] = "grouped",
	[HK_SPLIT_BLOCKED] = "blocked",
	[HK_SPLIT_FOLDS] = "given folds",
};

static void describe_search(FILE *out, const struct hk_search *search)
{
	const struct hk_recipe *chosen = &search->contenders[search->chosen].best.recipe;
	char why[HK_WHY_SIZE];
	hk_search_why(search, why);
	fprintf(out, "classifier = %s\n", chosen->learner->name);
	fprintf(out, "cost = %g\n", chosen->cost);
	fprintf(out, "recipes_tried = %zu\n", search->n_trials);
	fprintf(out, "chosen = %s\n", why);
	for (size_t i = 0; i < search->n_contenders; i++) {
		const struct hk_trial *one = &search->contenders[i].best;
		fprintf(out, "score_%s = %.4f +- %.4f, cost %g", one->recipe.learner->name,
			one->score, one->error, one->recipe.cost);
		if (one->recipe.learner->has_kernel) {
			fprintf(out, ", gamma %.6g", one->recipe.gamma);
		}
		fprintf(out, ", %.0f vectors, %.0f KiB\n", one->n_vectors, one->n_bytes / 1024);
	}
}

/* The lines of [training]: how the model came about. No dates: the same input, the same bytes. */
static char *describe_training(const struct hk_assembly *parts)
{
	const struct hk_measures *measures = parts->measures;
	struct hk_text_buffer text;
	char *data;
	if (hk_text_buffer_begin(&text) < 0) {
		return NULL;
	}
	FILE *out = text.file;
	fprintf(out, "program = hearken %s\n", HK_VERSION);
	fprintf(out, "recordings = %zu\n", hk_dataset_count_used(parts->dataset));
	fprintf(out, "windows = %zu\n", parts->dataset->n_rows);
	describe_search(out, parts->search);
	fprintf(out, "seed = %" PRIu64 "\n", parts->seed);
	fprintf(out, "cross_validation = %s, %" PRIu32 " splits", split_words[parts->split->method],
		parts->split->n_splits);
	for (uint32_t c = 0; c < measures->n_labels; c++) {
		if (parts->split->in_pieces[c]) {
			fprintf(out, ", %s by blocks of time", parts->manifest->labels[c]);
		}
	}
	fputs("\n", out);
	if (parts->search->n_trials > 1) {
		fprintf(out, "optimism = %s\n", HK_OPTIMISM);
	}
	fprintf(out, "accuracy = %.4f\n", measures->accuracy);
	fprintf(out, "balanced_accuracy = %.4f\n", measures->balanced_accuracy);
	for (uint32_t c = 0; c < measures->n_labels; c++) {
		fprintf(out, "recall_%s = %.4f\nprecision_%s = %.4f\n", parts->manifest->labels[c],
			measures->classes[c].recall, parts->manifest->labels[c],
			measures->classes[c].precision);
	}
	if (isfinite(measures->ece)) {
		fprintf(out, "ece = %.4f\nbrier = %.4f\n", measures->ece, measures->brier);
	}
	return hk_text_buffer_end(&text, &data, NULL) < 0 ? NULL : data;
}

int hk_assemble(struct hk_model **ret, const struct hk_assembly *parts, struct hk_fitted *fitted)
{
	const uint32_t n_labels = parts->manifest->n_labels;
	struct hk_model *model = calloc(1, sizeof(*model));
	if (!model) {
		return -ENOMEM;
	}
	model->labels = calloc(n_labels, sizeof(*model->labels));
	model->rules = calloc(n_labels, sizeof(*model->rules));
	model->training = describe_training(parts);
	if (!model->labels || !model->rules || !model->training) {
		hk_model_free(model);
		return -ENOMEM;
	}
	snprintf(model->name, sizeof(model->name), "%s", parts->name);
	snprintf(model->description, sizeof(model->description), "%s", parts->description);
	model->n_labels = n_labels;
	memcpy(model->labels, parts->manifest->labels, n_labels * sizeof(*model->labels));
	memcpy(model->rules, parts->rules, n_labels * sizeof(*model->rules));
	model->rate_hz = parts->setup->rate_hz;
	model->n_window_frames = parts->setup->n_window_frames;
	model->n_step_frames = parts->setup->n_step_frames;
	model->profile = *parts->setup->profile;
	model->calibration = *parts->calibration;
	model->scaler = fitted->scaler;
	model->svm = fitted->svm;
	*fitted = (struct hk_fitted){ 0 };
	*ret = model;
	return 0;
}
