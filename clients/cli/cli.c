/* SPDX-License-Identifier: MIT */
#include "clients/cli/cli.h"

#include <stdlib.h>
#include <string.h>

#include "clients/cli/commands.h"
#include "clients/cli/help.h"
#include "clients/cli/options.h"
#include "clients/cli/output.h"

static enum hk_exit run_command(
	const struct hk_command *command, int argc, char **argv, struct hk_output *out)
{
	void *options = calloc(1, command->options_size ? command->options_size : 1);
	if (!options) {
		hk_message("out of memory");
		return HK_EXIT_INTERNAL;
	}
	enum hk_exit exit_code = HK_EXIT_OK;
	struct hk_diag diag;
	int first = 0;
	const int r = hk_command_options_parse(command, argc, argv, options, &first, &diag);
	if (r == HK_COMMAND_OPTIONS_HELP) {
		hk_help_command(out, command);
	} else if (r < 0) {
		hk_message(
			"%s: %s; see `hearken help %s`", command->name, diag.text, command->name);
		exit_code = HK_EXIT_USAGE;
	} else {
		exit_code = command->run(&(struct hk_call){
			.command = command,
			.options = options,
			.n_arguments = (size_t)(argc - first),
			.arguments = argv + first,
			.out = out,
		});
	}
	free(options);
	return exit_code;
}

static enum hk_exit dispatch(int argc, char **argv, struct hk_output *out)
{
	if (argc < 2) {
		hk_message("no command given; see `hearken help`");
		return HK_EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		hk_help_all(out);
		return HK_EXIT_OK;
	}
	if (strcmp(argv[1], "--version") == 0) {
		static char version[] = "version";
		argv[1] = version;
	}
	size_t n_used = 0;
	const struct hk_command *command = hk_command_find(argv + 1, (size_t)(argc - 1), &n_used);
	if (!command) {
		return hk_command_refuse(argv + 1, (size_t)(argc - 1));
	}
	return run_command(command, argc - (int)n_used, argv + n_used, out);
}

enum hk_exit hk_cli_run(int argc, char **argv, FILE *out_file)
{
	struct hk_output out;
	hk_output_init(&out, out_file);
	const enum hk_exit exit_code = dispatch(argc, argv, &out);
	const enum hk_exit written = hk_output_finish(&out);
	return exit_code != HK_EXIT_OK ? exit_code : written;
}
