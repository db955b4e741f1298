/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "clients/cli/commands.h"
#include "clients/cli/options.h"
#include "clients/draw/chart.h"
#include "clients/offline/bundle.h"
#include "clients/plot/plot_picture.h"

struct plot_options {
	char output[PATH_MAX];
	char model[PATH_MAX];
	uint32_t channel;
	uint32_t width;
	uint32_t height;
};

static const struct hk_option options[] = {
	{
		.value = { .key = "output",
			.type = HK_PARAM_STRING,
			HK_PARAM_AT(struct plot_options, output),
			.help = "draw into this .png or .svg; has to be given" },
		.argument = "FILE",
		.letter = 'o',
		.completion = HK_COMPLETE_FILE,
	},
	HK_OPTION_MODEL(struct plot_options),
	HK_OPTION_CHANNEL(struct plot_options),
	{
		.value = { .key = "width",
			.type = HK_PARAM_UINT,
			HK_PARAM_AT(struct plot_options, width),
			.min = HK_PLOT_MIN_WIDTH,
			.max = 20000,
			.fallback = "1200",
			.unit = "pixels",
			.help = "how wide the picture is" },
		.argument = "N",
	},
	{
		.value = { .key = "height",
			.type = HK_PARAM_UINT,
			HK_PARAM_AT(struct plot_options, height),
			.min = HK_PLOT_MIN_HEIGHT,
			.max = 20000,
			.fallback = "800",
			.unit = "pixels",
			.help = "how high the picture is" },
		.argument = "N",
	},
};

/* The exit code for R of drawing, after saying DIAG. */
static enum hk_exit say_undrawn(int r, const struct hk_diag *diag)
{
	hk_message("%s", diag->text);
	switch (r) {
	case -EINVAL:
		return HK_EXIT_USAGE;
	case -EIO:
		return HK_EXIT_IO;
	default:
		return HK_EXIT_INTERNAL;
	}
}

static enum hk_exit draw(const struct plot_options *given, const char *path, uint64_t n_frames,
	const struct hk_plotted_windows *hearing)
{
	struct hk_diag diag = { "out of memory" };
	struct hk_overview overview;
	int r = hk_overview_read(
		&overview, path, given->channel, n_frames, hk_plot_columns(given->width), &diag);
	if (r < 0) {
		hk_message("%s", diag.text);
		return hk_exit_of_input(r);
	}
	json_t *title = hk_json_text(path); /* cairo takes no text but UTF-8 */
	const struct hk_plot plot = {
		.overview = &overview,
		.hearing = hearing,
		.title = title ? json_string_value(title) : "",
		.width = given->width,
		.height = given->height,
	};
	r = hk_plot_draw(&plot, given->output, &diag);
	json_decref(title);
	hk_overview_finish(&overview);
	return r < 0 ? say_undrawn(r, &diag) : HK_EXIT_OK;
}

static enum hk_exit plot_recording(
	const struct hk_call *call, const struct hk_model *model, const char *path)
{
	const struct plot_options *given = call->options;
	struct hk_recording recording;
	uint64_t n_frames;
	enum hk_exit exit_code = hk_recording_open(&recording, path, given->channel);
	if (exit_code != HK_EXIT_OK) {
		return exit_code;
	}
	struct hk_plotted_windows hearing;
	exit_code = hk_plotted_windows_analyse(&hearing, &recording, model, call->out);
	hk_recording_close(&recording);
	if (exit_code != HK_EXIT_OK) {
		return exit_code;
	}
	exit_code = hk_recording_count(path, given->channel, &n_frames);
	if (exit_code == HK_EXIT_OK) {
		exit_code = draw(given, path, n_frames, &hearing);
	}
	hk_plotted_windows_finish(&hearing);
	return exit_code;
}

static enum hk_exit run(const struct hk_call *call)
{
	const struct plot_options *given = call->options;
	if (given->output[0] == '\0') {
		hk_message("plot: --output FILE is needed: where to draw, a .png or .svg");
		return HK_EXIT_USAGE;
	}
	struct hk_diag diag;
	if (hk_chart_check(given->output, &diag) < 0) {
		hk_message("%s", diag.text);
		return HK_EXIT_USAGE;
	}
	struct hk_model *model = NULL;
	enum hk_exit exit_code = hk_bundle_load(&model, given->model);
	if (exit_code == HK_EXIT_OK) {
		exit_code = plot_recording(call, model, call->arguments[0]);
	}
	hk_model_free(model);
	return exit_code;
}

const struct hk_command hk_cmd_plot = {
	.name = "plot",
	.arguments = "FILE",
	.summary = "draw a recording and what is heard in it",
	.help = "Draws above one axis of time the waveform, the spectrogram (log frequency, dB of\n"
		"full scale), the probability of each class at the middle of each window, and the\n"
		"events by the rules of the model's classes, as `hearken detect` prints them.\n"
		"Where windows are digital zeros no class has a probability and the lines are\n"
		"broken.\n"
		"\n"
		"  hearken plot kitchen.flac --output kitchen.png\n",
	.min_arguments = 1,
	.max_arguments = 1,
	.completion = HK_COMPLETE_FILE,
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.options_size = sizeof(struct plot_options),
	.run = run,
};
