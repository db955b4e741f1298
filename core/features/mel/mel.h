/* SPDX-License-Identifier: MIT */
/*
 * mel: a bank of triangular filters on the HTK mel scale, each summing to 1.
 *
 * A band's value is the weighted mean of the power of its bins. Immutable once made; any thread.
 * Source: mel_weights() in tests/golden/mel-modulation/reference.py.
 */
#pragma once

#include <stdint.h>

struct hk_mel_band {
	uint32_t first_bin;
	uint32_t n_bins;
	uint32_t first_weight; /* in the bank's weights */
	double width_bins;     /* area of the triangle before it was made to sum to 1 */
};

struct hk_mel_bank {
	uint32_t n_bands;
	struct hk_mel_band *bands;
	float *weights;
};

/*
 * N_BANDS triangles from FMIN_HZ to FMAX_HZ (0 <= fmin < fmax <= rate / 2) over the bins of an
 * N_FFT-point spectrum. A triangle too narrow to hold a bin takes the one nearest to its tip.
 * Returns 0, -ENOMEM.
 */
int hk_mel_bank_init(struct hk_mel_bank *bank, uint32_t n_bands, double fmin_hz, double fmax_hz,
	uint32_t n_fft, uint32_t rate_hz);
void hk_mel_bank_finish(struct hk_mel_bank *bank);

/* Shapes: power[n_fft / 2 + 1], ret_mel[n_bands]. Real-time: yes. */
void hk_mel_bank_apply(const struct hk_mel_bank *bank, const float *power, float *ret_mel);
