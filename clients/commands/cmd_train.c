/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/cli/commands.h"
#include "clients/cli/options.h"
#include "clients/train/session.h"
#include "core/audio/downmix.h"
#include "learning/learners/learner.h"

enum { CV_GROUPED, CV_BLOCKED };

static const char *const cv_words[] = { [CV_GROUPED] = "grouped", [CV_BLOCKED] = "blocked", NULL };
static const char *const probability_words[] = { "softmax", "sigmoid", NULL };

struct train_options {
	char output[PATH_MAX];
	char profile[64];
	char set[1024];
	uint32_t rate_hz;
	uint32_t channel;
	uint32_t learner;
	char cost[256];
	char gamma[256];
	uint32_t n_vectors;
	uint32_t probabilities;
	char clip[32];
	uint32_t cv;
	char folds[PATH_MAX];
	uint32_t n_splits;
	uint32_t margin;
	uint32_t n_copies;
	uint32_t seed;
	uint32_t n_threads;
	uint32_t memory_mib;
	char name[HK_LABEL_SIZE];
	char description[256];
	char rules[PATH_MAX];
	bool quiet;
	bool json;
};

#define TEXT_OPTION(key_, member_, argument_, letter_, completion_, help_)                         \
	{                                                                                          \
		.value = { .key = key_,                                                            \
			.type = HK_PARAM_STRING,                                                   \
			HK_PARAM_AT(struct train_options, member_),                                \
			.help = help_ },                                                           \
		.argument = argument_, .letter = letter_, .completion = completion_,               \
	}

#define NUMBER_OPTION(key_, member_, argument_, min_, max_, fallback_, help_)                      \
	{                                                                                          \
		.value = { .key = key_,                                                            \
			.type = HK_PARAM_UINT,                                                     \
			HK_PARAM_AT(struct train_options, member_),                                \
			.min = min_,                                                               \
			.max = max_,                                                               \
			.fallback = fallback_,                                                     \
			.help = help_ },                                                           \
		.argument = argument_,                                                             \
	}

