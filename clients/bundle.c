/* SPDX-License-Identifier: MIT */
#include "clients/bundle.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "clients/output.h"
#include "config/paths.h"

#define DEFAULT_MODEL "home"

enum hk_exit hk_bundle_load(struct hk_model **ret, const char *option)
{
	const char *name = *option ? option : getenv("HEARKEN_MODEL");
	char path[PATH_MAX];
	const int r = hk_path_model(name && *name ? name : DEFAULT_MODEL, path, sizeof(path));
	if (r < 0) {
		hk_message("cannot find the model: %s", strerror(-r));
		return HK_EXIT_CONFIG;
	}
	struct hk_diag diag;
	if (hk_model_load(ret, path, &diag) < 0) {
		hk_message("%s", diag.text);
		return HK_EXIT_CONFIG;
	}
	return HK_EXIT_OK;
}
