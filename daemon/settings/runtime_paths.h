/* SPDX-License-Identifier: MIT */
/*
 * runtime_paths: where the history and the socket lie, from the settings and from the folders that
 * systemd gives in the environment.
 *
 * "none": there is none. "auto": INSTANCE.db in the first folder of STATE_DIRECTORY, INSTANCE.sock
 * in that of RUNTIME_DIRECTORY, and none without the variable. All else is the path itself.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "config/settings.h"

/* Shapes: ret_path[size], ended by 0.
 * Return false: there is none, or no room for it; RET_PATH is undefined then. */
bool hk_runtime_path_history(
	const struct hk_settings *settings, const char *instance, char *ret_path, size_t size);
bool hk_runtime_path_socket(
	const struct hk_settings *settings, const char *instance, char *ret_path, size_t size);