static const struct hk_option options[] = {
	TEXT_OPTION("output", output, "BUNDLE", 'o', HK_COMPLETE_FOLDER,
		"folder to write the model to; an older bundle there is replaced"),
	TEXT_OPTION("profile", profile, "NAME", 'p', HK_COMPLETE_PROFILE,
		"feature profile; default: mel-modulation with the extension level"),
	TEXT_OPTION("set", set, "KEY=VALUE;...", 's', HK_COMPLETE_NOTHING,
		"parameters of the profile, separated by semicolons"),
	NUMBER_OPTION("rate", rate_hz, "HZ", 1000, 768000, NULL,
		"rate to train at; default: the profile's own, or that of the first recording"),
	NUMBER_OPTION("channel", channel, "N", 0, HK_MAX_CHANNELS, "0",
		"channel to learn from, 1 is the first; 0: the mean of all"),
	{
		.value = { .key = "classifier",
			.type = HK_PARAM_ENUM,
			HK_PARAM_AT(struct train_options, learner),
			.words = hk_learner_names,
			.fallback = "svc-ovr",
			.help = "what learns: one SVM a class (svc-ovr) or a pair (svc-ovo), one a class on as "
				"many vectors as you like (svc-reduced), kernel ridge regression "
				"on such vectors (ridge), linear SVMs (svc-linear), "
				"logistic regression (logistic, logistic-ovr); auto compares them all" },
		.argument = "NAME",
		.letter = 'c',
		.completion = HK_COMPLETE_WORDS,
	},
	TEXT_OPTION("cost", cost, "C,...", 'C', HK_COMPLETE_NOTHING,
		"cost of a violated margin; of several the best in cross-validation is taken; "
		"default: 10 (svc, ridge), 0.1 (logistic) or 0.01 (svc-linear), and with up to "
		"5000 windows 2 or 3 are tried"),
	TEXT_OPTION("gamma", gamma, "G,...", 'g', HK_COMPLETE_NOTHING,
		"width of the kernel, divided by the number of features; as with --cost; default: "
		"0.5, and with up to 5000 windows 0.25 and 1 are tried too"),
	NUMBER_OPTION("vectors", n_vectors, "N", 2, 100000, "1000",
		"vectors of a svc-reduced or ridge model: how large and how exact it is"),
	{
		.value = { .key = "probabilities",
			.type = HK_PARAM_ENUM,
			HK_PARAM_AT(struct train_options, probabilities),
			.words = probability_words,
			.fallback = "softmax",
			.help = "how scores become probabilities: one slope for all classes (softmax), "
				"or a curve a class (sigmoid)" },
		.argument = "METHOD",
		.completion = HK_COMPLETE_WORDS,
	},
	TEXT_OPTION("clip", clip, "X", 0, HK_COMPLETE_NOTHING,
		"limit scaled features to +-X; 0: no limit"),
	{
		.value = { .key = "cv",
			.type = HK_PARAM_ENUM,
			HK_PARAM_AT(struct train_options, cv),
			.words = cv_words,
			.fallback = "grouped",
			.help = "cross-validation: by groups of recordings, or by blocks of time" },
		.argument = "METHOD",
		.completion = HK_COMPLETE_WORDS,
	},
	TEXT_OPTION("folds", folds, "FILE", 0, HK_COMPLETE_FILE,
		"cross-validation by this table of path and fold"),
	NUMBER_OPTION("splits", n_splits, "N", 2, HK_MAX_FOLDS, "5", "folds or blocks"),
	NUMBER_OPTION("margin", margin, "N", 0, 1000, "1",
		"windows left out between training and test within a class: they share audio"),
	NUMBER_OPTION("augment", n_copies, "N", 0, 20, "0",
		"changed copies of every recording to learn from as well: other speed, room, "
		"microphone, noise, gain, something in the background"),
	NUMBER_OPTION("seed", seed, "N", 0, 4294967295.0, "1", "seed of everything random"),
	NUMBER_OPTION("jobs", n_threads, "N", 1, 256, NULL, "threads; default: all processors"),
	NUMBER_OPTION("memory", memory_mib, "MIB", 64, 1048576, NULL,
		"memory to learn in; default: 3072, or 3/4 of the machine's if that is less"),
	TEXT_OPTION("name", name, "NAME", 'n', HK_COMPLETE_NOTHING,
		"name of the model; default: the last part of BUNDLE"),
	TEXT_OPTION("description", description, "TEXT", 'd', HK_COMPLETE_NOTHING,
		"what the model is for"),
	TEXT_OPTION("rules", rules, "FILE", 0, HK_COMPLETE_FILE,
		"[class NAME] sections to suggest with the model"),
	{
		.value = { .key = "quiet",
			.type = HK_PARAM_BOOL,
			HK_PARAM_AT(struct train_options, quiet),
			.help = "no progress" },
		.letter = 'q',
	},
	HK_OPTION_JSON(struct train_options),
};

/* Parse TEXT, numbers above 0 separated by commas. Returns 0, or HK_EXIT_USAGE after saying why. */
static enum hk_exit parse_list(struct hk_number_list *ret, const char *key, const char *text)
{
	char copy[256];
	char *rest = copy;
	ret->n_values = 0;
	snprintf(copy, sizeof(copy), "%s", text);
	for (char *word; text[0] != '\0' && (word = strsep(&rest, ","));) {
		double value;
		if (ret->n_values == HK_MAX_CANDIDATES || hk_parse_double(word, &value) < 0 ||
			value <= 0) {
			hk_message("train: --%s: expected at most %d comma-separated "
				   "positive numbers, got \"%s\"",
				key, HK_MAX_CANDIDATES, text);
			return HK_EXIT_USAGE;
		}
		ret->values[ret->n_values++] = value;
	}
	return HK_EXIT_OK;
}

/* The last part of PATH. */
static void default_name(char *ret, size_t size, const char *path)
{
	size_t end = strlen(path);
	while (end > 0 && path[end - 1] == '/') {
		end--;
	}
	size_t start = end;
	while (start > 0 && path[start - 1] != '/') {
		start--;
	}
	snprintf(ret, size, "%.*s", (int)(end - start), path + start);
}

