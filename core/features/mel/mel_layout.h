/* SPDX-License-Identifier: MIT */
/*
 * mel_layout: which of the mel-modulation profile's values stands where, and what it is called.
 * CONFIG is a checked struct hk_mel_modulation_config everywhere. Any thread.
 */
#pragma once

#include <stddef.h>

#include "core/features/profile.h"

/* The profile's own values in their order; the extensions' follow. */
enum hk_mel_group {
	HK_MEL_MEAN,                /* mel_mean_BAND */
	HK_MEL_STD,                 /* mel_std_BAND */
	HK_MEL_CREST_MEAN,          /* crest_mean_BAND */
	HK_MEL_CREST_STD,           /* crest_std_BAND */
	HK_MEL_GROUP_MODULATION,    /* modulation_RHYTHM_GROUP, a row a rhythm */
	HK_MEL_CEPSTRUM_MODULATION, /* cepstral_RHYTHM_COEFFICIENT, a row a rhythm */
	HK_N_MEL_GROUPS,
};

/* Values of one group. */
size_t hk_mel_layout_group_size(const void *config, enum hk_mel_group group);

/* Values of the profile with its extensions. */
size_t hk_mel_layout_size(const void *config);

/* Name of value INDEX, which must be below hk_mel_layout_size. */
void hk_mel_layout_name(const void *config, size_t index, char ret_name[HK_FEATURE_NAME_SIZE]);
