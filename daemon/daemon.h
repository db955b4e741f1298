/* SPDX-License-Identifier: MIT */
/*
 * daemon: hearkend between its command line and its exit code: owns the capture, the analysis and
 * the engines, dispatches what they report, reloads, stops. Main thread only.
 */
#pragma once

#include "daemon/log/exit_codes.h"
#include "daemon/settings/daemon_options.h"

/*
 * Run until told to stop or until the source ends. Says what goes wrong (log.h). SETTINGS and
 * CONFIG come from OPTIONS. SIGTERM, SIGINT, SIGHUP and SIGCHLD must be blocked.
 */
enum hk_exit hk_daemon_run(const struct hk_options *options, const struct hk_settings *settings,
	const struct hk_config *config);