/* What [model] of model.ini can hold: one line without blanks around it. */
static enum hk_exit check_line(const char *key, const char *text)
{
	const size_t n = strlen(text);
	bool fits = n == 0 || (text[0] != ' ' && text[n - 1] != ' ');
	for (size_t i = 0; i < n; i++) {
		fits &= !iscntrl((unsigned char)text[i]);
	}
	if (!fits) {
		hk_message("train: --%s: expected one line without blanks around it, got \"%s\"",
			key, text);
	}
	return fits ? HK_EXIT_OK : HK_EXIT_USAGE;
}

static enum hk_exit make_plan(struct hk_training_plan *plan, const struct hk_call *call)
{
	const struct train_options *given = call->options;
	if (given->output[0] == '\0') {
		hk_message("train: --output BUNDLE is needed: where to write the model");
		return HK_EXIT_USAGE;
	}
	if (given->folds[0] != '\0' && given->cv == CV_BLOCKED) {
		hk_message("train: --folds FILE and --cv blocked contradict each other");
		return HK_EXIT_USAGE;
	}
	*plan = (struct hk_training_plan){
		.input = call->arguments[0],
		.output = given->output,
		.profile = given->profile,
		.parameters = given->set,
		.rate_hz = given->rate_hz,
		.channel = given->channel,
		.learner = hk_learners[given->learner], /* NULL for auto */
		.n_vectors = given->n_vectors,
		.calibration =
			given->probabilities == 1 ? HK_CALIBRATION_SIGMOID : HK_CALIBRATION_SOFTMAX,
		.clip = -1,
		.split = given->folds[0]          ? HK_SPLIT_FOLDS
			: given->cv == CV_BLOCKED ? HK_SPLIT_BLOCKED
						  : HK_SPLIT_GROUPED,
		.folds = given->folds,
		.n_splits = given->n_splits,
		.margin = given->margin,
		.n_copies = given->n_copies,
		.seed = given->seed,
		.n_threads = given->n_threads,
		.memory = (size_t)given->memory_mib << 20,
		.description = given->description,
		.rules = given->rules[0] ? given->rules : NULL,
		.quiet = given->quiet,
		.json = given->json,
	};
	snprintf(plan->name, sizeof(plan->name), "%s", given->name);
	if (given->name[0] == '\0') {
		default_name(plan->name, sizeof(plan->name), given->output);
	}
	if (given->clip[0] != '\0' &&
		(hk_parse_double(given->clip, &plan->clip) < 0 || plan->clip < 0)) {
		hk_message("train: --clip: expected a number, 0 or more, got \"%s\"", given->clip);
		return HK_EXIT_USAGE;
	}
	enum hk_exit exit_code = check_line("name", plan->name);
	exit_code = exit_code ? exit_code : check_line("description", given->description);
	exit_code = exit_code ? exit_code : parse_list(&plan->costs, "cost", given->cost);
	return exit_code ? exit_code : parse_list(&plan->gammas, "gamma", given->gamma);
}

static enum hk_exit run(const struct hk_call *call)
{
	struct hk_training_plan plan;
	const enum hk_exit exit_code = make_plan(&plan, call);
	return exit_code != HK_EXIT_OK ? exit_code : hk_train(&plan, call->out);
}

const struct hk_command hk_cmd_train = {
	.name = "train",
	.arguments = "DIR|MANIFEST",
	.summary = "learn sounds from recordings and write a model",
	.help = "Learns to tell apart the sounds in DIR: one folder a class, with WAV, FLAC or\n"
		"OGG files in it; or those that MANIFEST lists, a table with a line of column\n"
		"names, fields separated by tabs: path, class, and optionally group (recordings\n"
		"of one session or author), start and end (seconds of the file that hold the\n"
		"sound).\n"
		"\n"
		"What is learnt is tested on recordings that were kept out of it: groups are\n"
		"never on both sides; in a folder every file is its own group. A class that comes\n"
		"from one recording only is tested by blocks of time instead, that class alone.\n"
		"\n"
		"With up to 5000 windows several costs and gammas are tried; a table says what\n"
		"came of each. With more it is one, unless --cost, --gamma or --classifier auto\n"
		"ask for several.\n"
		"\n"
		"Classes named silence and other become classes without events. The same input,\n"
		"options and seed give the same bundle, bit for bit.\n",
	.min_arguments = 1,
	.max_arguments = 1,
	.completion = HK_COMPLETE_FILE,
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.options_size = sizeof(struct train_options),
	.run = run,
};
