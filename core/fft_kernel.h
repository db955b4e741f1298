/* SPDX-License-Identifier: MIT */
/*
 * fft_kernel: the transform itself, compiled once for each instruction set. Only fft.c uses it.
 *
 * A real frame of 2 M samples is transformed as M complex points: even samples are the real parts,
 * odd ones the imaginary. Stockham's algorithm sorts on the way: it starts with DFTs of 16 points
 * that lie M / 16 apart, whose results are laid side by side, so that every later pass (radix 4, and
 * 2 if a factor 2 is left) works on at least 16 neighbours with the same twiddle factors.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* All arrays are aligned to 64. */
struct hk_fft_plan {
	uint32_t n_points; /* M: complex points, half of the samples */
	/* exp(-2 pi i j p / M), [16][M / 16]: after the DFTs of 16 */
	const float *first_re, *first_im;
	/* exp(-2 pi i k p / n), k = 1, 2, 3, for p < n / 4 and n = M / 16, M / 64, ... */
	const float *pass_re, *pass_im;
	/* exp(-2 pi i k / 2 M), k <= M / 2: from M complex points to 2 M real ones */
	const float *split_re, *split_im;
	float *re[2], *im[2]; /* M each: passes go from one to the other */
};

/* Shapes: samples[2 M], window[2 M] aligned to 64, ret_power[M + 1]. */
typedef void hk_fft_kernel(const struct hk_fft_plan *plan, const float *samples,
	const float *window, float *ret_power);

hk_fft_kernel hk_fft_power_baseline; /* what every processor of the architecture can do */
#ifdef __x86_64__
hk_fft_kernel hk_fft_power_avx2;
#endif
