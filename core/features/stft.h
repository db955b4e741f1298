/* SPDX-License-Identifier: MIT */
/*
 * stft: one frame of a short-time Fourier transform: Hann window, real FFT (kissfft), power.
 *
 * The plan is made once; hk_stft_power allocates nothing and is real-time safe. One thread at a
 * time per object.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct hk_stft;

/* Can a frame have N_FFT points: even, 2^a 3^b 5^c, 16..65536? */
bool hk_stft_has_size(uint32_t n_fft);

/*
 * A plan of N_FFT points (hk_stft_has_size) with a periodic Hann window of WIN_LENGTH
 * points (1..n_fft), centred in zeros when it is shorter, as librosa does it. Returns 0, -EINVAL,
 * -ENOMEM.
 */
int hk_stft_new(struct hk_stft **ret, uint32_t n_fft, uint32_t win_length);
void hk_stft_free(struct hk_stft *stft);

/*
 * Power |X|^2 of one frame.
 * Shapes: samples[n_fft]; ret_power[n_fft / 2 + 1].
 */
void hk_stft_power(struct hk_stft *stft, const float *samples, float *ret_power);

/* Sum of the squared window values (double precision). */
double hk_stft_window_energy(const struct hk_stft *stft);
