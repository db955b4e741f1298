/* SPDX-License-Identifier: MIT */
#include "clients/offline/bundle.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "clients/cli/output.h"
#include "config/paths.h"

#define DEFAULT_MODEL "home"

enum hk_exit hk_bundle_find(const char *option, char *ret_path)
{
	const char *name = *option ? option : getenv("HEARKEN_MODEL");
	const int r = hk_path_model(name && *name ? name : DEFAULT_MODEL, ret_path, PATH_MAX);
	if (r < 0) {
		hk_message("cannot find the model: %s", strerror(-r));
		return HK_EXIT_CONFIG;
	}
	return HK_EXIT_OK;
}

enum hk_exit hk_bundle_load(struct hk_model **ret, const char *option)
{
	char path[PATH_MAX];
	struct hk_diag diag;
	const enum hk_exit found = hk_bundle_find(option, path);
	if (found != HK_EXIT_OK) {
		return found;
	}
	if (hk_model_load(ret, path, &diag) < 0) {
		hk_message("%s", diag.text);
		return HK_EXIT_CONFIG;
	}
	return HK_EXIT_OK;
}
