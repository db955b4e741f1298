/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "clients/cli/commands.h"
#include "clients/cli/options.h"
#include "clients/offline/bundle.h"
#include "clients/offline/model_text.h"

struct show_options {
	bool json;
};

static const struct hk_option options[] = {
	HK_OPTION_JSON(struct show_options),
};

/* Bytes of the bundle's files in folder PATH. */
static uint64_t bundle_size(const char *path)
{
	uint64_t n_bytes = 0;
	for (size_t i = 0; hk_model_file_names[i]; i++) {
		char file[PATH_MAX];
		struct stat info;
		const int length =
			snprintf(file, sizeof(file), "%s/%s", path, hk_model_file_names[i]);
		if (length < (int)sizeof(file) && stat(file, &info) == 0) {
			n_bytes += (uint64_t)info.st_size;
		}
	}
	return n_bytes;
}

static enum hk_exit run(const struct hk_call *call)
{
	const struct show_options *given = call->options;
	char path[PATH_MAX];
	struct hk_model *model = NULL;
	enum hk_exit exit_code = hk_bundle_find(call->arguments[0], path);
	if (exit_code == HK_EXIT_OK) {
		exit_code = hk_bundle_load(&model, call->arguments[0]);
	}
	if (exit_code != HK_EXIT_OK) {
		return exit_code;
	}
	if (given->json) {
		hk_output_json(call->out, hk_model_json(model, path, bundle_size(path)));
	} else {
		hk_model_print(model, path, bundle_size(path), call->out);
	}
	hk_model_free(model);
	return HK_EXIT_OK;
}

const struct hk_command hk_cmd_model_show = {
	.name = "model show",
	.arguments = "DIR",
	.summary = "print what a model bundle is and how it was trained",
	.help = "Checks the bundle in folder DIR as the daemon would and prints its labels, the\n"
		"audio it expects, profile and parameters, classifier, calibration, the rules of\n"
		"each class, its size and hash, and how and on what it was trained.\n",
	.min_arguments = 1,
	.max_arguments = 1,
	.completion = HK_COMPLETE_FOLDER,
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.options_size = sizeof(struct show_options),
	.run = run,
};
