/* SPDX-License-Identifier: MIT */
#include "daemon/settings/runtime_paths.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool resolve(const char *setting, const char *folder_variable, const char *instance,
	const char *suffix, char *ret_path, size_t size)
{
	if (strcmp(setting, "none") == 0) {
		return false;
	}
	if (strcmp(setting, "auto") != 0) {
		return snprintf(ret_path, size, "%s", setting) < (int)size;
	}
	const char *folders = getenv(folder_variable);
	if (!folders || folders[0] == '\0') {
		return false;
	}
	/* systemd separates several folders by colons; ours is the first */
	return snprintf(ret_path, size, "%.*s/%s%s", (int)strcspn(folders, ":"), folders, instance,
		       suffix) < (int)size;
}

bool hk_runtime_path_history(
	const struct hk_settings *settings, const char *instance, char *ret_path, size_t size)
{
	return resolve(settings->history.path, "STATE_DIRECTORY", instance, ".db", ret_path, size);
}

bool hk_runtime_path_socket(
	const struct hk_settings *settings, const char *instance, char *ret_path, size_t size)
{
	return resolve(
		settings->socket.path, "RUNTIME_DIRECTORY", instance, ".sock", ret_path, size);
}
