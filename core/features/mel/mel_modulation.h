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

#include "core/base/params.h"
#include "core/features/profile.h"

struct hk_mel_modulation_config {
	uint32_t n_fft;          /* 1024 */
	uint32_t hop;            /* 160 */
	uint32_t n_mels;         /* 64 */
	double fmin_hz, fmax_hz; /* 50, 8000 */
	double log_floor;        /* 0.01: V = ln(M / mu + log_floor) */
	double crest_floor;      /* 0.01 */
	struct hk_uint_list crest_bins;
	uint32_t n_groups;     /* 16 */
	double group_floor;    /* 1e-3 */
	uint32_t n_cepstra;    /* 20 */
	double cepstrum_floor; /* 1e-2 */
	struct hk_uint_list modulation_bins;
	uint32_t extensions; /* bit i: row i of hk_mel_extensions (mel_extension.h) */
};

extern const struct hk_profile hk_mel_modulation;
