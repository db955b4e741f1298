/* SPDX-License-Identifier: MIT */
#include "learning/data/profile_set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/known.h"
#include "core/base/params.h"
#include "core/features/profiles.h"

int hk_profile_choose(struct hk_profile_config *config, const char *name, struct hk_diag *diag)
{
	const struct hk_profile *profile = hk_profile_find(name);
	if (!profile) {
		struct hk_known names = { .asked = name };
		for (size_t i = 0; hk_profiles[i]; i++) {
			hk_known_add(&names, "%s", hk_profiles[i]->name);
		}
		return hk_diag_set(diag, -EINVAL,
			"--profile: no profile \"%s\"; expected one of: %s%s", name, names.text,
			names.hint);
	}
	hk_profile_config_init(config, profile);
	return 0;
}

static char *trim(char *text)
{
	text += strspn(text, " \t");
	size_t n = strlen(text);
	while (n > 0 && strchr(" \t", text[n - 1])) {
		text[--n] = '\0';
	}
	return text;
}

static int set_parameter(struct hk_profile_config *config, char *assignment, struct hk_diag *diag)
{
	const struct hk_profile *profile = config->profile;
	char *value = assignment;
	char *key = trim(strsep(&value, "="));
	const struct hk_param *row = hk_params_find(profile->params, profile->n_params, NULL, key);
	if (!value) {
		return hk_diag_set(
			diag, -EINVAL, "--set: expected KEY=VALUE, got \"%s\"", assignment);
	}
	if (!row) {
		return hk_diag_set(diag, -EINVAL, "--set: profile %s has no parameter \"%s\"",
			profile->name, key);
	}
	struct hk_diag why;
	const int r = hk_param_parse(row, config->config, trim(value), &why);
	return r < 0 ? hk_diag_set(diag, r, "--set: %s", why.text) : 0;
}

int hk_profile_set(struct hk_profile_config *config, const char *text, struct hk_diag *diag)
{
	char *copy = strdup(text), *rest = copy;
	int r = copy ? 0 : -ENOMEM;
	for (char *part; r == 0 && (part = strsep(&rest, ";"));) {
		if (*trim(part) != '\0') {
			r = set_parameter(config, part, diag);
		}
	}
	free(copy);
	return r;
}
