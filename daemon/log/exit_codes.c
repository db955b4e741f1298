/* SPDX-License-Identifier: MIT */
#include "daemon/log/exit_codes.h"

const struct hk_exit_row hk_daemon_exits[] = {
	{ HK_EXIT_OK, "stopped by a signal, or the end of the file or of stdin was reached" },
	{ HK_EXIT_FAILURE, "fatal error; see the message" },
	{ HK_EXIT_USAGE, "unknown option or value on the command line" },
	{ HK_EXIT_NO_INPUT, "the input file or pipe is missing, unreadable, damaged or not audio" },
	{ HK_EXIT_CONFIG, "the configuration or the model bundle cannot be used" },
};

const size_t hk_n_daemon_exits = sizeof(hk_daemon_exits) / sizeof(hk_daemon_exits[0]);
