/* SPDX-License-Identifier: MIT */
#include "daemon/settings/setting_origin.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

/* A file's line, a path of the longest length and a key. */
#define PLACE_SIZE 4400

/* "--rate", "FILE:3"; false: the default. */
static bool find(const struct hk_setting_origins *origins, const struct hk_param *setting,
	char *ret_text, size_t size)
{
	const char *option = hk_options_origin(origins->options, setting);
	if (option) {
		snprintf(ret_text, size, "--%s", option);
		return true;
	}
	const struct hk_ini *file = NULL;
	const struct hk_ini_entry *entry =
		hk_config_setting_origin(origins->config, setting, &file);
	if (entry) {
		snprintf(ret_text, size, "%s:%u", file->path, entry->line);
	}
	return entry;
}

void hk_setting_origin_print(const struct hk_setting_origins *origins,
	const struct hk_param *setting, char *ret_text, size_t size)
{
	if (!find(origins, setting, ret_text, size)) {
		snprintf(ret_text, size, "default");
	}
}

int hk_setting_origin_refuse(const struct hk_setting_origins *origins, const char *section,
	const char *key, int error, struct hk_diag *diag, const char *format, ...)
{
	const struct hk_param *setting = hk_settings_find(section, key);
	assert(setting);
	struct hk_diag what;
	va_list args;
	va_start(args, format);
	hk_diag_vset(&what, error, format, args);
	va_end(args);
	char place[PLACE_SIZE];
	if (!find(origins, setting, place, sizeof(place))) {
		return hk_diag_set(diag, error, "[%s] %s: %s", section, key, what.text);
	}
	if (hk_options_origin(origins->options, setting)) {
		return hk_diag_set(diag, error, "%s: %s", place, what.text);
	}
	return hk_diag_set(diag, error, "%s: %s: %s", place, key, what.text);
}
