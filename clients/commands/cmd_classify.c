/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "clients/cli/commands.h"
#include "clients/cli/options.h"
#include "clients/cli/table.h"
#include "clients/offline/bundle.h"
#include "clients/offline/recording.h"

/* Probabilities below are left out of the table; JSON has them all. */
#define TABLE_LEAST_PROBABILITY 0.005

struct classify_options {
	char model[PATH_MAX];
	uint32_t channel;
	bool json;
	bool table;
};

static const struct hk_option options[] = {
	HK_OPTION_MODEL(struct classify_options),
	HK_OPTION_CHANNEL(struct classify_options),
	HK_OPTION_JSON(struct classify_options),
	HK_OPTION_TABLE(struct classify_options),
};

struct classification {
	const struct classify_options *options;
	const struct hk_model *model;
	const struct hk_recording *recording;
	struct hk_table table;
	bool json;
};

static json_t *probabilities_json(const struct hk_model *model, const double *probabilities)
{
	json_t *object = json_object();
	for (uint32_t i = 0; i < model->n_labels; i++) {
		json_object_set_new(object, model->labels[i], json_real(probabilities[i]));
	}
	return object;
}

static void print_json(
	const struct classification *classification, const struct hk_window_result *result)
{
	const struct hk_recording *recording = classification->recording;
	const struct hk_model *model = classification->model;
	const struct hk_classification *decided = &result->classification;
	json_t *object = json_pack("{s:o, s:f, s:f, s:o, s:o, s:o, s:o, s:b}", "file",
		hk_json_text(recording->path), "start_s",
		hk_recording_seconds(recording, result->first_frame), "end_s",
		hk_recording_seconds(recording, result->end_frame), "label",
		result->zeros ? json_null() : json_string(model->labels[decided->label]), "decided",
		result->zeros ? json_null() : json_string(model->labels[decided->decided]),
		"probabilities",
		result->zeros ? json_null() : probabilities_json(model, decided->probabilities),
		"level_dbfs", hk_json_number((double)result->level_dbfs), "zeros", result->zeros);
	hk_output_json(classification->table.out, object);
}

/* "music 0.91, other 0.08", the likeliest first. */
static void describe_probabilities(
	const struct hk_model *model, const double *probabilities, char *ret_text, size_t size)
{
	bool told[HK_MAX_CLASSES] = { false };
	size_t length = 0;
	*ret_text = '\0';
	for (;;) {
		int best = -1;
		for (uint32_t i = 0; i < model->n_labels; i++) {
			if (!told[i] && probabilities[i] >= TABLE_LEAST_PROBABILITY &&
				(best < 0 || probabilities[i] > probabilities[best])) {
				best = (int)i;
			}
		}
		if (best < 0 || length >= size) {
			return;
		}
		told[best] = true;
		length += (size_t)snprintf(ret_text + length, size - length, "%s%s %.3f",
			length ? ", " : "", model->labels[best], probabilities[best]);
	}
}

static void print_row(struct classification *classification, const struct hk_window_result *result)
{
	const struct hk_recording *recording = classification->recording;
	const struct hk_model *model = classification->model;
	char start[32], end[32], level[16], probabilities[1024];
	snprintf(
		start, sizeof(start), "%.2f", hk_recording_seconds(recording, result->first_frame));
	snprintf(end, sizeof(end), "%.2f", hk_recording_seconds(recording, result->end_frame));
	const char *label = "-";
	if (result->zeros) {
		snprintf(level, sizeof(level), "-inf");
		snprintf(probabilities, sizeof(probabilities),
			"samples do not change, not classified");
	} else {
		label = model->labels[result->classification.label];
		snprintf(level, sizeof(level), "%.1f", (double)result->level_dbfs);
		describe_probabilities(model, result->classification.probabilities, probabilities,
			sizeof(probabilities));
	}
	hk_table_row(&classification->table,
		(const char *const[]){ recording->path, start, end, label, level, probabilities });
}

static void print_window(void *owner, const struct hk_window_result *result)
{
	struct classification *classification = owner;
	if (classification->json) {
		print_json(classification, result);
	} else {
		print_row(classification, result);
	}
}

static enum hk_exit classify_file(void *owner, const char *path)
{
	struct classification *classification = owner;
	struct hk_recording recording;
	enum hk_exit exit_code =
		hk_recording_open(&recording, path, classification->options->channel);
	if (exit_code != HK_EXIT_OK) {
		return exit_code;
	}
	classification->recording = &recording;
	const struct hk_window_pipeline_setup setup =
		hk_window_pipeline_setup_of(classification->model);
	exit_code = hk_recording_analyse(
		&recording, &setup, print_window, classification, classification->table.out);
	hk_recording_close(&recording);
	return exit_code;
}

static enum hk_exit run(const struct hk_call *call)
{
	static const struct hk_column columns[] = {
		{ "FILE", 20, false },
		{ "START", 9, true },
		{ "END", 9, true },
		{ "LABEL", 16, false },
		{ "DBFS", 6, true },
		{ "PROBABILITIES", 0, false },
	};
	const struct classify_options *given = call->options;
	struct hk_model *model = NULL;
	enum hk_exit exit_code = hk_bundle_load(&model, given->model);
	if (exit_code != HK_EXIT_OK) {
		return exit_code;
	}
	struct classification classification = {
		.options = given,
		.model = model,
		.json = hk_output_wants_json(call->out, given->json, given->table),
	};
	hk_table_init(
		&classification.table, call->out, columns, sizeof(columns) / sizeof(columns[0]));
	exit_code = hk_recording_each(call, classify_file, &classification);
	hk_model_free(model);
	return exit_code;
}

const struct hk_command hk_cmd_classify = {
	.name = "classify",
	.arguments = "FILE...",
	.summary = "print what every window of recordings sounds like",
	.help = "Cuts WAV, FLAC, OGG or MP3 files into the model's windows and prints the\n"
		"class of each with the probabilities: one line a window. A window of digital\n"
		"zeros (a muted or dead source) has no class: its label is null. What is left\n"
		"at the end of a file and fills no window is reported on stderr.\n"
		"\n"
		"Fields of the JSON objects: file, start_s, end_s, label (the most probable),\n"
		"decided (the classifier's own decision, which may differ where probabilities\n"
		"are close), probabilities (an object by label, sum 1), level_dbfs, zeros.\n",
	.min_arguments = 1,
	.max_arguments = SIZE_MAX,
	.completion = HK_COMPLETE_FILE,
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.options_size = sizeof(struct classify_options),
	.run = run,
};
