/* SPDX-License-Identifier: MIT */
/*
 * highpass: takes the DC offset out of a stream of samples, and what drifts slowly.
 *
 * Two running means in a row are subtracted, each with a corner of HK_HIGHPASS_HZ. At the start of
 * a stream a running mean is the plain mean of what came so far, so that an offset that is there
 * from the first sample on leaves no step. A constant becomes 0 at once. The output depends on the
 * samples only, never on how they were cut into blocks. Attenuation: 32 dB at 1 Hz, 1.3 dB at
 * 16 Hz, 0.14 dB at 50 Hz, 3 * 10^-3 dB at 300 Hz. Real-time: yes.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define HK_HIGHPASS_HZ 6.4

struct hk_highpass {
	double step;       /* share of a sample that a mean takes over */
	double gain;       /* that makes up for this share: high frequencies keep their level */
	uint64_t n_frames; /* so far */
	double means[2];
};

/* A stream at RATE_HZ begins. */
void hk_highpass_begin(struct hk_highpass *highpass, uint32_t rate_hz);

/* Shapes: samples[n], finite, replaced in place. */
void hk_highpass_run(struct hk_highpass *highpass, float *samples, size_t n);
