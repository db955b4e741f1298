/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "clients/cli/commands.h"
#include "clients/cli/options.h"
#include "clients/cli/table.h"
#include "clients/offline/bundle.h"
#include "clients/offline/recording.h"
#include "core/detection/event_pipeline.h"

struct detect_options {
	char model[PATH_MAX];
	uint32_t channel;
	bool json;
	bool table;
};

static const struct hk_option options[] = {
	HK_OPTION_MODEL(struct detect_options),
	HK_OPTION_CHANNEL(struct detect_options),
	HK_OPTION_JSON(struct detect_options),
	HK_OPTION_TABLE(struct detect_options),
};

struct detection {
	const struct detect_options *options;
	const struct hk_model *model;
	const struct hk_recording *recording;
	struct hk_event_pipeline *decider;
	struct hk_table table;
	bool json;
};

static void print_json(const struct detection *detection, const struct hk_event *event)
{
	const struct hk_recording *recording = detection->recording;
	json_t *object = json_pack("{s:o, s:s, s:s, s:f, s:f, s:f, s:f, s:o, s:I, s:I, s:o}",
		"file", hk_json_text(recording->path), "label",
		detection->model->labels[event->label], "state", hk_event_state_name(event->state),
		"start_s", hk_recording_seconds(recording, event->start_frame), "end_s",
		hk_recording_seconds(recording, event->end_frame), "peak_probability",
		event->peak_probability, "mean_probability", event->mean_probability, "level_dbfs",
		hk_json_number((double)event->level_dbfs), "n_windows",
		(json_int_t)event->n_windows, "sequence", (json_int_t)event->sequence, "continues",
		event->continues ? json_integer((json_int_t)event->continues) : json_null());
	hk_output_json(detection->table.out, object);
}

static void print_row(struct detection *detection, const struct hk_event *event)
{
	const struct hk_recording *recording = detection->recording;
	char start[32], end[32], peak[16], mean[16], level[16];
	snprintf(start, sizeof(start), "%.2f", hk_recording_seconds(recording, event->start_frame));
	snprintf(end, sizeof(end), "%.2f", hk_recording_seconds(recording, event->end_frame));
	snprintf(peak, sizeof(peak), "%.3f", event->peak_probability);
	snprintf(mean, sizeof(mean), "%.3f", event->mean_probability);
	snprintf(level, sizeof(level), "%.1f", (double)event->level_dbfs);
	hk_table_row(&detection->table,
		(const char *const[]){ start, end, detection->model->labels[event->label], peak,
			mean, level, recording->path });
}

static void ignore_start(void *owner, const struct hk_event *event)
{
	(void)owner;
	(void)event;
}

static void print_event(void *owner, const struct hk_event *event)
{
	struct detection *detection = owner;
	if (detection->json) {
		print_json(detection, event);
	} else {
		print_row(detection, event);
	}
}

static void push_window(void *owner, const struct hk_window_result *result)
{
	struct detection *detection = owner;
	hk_event_pipeline_push(detection->decider, result);
}

static enum hk_exit detect_in(void *owner, const char *path)
{
	struct detection *detection = owner;
	const struct hk_model *model = detection->model;
	struct hk_recording recording;
	enum hk_exit exit_code = hk_recording_open(&recording, path, detection->options->channel);
	if (exit_code != HK_EXIT_OK) {
		return exit_code;
	}
	const struct hk_event_pipeline_sink sink = {
		.owner = detection,
		.on_start = ignore_start,
		.on_end = print_event,
	};
	const int r = hk_event_pipeline_new(
		&detection->decider, model, model->rules, recording.info.rate_hz, &sink);
	if (r < 0) {
		hk_message("%s: %s", path, strerror(-r));
		hk_recording_close(&recording);
		return HK_EXIT_INTERNAL;
	}
	detection->recording = &recording;
	const struct hk_window_pipeline_setup setup = hk_window_pipeline_setup_of(model);
	exit_code = hk_recording_analyse(
		&recording, &setup, push_window, detection, detection->table.out);
	hk_event_pipeline_finish(detection->decider,
		exit_code == HK_EXIT_OK ? HK_EVENT_ENDED : HK_EVENT_INTERRUPTED);
	hk_event_pipeline_free(detection->decider);
	hk_recording_close(&recording);
	return exit_code;
}

static enum hk_exit run(const struct hk_call *call)
{
	static const struct hk_column columns[] = {
		{ "START", 9, true },
		{ "END", 9, true },
		{ "LABEL", 16, false },
		{ "PEAK", 5, true },
		{ "MEAN", 5, true },
		{ "DBFS", 6, true },
		{ "FILE", 0, false },
	};
	const struct detect_options *given = call->options;
	struct hk_model *model = NULL;
	enum hk_exit exit_code = hk_bundle_load(&model, given->model);
	if (exit_code != HK_EXIT_OK) {
		return exit_code;
	}
	struct detection detection = {
		.options = given,
		.model = model,
		.json = hk_output_wants_json(call->out, given->json, given->table),
	};
	hk_table_init(&detection.table, call->out, columns, sizeof(columns) / sizeof(columns[0]));
	exit_code = hk_recording_each(call, detect_in, &detection);
	hk_model_free(model);
	return exit_code;
}

const struct hk_command hk_cmd_detect = {
	.name = "detect",
	.arguments = "FILE...",
	.summary = "print the events heard in recordings",
	.help = "Prints the events in WAV, FLAC, OGG or MP3 files, by the rules of the model's\n"
		"classes, as the daemon would hear them: one line an event, when it ends. Times\n"
		"are seconds from the start of the file.\n"
		"\n"
		"Fields of the JSON objects: file, label, state (ended; interrupted when the rest\n"
		"of the file is damaged), start_s, end_s, peak_probability, mean_probability,\n"
		"level_dbfs (of the loudest window), n_windows, sequence (1, 2, ... in the file),\n"
		"continues (sequence of the event this one goes on from, or null).\n",
	.min_arguments = 1,
	.max_arguments = SIZE_MAX,
	.completion = HK_COMPLETE_FILE,
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.options_size = sizeof(struct detect_options),
	.run = run,
};
