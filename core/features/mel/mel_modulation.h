/* SPDX-License-Identifier: MIT */
/*
 * mel-modulation: the compact default profile: 556 values from one STFT, and named extensions.
 *
 * Order: mean 64 and standard deviation 64 of the level-normalised log mel bands, mean 16 and
 * standard deviation 16 of the spectral crest per band, modulation spectrum 11 x 16 of groups of
 * bands, modulation spectrum 11 x 20 of cepstral coefficients; then the extensions' values. Frame t
 * of the stream is centred on sample hop * t + hop / 2, so windows whose step is a multiple of the
 * hop share frames, and a window needs (n_fft - hop) / 2 samples beyond its end. Source:
 * tests/golden/mel-modulation/reference.py, which is the definition.
 */
#pragma once

#include "core/features/mel/mel_modulation_config.h"
#include "core/features/profile.h"

extern const struct hk_profile hk_mel_modulation;
