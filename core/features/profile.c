/* SPDX-License-Identifier: MIT */
#include "core/features/profile.h"

#include <string.h>

void hk_profile_config_init(struct hk_profile_config *config, const struct hk_profile *profile)
{
	memset(config, 0, sizeof(*config));
	config->profile = profile;
	hk_params_defaults(profile->params, profile->n_params, config->config);
}
