/* SPDX-License-Identifier: MIT */
/*
 * flatness: spectral flatness of one STFT frame: geometric over arithmetic mean of its power.
 *
 * Source: librosa 0.10.2 feature.spectral_flatness (power 2, amin 1e-10). Any thread. Real-time:
 * yes.
 */
#pragma once

#include <stddef.h>

/* In (0, 1]; 1 for silence. Shapes: power[n_bins], finite, at least one. */
double hk_flatness(const float *power, size_t n_bins);
