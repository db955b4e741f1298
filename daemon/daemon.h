/* SPDX-License-Identifier: MIT */
/*
 * daemon: hearkend between its command line and its exit code: owns the capture, the analysis and
 * the engines, dispatches what they report, reloads, stops. Main thread only.
 */
#pragma once

#include "daemon/exit_codes.h"
#include "daemon/options.h"

/*
 * Run until told to stop or until the source ends. Says what goes wrong (log.h). SETTINGS and INI
 * come from OPTIONS; INI (may be NULL) is taken over. SIGTERM, SIGINT, SIGHUP and SIGCHLD must be
 * blocked.
 */
enum hk_exit hk_daemon_run(
	const struct hk_options *options, const struct hk_settings *settings, struct hk_ini *ini);

/* --check-config: are the model and the rules of its classes right, and is the source possible? Says
 * so on stdout, or what is wrong. INI (may be NULL) is taken over. */
enum hk_exit hk_daemon_check(const struct hk_settings *settings, struct hk_ini *ini);
