/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <math.h>

#include "clients/cli/commands.h"
#include "clients/cli/options.h"
#include "clients/evaluate/evaluation.h"
#include "clients/evaluate/print.h"
#include "clients/evaluate/report_page.h"
#include "clients/offline/bundle.h"

#define MIN_LEVEL_DBFS (-120) /* below what 16 bits can tell */
#define OFFSET_SHARE 0.5      /* as sed_eval's percentage_of_length */

struct evaluate_options {
	char report[PATH_MAX];
	bool degrade;
	bool hours;
	double loop_s;
	char level[32];
	double collar_s;
	uint32_t channel;
	uint32_t seed;
	uint32_t n_threads;
	bool quiet;
	bool json;
};

static const struct hk_option options[] = {
	{
		.value = { .key = "report",
			.type = HK_PARAM_STRING,
			HK_PARAM_AT(struct evaluate_options, report),
			.help = "write a page with pictures into this folder, as index.html" },
		.argument = "DIR",
		.letter = 'r',
		.completion = HK_COMPLETE_FOLDER,
	},
	{
		.value = { .key = "degrade",
			.type = HK_PARAM_BOOL,
			HK_PARAM_AT(struct evaluate_options, degrade),
			.help = "all of it again with less gain, with noise, through a low-pass and "
				"in a room" },
		.letter = 'd',
	},
	{
		.value = { .key = "hours",
			.type = HK_PARAM_BOOL,
			HK_PARAM_AT(struct evaluate_options, hours),
			.help = "take long recordings without a table of events, in which nothing "
				"should be heard: how many events come in an hour" },
	},
	{
		.value = { .key = "loop",
			.type = HK_PARAM_DURATION,
			HK_PARAM_AT(struct evaluate_options, loop_s),
			.min = 0,
			.max = 86400,
			.fallback = "0 s",
			.help = "repeat shorter recordings until they are that long; 0: do not" },
		.argument = "TIME",
	},
	{
		.value = { .key = "level",
			.type = HK_PARAM_STRING,
			HK_PARAM_AT(struct evaluate_options, level),
			.help = "bring every recording to this RMS level, from -120 to 0; default: "
				"as recorded" },
		.argument = "DBFS",
	},
	{
		.value = { .key = "collar",
			.type = HK_PARAM_DURATION,
			HK_PARAM_AT(struct evaluate_options, collar_s),
			.min = 0,
			.max = 3600,
			.fallback = "1 s",
			.help = "how far onsets may lie apart in the event-based F1 of scenes" },
		.argument = "TIME",
	},
	HK_OPTION_CHANNEL(struct evaluate_options),
	{
		.value = { .key = "seed",
			.type = HK_PARAM_UINT,
			HK_PARAM_AT(struct evaluate_options, seed),
			.max = 4294967295.0,
			.fallback = "1",
			.help = "seed of the noise" },
		.argument = "N",
	},
	{
		.value = { .key = "jobs",
			.type = HK_PARAM_UINT,
			HK_PARAM_AT(struct evaluate_options, n_threads),
			.min = 1,
			.max = 256,
			.help = "threads; default: all processors" },
		.argument = "N",
	},
	{
		.value = { .key = "quiet",
			.type = HK_PARAM_BOOL,
			HK_PARAM_AT(struct evaluate_options, quiet),
			.help = "no progress" },
		.letter = 'q',
	},
	{
		.value = { .key = "json",
			.type = HK_PARAM_BOOL,
			HK_PARAM_AT(struct evaluate_options, json),
			.help = "print the result as one JSON object" },
		.letter = 'j',
	},
};

static enum hk_exit make_plan(
	struct hk_evaluation_plan *plan, const struct hk_call *call, const struct hk_model *model)
{
	const struct evaluate_options *given = call->options;
	*plan = (struct hk_evaluation_plan){
		.model = model,
		.input = call->arguments[1],
		.channel = given->channel,
		.treatment = { .level_dbfs = NAN, .loop_s = given->loop_s, .seed = given->seed },
		.degrade = given->degrade,
		.bare = given->hours,
		.keep_features = given->report[0] != '\0',
		.collar = { given->collar_s, OFFSET_SHARE },
		.n_threads = given->n_threads,
		.quiet = given->quiet,
	};
	if (given->level[0] != '\0' &&
		(hk_parse_double(given->level, &plan->treatment.level_dbfs) < 0 ||
			plan->treatment.level_dbfs > 0 ||
			plan->treatment.level_dbfs < MIN_LEVEL_DBFS)) {
		hk_message("evaluate: --level: expected a number from %d to 0, got \"%s\"",
			MIN_LEVEL_DBFS, given->level);
		return HK_EXIT_USAGE;
	}
	return given->report[0] != '\0' ? hk_evaluation_report_check(given->report) : HK_EXIT_OK;
}

static enum hk_exit tell(const struct hk_evaluation *evaluation, const struct hk_call *call)
{
	const struct evaluate_options *given = call->options;
	if (given->json) {
		hk_output_json(call->out, hk_evaluation_json(evaluation));
	} else {
		hk_evaluation_print(evaluation, call->out);
	}
	return given->report[0] != '\0' ? hk_evaluation_report(evaluation, given->report)
					: HK_EXIT_OK;
}

static enum hk_exit run(const struct hk_call *call)
{
	struct hk_model *model = NULL;
	struct hk_evaluation_plan plan;
	struct hk_evaluation evaluation;
	enum hk_exit exit_code = hk_bundle_load(&model, call->arguments[0]);
	if (exit_code == HK_EXIT_OK) {
		exit_code = make_plan(&plan, call, model);
	}
	if (exit_code == HK_EXIT_OK) {
		exit_code = hk_evaluate(&evaluation, &plan);
	}
	if (exit_code == HK_EXIT_OK) {
		exit_code = tell(&evaluation, call);
		hk_evaluation_finish(&evaluation);
	}
	hk_model_free(model);
	return exit_code;
}

const struct hk_command hk_cmd_evaluate = {
	.name = "evaluate",
	.arguments = "BUNDLE DIR|MANIFEST|SCENE",
	.summary = "measure a model's accuracy on recordings or scenes",
	.help = "Hears labelled recordings with the model BUNDLE (a folder, or a name) as the\n"
		"daemon would, and prints its accuracy. DIR and MANIFEST are what `train`\n"
		"takes; a class that the model does not know counts as other.\n"
		"\n"
		"A SCENE is a long recording with a table of its events beside it: the same\n"
		"name, ending in .tsv, a line an event: onset and offset in seconds and the\n"
		"label, separated by tabs; DIR may be a folder of scenes. For them the events are\n"
		"compared: which were missed, how many false ones come in an hour, how late they\n"
		"are told. With --hours SCENE is a recording of a home, or a folder of them, in\n"
		"which no event is expected; no table is needed.\n",
	.min_arguments = 2,
	.max_arguments = 2,
	.completion = HK_COMPLETE_FILE,
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.options_size = sizeof(struct evaluate_options),
	.run = run,
};
