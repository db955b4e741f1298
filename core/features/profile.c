/* SPDX-License-Identifier: MIT */
#include "core/features/profile.h"

#include <string.h>

#include "core/features/mel/mel_modulation.h"
#include "core/features/spectrogram/spectrogram.h"

const struct hk_profile *const hk_profiles[] = {
	&hk_mel_modulation,
	&hk_spectrogram,
	NULL,
};

const struct hk_profile *hk_profile_find(const char *name)
{
	for (size_t i = 0; hk_profiles[i]; i++) {
		if (strcmp(hk_profiles[i]->name, name) == 0) {
			return hk_profiles[i];
		}
	}
	return NULL;
}

void hk_profile_config_init(struct hk_profile_config *config, const struct hk_profile *profile)
{
	memset(config, 0, sizeof(*config));
	config->profile = profile;
	hk_params_defaults(profile->params, profile->n_params, config->config);
}
