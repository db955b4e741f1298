/* SPDX-License-Identifier: MIT */
/*
 * check_config: --check-config and --show-config: what a configuration comes to, without hearing.
 * Main thread only.
 */
#pragma once

#include "daemon/log/exit_codes.h"
#include "daemon/settings/daemon_options.h"

/*
 * Are the model and the rules of its classes right, and is the source possible: is a file that is
 * to be heard there, and audio? Says on stdout which files are read and that they are right; with
 * --show-config instead all settings and rules, as a file that would make them, each under a
 * comment that names its origin and says when no reload changes it. What is wrong goes to the log.
 */
enum hk_exit hk_check_config(const struct hk_options *options, const struct hk_settings *settings,
	const struct hk_config *config);

/*
 * The same check of each instance that has files of its own (hk_instances), or of the one that
 * OPTIONS name if none has. Lines and errors begin with the instance. Returns the code of the first
 * that is wrong.
 */
enum hk_exit hk_check_config_all(const struct hk_options *options);
