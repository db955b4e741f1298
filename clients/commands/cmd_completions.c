/* SPDX-License-Identifier: MIT */
#include "clients/cli/commands.h"
#include "clients/cli/completion.h"
#include "core/base/known.h"

static enum hk_exit run(const struct hk_call *call)
{
	const struct hk_shell *shell = hk_shell_find(call->arguments[0]);
	if (!shell) {
		struct hk_known names = { .asked = call->arguments[0] };
		for (size_t i = 0; hk_shells[i]; i++) {
			hk_known_add(&names, "%s", hk_shells[i]->name);
		}
		hk_message(
			"completions: unknown shell \"%s\": expected one of %s%s; see `hearken help "
			"completions`",
			call->arguments[0], names.text, names.hint);
		return HK_EXIT_USAGE;
	}
	shell->write(call->out);
	return HK_EXIT_OK;
}

const struct hk_command hk_cmd_completions = {
	.name = "completions",
	.arguments = "SHELL",
	.summary = "print the completion script for a shell",
	.help = "Prints the script with which bash, zsh or fish completes hearken's command\n"
		"lines. A packaged hearken has installed them already.\n",
	.min_arguments = 1,
	.max_arguments = 1,
	.completion = HK_COMPLETE_SHELL,
	.run = run,
};
