/* SPDX-License-Identifier: MIT */
/*
 * mel_extension: named groups of values that the mel-modulation profile adds to its 556 when the
 * parameter `extensions` names them, in the order of this table.
 *
 * level   the window's RMS in dBFS (full-scale sine: -3.01), floor -120
 * bands   level of each of the n_groups groups of mel bands in dBFS, mean over time, floor -120
 * crest0  mean and standard deviation over time of the spectral crest per band, with floor 0
 * tonal   the 12 statistics of tone.h
 *
 * To add one: a word and a row in mel_extension.c. Source: tests/golden/mel-modulation/
 * extensions.py, which is the definition.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/audio/window.h"
#include "core/base/diag.h"
#include "core/features/mel/mel_frames.h"
#include "core/features/mel/mel_modulation_config.h"
#include "core/features/profile.h"

struct hk_mel_extension {
	bool needs_tones; /* frames->tones are wanted */
	size_t (*n_values)(const struct hk_mel_modulation_config *config);
	/* Name of value INDEX. */
	void (*value_name)(const struct hk_mel_modulation_config *config, size_t index,
		char ret_name[HK_FEATURE_NAME_SIZE]);
	/* What must hold beyond the profile's own rules; NULL: nothing. 0, or -EINVAL with DIAG. */
	int (*check)(const struct hk_mel_modulation_config *config, uint32_t rate_hz,
		struct hk_diag *diag);
	/* Shapes: scratch[n_frames * n_crest of FRAMES], ret_values[n_values]. Real-time: yes. */
	void (*compute)(const struct hk_mel_frames *frames, const struct hk_window_view *view,
		float *scratch, float *ret_values);
};

/* Row i of the table belongs to bit i of config->extensions and to word i of the names. */
enum {
	HK_MEL_EXTENSION_LEVEL,
	HK_MEL_EXTENSION_BANDS,
	HK_MEL_EXTENSION_CREST0,
	HK_MEL_EXTENSION_TONAL,
	HK_N_MEL_EXTENSIONS,
};

extern const struct hk_mel_extension hk_mel_extensions[HK_N_MEL_EXTENSIONS];
extern const char *const hk_mel_extension_names[HK_N_MEL_EXTENSIONS + 1]; /* NULL-terminated */

/* The first extension from row I on that CONFIG names, or HK_N_MEL_EXTENSIONS. */
uint32_t hk_mel_extension_next(const struct hk_mel_modulation_config *config, uint32_t i);
