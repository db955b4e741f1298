/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/cli/commands.h"
#include "clients/cli/options.h"
#include "clients/offline/bundle.h"
#include "clients/offline/npy.h"
#include "clients/offline/recording.h"
#include "core/features/profile.h"
#include "learning/data/profile_set.h"

enum format { FORMAT_CSV, FORMAT_NPY };
static const char *const format_words[] = { "csv", "npy", NULL };

struct features_options {
	char model[PATH_MAX];
	char profile[64];
	uint32_t rate_hz;
	uint32_t channel;
	uint32_t format;
};

static const struct hk_option options[] = {
	{
		.value = { .key = "profile",
			.type = HK_PARAM_STRING,
			HK_PARAM_AT(struct features_options, profile),
			.help = "profile whose features to compute, with its default parameters" },
		.argument = "NAME",
		.letter = 'p',
		.completion = HK_COMPLETE_PROFILE,
	},
	{
		.value = { .key = "model",
			.type = HK_PARAM_STRING,
			HK_PARAM_AT(struct features_options, model),
			.help = "take profile, parameters, rate and windows from this model" },
		.argument = "DIR",
		.letter = 'm',
		.completion = HK_COMPLETE_FOLDER,
	},
	{
		.value = { .key = "rate",
			.type = HK_PARAM_UINT,
			HK_PARAM_AT(struct features_options, rate_hz),
			.min = 1000,
			.max = 768000,
			.help = "resample to this rate; default: the model's, or the profile's "
				"own, or that of the file" },
		.argument = "HZ",
		.letter = 'r',
	},
	{
		.value = { .key = "format",
			.type = HK_PARAM_ENUM,
			HK_PARAM_AT(struct features_options, format),
			.words = format_words,
			.fallback = "csv",
			.help = "format of the output" },
		.argument = "FORMAT",
		.letter = 'f',
		.completion = HK_COMPLETE_WORDS,
	},
	HK_OPTION_CHANNEL(struct features_options),
};

/* What is computed, and where the rows go. */
struct extraction {
	struct hk_output *out;
	const struct hk_profile_config *profile;
	enum format format;
	size_t n_features;
	float *no_features; /* a row of NaN, for windows of digital zeros */
	uint64_t n_rows;
};

static void write_csv_head(const struct extraction *extraction)
{
	const struct hk_profile *profile = extraction->profile->profile;
	for (size_t i = 0; i < extraction->n_features; i++) {
		char name[HK_FEATURE_NAME_SIZE];
		profile->feature_name(extraction->profile->config, i, name);
		hk_output_text(extraction->out, "%s%s", i ? "," : "", name);
	}
	hk_output_text(extraction->out, "\n");
}

static void write_csv_row(struct extraction *extraction, const float *row)
{
	if (extraction->n_rows == 0) {
		write_csv_head(extraction);
	}
	for (size_t i = 0; i < extraction->n_features; i++) {
		if (isnan(row[i])) { /* printf may write "-nan" */
			hk_output_text(extraction->out, "%snan", i ? "," : "");
		} else {
			hk_output_text(extraction->out, "%s%.9g", i ? "," : "", (double)row[i]);
		}
	}
	hk_output_text(extraction->out, "\n");
}

static void write_row(void *owner, const struct hk_window_result *result)
{
	struct extraction *extraction = owner;
	const float *row = result->zeros ? extraction->no_features : result->features;
	if (extraction->format == FORMAT_NPY) {
		hk_output_write(extraction->out, row, extraction->n_features * sizeof(*row));
	} else {
		write_csv_row(extraction, row);
	}
	extraction->n_rows++;
}

/* How many windows N_FRAMES of a file at RATE_HZ give. */
static uint64_t count_windows(
	uint64_t n_frames, uint32_t rate_hz, const struct hk_window_pipeline_setup *setup)
{
	const uint64_t whole = n_frames / rate_hz * setup->rate_hz;
	const uint64_t part = n_frames % rate_hz * setup->rate_hz;
	const uint64_t n_resampled = whole + (part + rate_hz - 1) / rate_hz;
	return n_resampled < setup->n_window_frames
		? 0
		: 1 + (n_resampled - setup->n_window_frames) / setup->n_step_frames;
}

/* DEFAULTS: of the profile that was asked for, used when there is no model. */
static struct hk_window_pipeline_setup make_setup(const struct features_options *given,
	const struct hk_model *model, const struct hk_profile_config *defaults,
	const struct hk_audio_info *info)
{
	struct hk_window_pipeline_setup setup = { .profile = defaults };
	double window_s, step_s;
	if (model) {
		setup = hk_window_pipeline_setup_of(model);
		setup.model = NULL; /* features only */
		window_s = (double)setup.n_window_frames / setup.rate_hz;
		step_s = (double)setup.n_step_frames / setup.rate_hz;
	} else {
		const struct hk_profile *profile = defaults->profile;
		setup.rate_hz = profile->default_rate_hz ? profile->default_rate_hz : info->rate_hz;
		window_s = profile->window_s;
		step_s = profile->step_s;
	}
	if (given->rate_hz) {
		setup.rate_hz = given->rate_hz;
	}
	setup.n_window_frames = (uint32_t)lround(window_s * setup.rate_hz);
	setup.n_step_frames = (uint32_t)lround(step_s * setup.rate_hz);
	return setup;
}

