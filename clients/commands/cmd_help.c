/* SPDX-License-Identifier: MIT */
#include "clients/cli/commands.h"
#include "clients/cli/help.h"

static enum hk_exit run(const struct hk_call *call)
{
	if (call->n_arguments == 0) {
		hk_help_all(call->out);
		return HK_EXIT_OK;
	}
	size_t n_used = 0;
	const struct hk_command *command =
		hk_command_find(call->arguments, call->n_arguments, &n_used);
	if (!command || n_used < call->n_arguments) {
		return hk_command_refuse(call->arguments, call->n_arguments);
	}
	hk_help_command(call->out, command);
	return HK_EXIT_OK;
}

const struct hk_command hk_cmd_help = {
	.name = "help",
	.arguments = "[COMMAND]",
	.summary = "describe hearken or one of its commands",
	.help = "Prints the commands and exit codes of hearken, or the usage, the description and\n"
		"the options of one command.\n",
	.max_arguments = 2,
	.completion = HK_COMPLETE_COMMAND,
	.run = run,
};
