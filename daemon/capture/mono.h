/* SPDX-License-Identifier: MIT */
/*
 * mono: one channel, or the mean of all, of interleaved frames. Real-time: yes.
 */
#pragma once

#include <stdint.h>

/* CHANNEL: 0 = the mean of all, 1..n_channels. Shapes: frames[n_frames * n_channels], ret[n_frames]. */
void hk_mono(
	const float *frames, uint32_t n_frames, uint32_t n_channels, uint32_t channel, float *ret);
