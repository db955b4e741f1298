/* SPDX-License-Identifier: MIT */
/*
 * downmix: one channel, or the mean of all, of interleaved frames; files, pipes and devices alike.
 * Real-time: yes.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* That a source may have. */
#define HK_MAX_CHANNELS 64

/* Which channel of several: the mean of all; 1..n = that one. */
#define HK_CHANNEL_MIX 0

/*
 * CHANNEL: HK_CHANNEL_MIX = the mean of all (summed in double precision), 1..n_channels. What is no
 * sound counts as 0 (core/audio/sample.h). Shapes: frames[n_frames * n_channels], ret[n_frames].
 */
void hk_downmix(
	const float *frames, size_t n_frames, uint32_t n_channels, uint32_t channel, float *ret);
