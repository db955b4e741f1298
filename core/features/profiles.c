/* SPDX-License-Identifier: MIT */
#include "core/features/profiles.h"

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
