/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "clients/cli/commands.h"
#include "clients/cli/options.h"
#include "clients/cli/table.h"
#include "core/base/known.h"
#include "core/features/profiles.h"
#include "learning/data/profile_set.h"

#define VALUE_SIZE 4096 /* of one parameter as text */

struct profiles_options {
	char set[1024];
	uint32_t rate_hz;
	bool json;
};

static const struct hk_option options[] = {
	{
		.value = { .key = "set",
			.type = HK_PARAM_STRING,
			HK_PARAM_AT(struct profiles_options, set),
			.help = "other parameters than the defaults, separated by semicolons" },
		.argument = "KEY=VALUE;...",
		.letter = 's',
	},
	{
		.value = { .key = "rate",
			.type = HK_PARAM_UINT,
			HK_PARAM_AT(struct profiles_options, rate_hz),
			.min = 1000,
			.max = 768000,
			.help = "rate that the parameters are checked for; default: the profile's, "
				"else 44100" },
		.argument = "HZ",
		.letter = 'r',
	},
	HK_OPTION_JSON(struct profiles_options),
};

/* A profile with what a new model would have. */
struct recipe {
	struct hk_profile_config config;
	uint32_t rate_hz, n_window_frames, n_step_frames;
};

/* RATE_HZ 0: the default. */
static int make_recipe(struct recipe *ret, const struct hk_profile *profile, const char *set,
	uint32_t rate_hz, struct hk_diag *diag)
{
	if (rate_hz == 0) {
		rate_hz = profile->default_rate_hz > 0 ? profile->default_rate_hz : 44100;
	}
	ret->rate_hz = rate_hz;
	ret->n_window_frames = (uint32_t)lround(profile->window_s * rate_hz);
	ret->n_step_frames = (uint32_t)lround(profile->step_s * rate_hz);
	hk_profile_config_init(&ret->config, profile);
	const int r = hk_profile_set(&ret->config, set, diag);
	return r < 0 ? r
		     : profile->check(ret->config.config, rate_hz, ret->n_window_frames,
			       ret->n_step_frames, diag);
}

/* As model.ini has them. */
static json_t *parameters_json(const struct hk_profile_config *config)
{
	const struct hk_profile *profile = config->profile;
	json_t *object = json_object();
	for (size_t i = 0; i < profile->n_params; i++) {
		char text[VALUE_SIZE];
		if (hk_param_print(&profile->params[i], config->config, text, sizeof(text)) == 0) {
			json_object_set_new(object, profile->params[i].key, hk_json_text(text));
		}
	}
	return object;
}

static json_t *names_json(const struct hk_profile_config *config)
{
	json_t *array = json_array();
	const size_t n = config->profile->n_features(config->config);
	for (size_t i = 0; i < n; i++) {
		char name[HK_FEATURE_NAME_SIZE];
		config->profile->feature_name(config->config, i, name);
		json_array_append_new(array, json_string(name));
	}
	return array;
}

static void print_json(struct hk_output *out, const struct recipe *recipe)
{
	const struct hk_profile *profile = recipe->config.profile;
	hk_output_json(out,
		json_pack("{s:s, s:s, s:i, s:i, s:i, s:i, s:o, s:o}", "name", profile->name, "help",
			profile->help, "default_rate_hz", (int)profile->default_rate_hz, "rate_hz",
			(int)recipe->rate_hz, "window_frames", (int)recipe->n_window_frames,
			"step_frames", (int)recipe->n_step_frames, "parameters",
			parameters_json(&recipe->config), "features", names_json(&recipe->config)));
}

static void print_row(struct hk_table *table, const struct hk_profile_config *config)
{
	const struct hk_profile *profile = config->profile;
	char n_features[24], rate[24] = "any";
	snprintf(n_features, sizeof(n_features), "%zu", profile->n_features(config->config));
	if (profile->default_rate_hz > 0) {
		snprintf(rate, sizeof(rate), "%" PRIu32, profile->default_rate_hz);
	}
	const char *const cells[] = { profile->name, n_features, rate, profile->help };
	hk_table_row(table, cells);
}

static void print_all(struct hk_output *out, uint32_t rate_hz, bool json)
{
	static const struct hk_column columns[] = {
		{ .title = "PROFILE", .width = 15 },
		{ .title = "FEATURES", .width = 8, .right = true },
		{ .title = "RATE/HZ", .width = 8, .right = true },
		{ .title = "WHAT IT IS" },
	};
	struct hk_table table;
	hk_table_init(&table, out, columns, sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; hk_profiles[i]; i++) {
		struct recipe recipe;
		struct hk_diag diag;
		if (make_recipe(&recipe, hk_profiles[i], "", rate_hz, &diag) < 0) {
			hk_message("profiles: %s: %s", hk_profiles[i]->name, diag.text);
		} else if (json) {
			print_json(out, &recipe);
		} else {
			print_row(&table, &recipe.config);
		}
	}
}

static void print_parameters(struct hk_output *out, const struct hk_profile_config *config)
{
	static const struct hk_column columns[] = {
		{ .title = "PARAMETER", .width = 17 },
		{ .title = "VALUE", .width = 12 },
		{ .title = "WHAT IT IS" },
	};
	const struct hk_profile *profile = config->profile;
	struct hk_table table;
	hk_output_text(out, "%s: %s\n%zu features\n\n", profile->name, profile->help,
		profile->n_features(config->config));
	hk_table_init(&table, out, columns, sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; i < profile->n_params; i++) {
		char text[VALUE_SIZE] = "";
		hk_param_print(&profile->params[i], config->config, text, sizeof(text));
		const char *const cells[] = { profile->params[i].key, text,
			profile->params[i].help };
		hk_table_row(&table, cells);
	}
}

static enum hk_exit run(const struct hk_call *call)
{
	const struct profiles_options *given = call->options;
	if (call->n_arguments == 0 && given->set[0] != '\0') {
		hk_message("profiles: --set: expected a PROFILE that it is for");
		return HK_EXIT_USAGE;
	}
	if (call->n_arguments == 0) {
		print_all(call->out, given->rate_hz, given->json);
		return HK_EXIT_OK;
	}
	const struct hk_profile *profile = hk_profile_find(call->arguments[0]);
	if (!profile) {
		struct hk_known names = { .asked = call->arguments[0] };
		for (size_t i = 0; hk_profiles[i]; i++) {
			hk_known_add(&names, "%s", hk_profiles[i]->name);
		}
		hk_message("profiles: no profile \"%s\"%s; see `hearken profiles`",
			call->arguments[0], names.hint);
		return HK_EXIT_USAGE;
	}
	struct recipe recipe;
	struct hk_diag diag;
	if (make_recipe(&recipe, profile, given->set, given->rate_hz, &diag) < 0) {
		hk_message("profiles: %s", diag.text);
		return HK_EXIT_USAGE;
	}
	if (given->json) {
		print_json(call->out, &recipe);
	} else {
		print_parameters(call->out, &recipe.config);
	}
	return HK_EXIT_OK;
}

const struct hk_command hk_cmd_profiles = {
	.name = "profiles",
	.arguments = "[PROFILE]",
	.summary = "list the feature profiles, or the parameters of one",
	.help = "A profile is a recipe that turns a window of audio into numbers; every model\n"
		"has one. Prints all of them, or the parameters of PROFILE with their values.\n"
		"With --json the names of the features as well.\n",
	.max_arguments = 1,
	.completion = HK_COMPLETE_PROFILE,
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.options_size = sizeof(struct profiles_options),
	.run = run,
};
