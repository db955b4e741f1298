/* SPDX-License-Identifier: MIT */
/*
 * mel_modulation_config: the parameters of the profile mel-modulation, [profile] of model.ini.
 */
#pragma once

#include <stdint.h>

#include "core/base/params.h"

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
