/* SPDX-License-Identifier: MIT */
/*
 * tone: the strongest spectral peak of each STFT frame, and what its course over a window says:
 * how tonal the sound is, at which pitch, how steady, and in which on/off pattern. Made for alarms.
 *
 * Of bins within 0.1 % of the strongest the lowest is the peak: all bins of an impulse are alike,
 * and which one is largest is a matter of rounding.
 *
 * Real-time: yes. Source: tonal() of the experiments, restated in
 * tests/golden/mel-modulation/extensions.py, which is the definition.
 */
#pragma once

#include <stdint.h>

#define HK_N_TONE_VALUES 12

/* Where to look; fixed for a stream. */
struct hk_tone_range {
	uint32_t first_bin, end_bin; /* peaks are sought in [first_bin, end_bin): 300 to 5200 Hz */
	uint32_t lowest_bin;         /* the energy of a frame counts from here on */
	uint32_t n_bins;             /* of a frame: n_fft / 2 + 1 */
	double bin_hz;
};

/* The peak of one frame. */
struct hk_tone {
	uint32_t bin;
	float power;
	float median; /* of every fourth bin's power in the range */
	float share;  /* of the frame's energy in the peak's bin and two on either side, 0..1 */
};

/* RANGE of spectra of N_FFT points at RATE_HZ. The rate must be above 10400 Hz. */
struct hk_tone_range hk_tone_range(uint32_t n_fft, uint32_t rate_hz, double lowest_hz);

/* Floats of scratch memory for one frame. */
uint32_t hk_tone_scratch_size(const struct hk_tone_range *range);

/* Shapes: power[n_bins], scratch[hk_tone_scratch_size]. */
struct hk_tone hk_tone_find(const struct hk_tone_range *range, const float *power, float *scratch);

/*
 * Statistics of N_TONES successive frames: mean, 90 % and 50 % quantile of the share; mean and 90 %
 * quantile of log10(peak / median); mean and standard deviation of log2(frequency) where a tone is
 * on; part of the frames where it is on; part where it is on and steady; ln(1 + number of changes
 * between on and off); longest run on; longest run off (parts of the window).
 * MU: the power that all is compared with. Shapes: tones[n_tones], scratch[n_tones].
 */
void hk_tone_statistics(const struct hk_tone_range *range, const struct hk_tone *tones,
	uint32_t n_tones, double mu, float *scratch, float ret_values[HK_N_TONE_VALUES]);
