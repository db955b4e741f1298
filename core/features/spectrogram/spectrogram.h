/* SPDX-License-Identifier: MIT */
/*
 * spectrogram: the original Python pipeline's 8198 features, value for value.
 *
 * Order: zero crossings, mean spectral flatness, maximum, minimum, kurtosis (Fisher, biased),
 * skewness (biased), then the dB spectrogram resized to 32 rows (frequency, low first) x 256
 * columns (time), row-major. Source: librosa 0.10.2 stft, amplitude_to_db, spectral_flatness,
 * zero_crossings; OpenCV 4.6 resize INTER_LINEAR; SciPy 1.10 kurtosis, skew (a constant signal
 * gives -3 and 0).
 */
#pragma once

#include "core/base/params.h"
#include "core/features/framing.h"
#include "core/features/profile.h"

struct hk_spectrogram_config {
	uint32_t n_fft;         /* default 2048 */
	uint32_t win_length;    /* default 2048; hop = win_length / 4 */
	uint32_t n_rows;        /* default 32 */
	uint32_t n_columns;     /* default 256 */
	uint32_t pad_mode;      /* enum hk_pad_mode, default constant */
	bool zero_crossing_pad; /* count the first sample as a crossing, default no */
};

extern const struct hk_profile hk_spectrogram;
