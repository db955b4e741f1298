/* SPDX-License-Identifier: MIT */
/*
 * setting_origin: from where each setting has its value, in words: what a message about a setting
 * begins with. Main thread only.
 */
#pragma once

#include <stddef.h>

#include "config/load.h"
#include "core/base/diag.h"
#include "daemon/settings/daemon_options.h"

/* Both must stay. */
struct hk_setting_origins {
	const struct hk_options *options;
	const struct hk_config *config;
};

/* "--rate", "/etc/hearken/hearken.conf:3", "default"; cut to SIZE. */
void hk_setting_origin_print(const struct hk_setting_origins *origins,
	const struct hk_param *setting, char *ret_text, size_t size);

/*
 * The setting KEY of SECTION cannot be what it is: TEXT behind "--rate: ",
 * "/etc/hearken/hearken.conf:3: rate: ", or
 * "[audio] rate: " where the default is at fault, into DIAG. Returns ERROR.
 */
int hk_setting_origin_refuse(const struct hk_setting_origins *origins, const char *section,
	const char *key, int error, struct hk_diag *diag, const char *format, ...)
	__attribute__((format(printf, 6, 7)));