/* An npy file says in its head how many rows follow: the recording is read twice. */
static enum hk_exit write_npy(const struct hk_window_pipeline_setup *setup,
	struct hk_recording *recording, uint32_t channel, struct extraction *extraction)
{
	uint64_t n_frames = 0;
	enum hk_exit exit_code = hk_recording_count(recording->path, channel, &n_frames);
	if (exit_code != HK_EXIT_OK) {
		return exit_code;
	}
	const uint64_t n_rows = count_windows(n_frames, recording->info.rate_hz, setup);
	if (n_rows > 0) {
		unsigned char head[HK_NPY_HEAD_SIZE];
		hk_npy_head(n_rows, extraction->n_features, head);
		hk_output_write(extraction->out, head, sizeof(head));
	}
	exit_code = hk_recording_analyse(recording, setup, write_row, extraction, extraction->out);
	if (exit_code == HK_EXIT_OK && !extraction->out->error && extraction->n_rows != n_rows) {
		hk_message("%s: changed while it was read: %" PRIu64 " rows instead of %" PRIu64,
			recording->path, extraction->n_rows, n_rows);
		exit_code = HK_EXIT_DATA;
	}
	return exit_code;
}

static enum hk_exit extract(const struct hk_call *call,
	const struct hk_window_pipeline_setup *setup, struct hk_recording *recording)
{
	const struct features_options *given = call->options;
	const struct hk_profile_config *profile = setup->profile;
	struct extraction extraction = {
		.out = call->out,
		.profile = profile,
		.format = given->format,
		.n_features = profile->profile->n_features(profile->config),
	};
	extraction.no_features = calloc(extraction.n_features, sizeof(float));
	if (!extraction.no_features) {
		hk_message("out of memory");
		return HK_EXIT_INTERNAL;
	}
	for (size_t i = 0; i < extraction.n_features; i++) {
		extraction.no_features[i] = NAN;
	}
	const enum hk_exit exit_code = given->format == FORMAT_NPY
		? write_npy(setup, recording, given->channel, &extraction)
		: hk_recording_analyse(recording, setup, write_row, &extraction, call->out);
	free(extraction.no_features);
	return exit_code;
}

static enum hk_exit extract_file(const struct hk_call *call, const struct hk_model *model,
	const struct hk_profile_config *defaults)
{
	const struct features_options *given = call->options;
	struct hk_recording recording;
	enum hk_exit exit_code = hk_recording_open(&recording, call->arguments[0], given->channel);
	if (exit_code != HK_EXIT_OK) {
		return exit_code;
	}
	const struct hk_window_pipeline_setup setup =
		make_setup(given, model, defaults, &recording.info);
	exit_code = extract(call, &setup, &recording);
	hk_recording_close(&recording);
	return exit_code;
}

static enum hk_exit run(const struct hk_call *call)
{
	const struct features_options *given = call->options;
	if (!*given->profile == !*given->model) {
		hk_message(
			"features: give either --profile or --model; see `hearken help features`");
		return HK_EXIT_USAGE;
	}
	if (given->format == FORMAT_NPY && call->out->terminal) {
		hk_message("features: npy is binary and stdout is a terminal; send it to a file");
		return HK_EXIT_USAGE;
	}
	if (*given->model) {
		struct hk_model *model = NULL;
		enum hk_exit exit_code = hk_bundle_load(&model, given->model);
		if (exit_code == HK_EXIT_OK) {
			exit_code = extract_file(call, model, NULL);
		}
		hk_model_free(model);
		return exit_code;
	}
	struct hk_profile_config defaults;
	struct hk_diag diag;
	if (hk_profile_choose(&defaults, given->profile, &diag) < 0) {
		hk_message("features: %s", diag.text);
		return HK_EXIT_USAGE;
	}
	return extract_file(call, NULL, &defaults);
}

const struct hk_command hk_cmd_features = {
	.name = "features",
	.arguments = "FILE",
	.summary = "print the features that a classifier sees in a recording",
	.help = "Computes the features of every window of a WAV, FLAC, OGG or MP3 file and\n"
		"writes them to stdout: a CSV table with one named column a feature, or a NumPy\n"
		"file (npy) with the same values as float32. One row a window; a window of\n"
		"digital zeros is a row of nan. --profile or --model says which features.\n",
	.min_arguments = 1,
	.max_arguments = 1,
	.completion = HK_COMPLETE_FILE,
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.options_size = sizeof(struct features_options),
	.run = run,
};
