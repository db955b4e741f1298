/* SPDX-License-Identifier: MIT */
#include "clients/cli/commands.h"

static enum hk_exit run(const struct hk_call *call)
{
	hk_output_text(call->out, "hearken %s\n", HK_VERSION);
	return HK_EXIT_OK;
}

const struct hk_command hk_cmd_version = {
	.name = "version",
	.arguments = "",
	.summary = "print the version",
	.help = "Prints the name and the version of this program.\n",
	.run = run,
};
