/* SPDX-License-Identifier: MIT */
#include "clients/cli/commands.h"
#include "clients/cli/options.h"
#include "clients/socket/sockets.h"
#include "clients/socket/varlink_client.h"

struct reload_options {
	char instance[256];
	char socket[PATH_MAX];
};

static const struct hk_option options[] = {
	HK_OPTION_INSTANCE(struct reload_options),
	HK_OPTION_SOCKET(struct reload_options),
};

static enum hk_exit run(const struct hk_call *call)
{
	const struct reload_options *given = call->options;
	char path[HK_SOCKET_PATH_SIZE];
	json_t *reply = NULL;
	const enum hk_exit exit_code =
		hk_socket_ask(given->socket, given->instance, "Reload", NULL, path, &reply);
	json_decref(reply);
	return exit_code;
}

const struct hk_command hk_cmd_reload = {
	.name = "reload",
	.arguments = "",
	.summary = "make a daemon read its configuration and model again",
	.help = "Makes the daemon read its configuration and its model again, as SIGHUP does, and\n"
		"reports whether it took them: what cannot be used is refused with the reason and\n"
		"the daemon keeps its configuration. For root and the daemon's own user.\n",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.options_size = sizeof(struct reload_options),
	.run = run,
};
