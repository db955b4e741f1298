/* SPDX-License-Identifier: MIT */
/*
 * mel_extractor: computes the mel-modulation profile's values of a window. The functions are the
 * profile's (profile.h); CONFIG is a checked struct hk_mel_modulation_config.
 */
#pragma once

#include <stdint.h>

#include "core/features/profile.h"

int hk_mel_extractor_new(struct hk_extractor **ret, const void *config, uint32_t rate_hz,
	uint32_t n_window_frames, uint32_t n_step_frames);
void hk_mel_extractor_free(struct hk_extractor *extractor);
void hk_mel_extractor_compute(
	struct hk_extractor *extractor, const struct hk_window_view *view, float *ret_features);
