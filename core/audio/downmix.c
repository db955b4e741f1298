/* SPDX-License-Identifier: MIT */
#include "core/audio/downmix.h"

#include "core/audio/sample.h"

void hk_downmix(
	const float *frames, size_t n_frames, uint32_t n_channels, uint32_t channel, float *ret)
{
	const uint32_t first = channel == HK_CHANNEL_MIX ? 0 : channel - 1;
	const uint32_t end = channel == HK_CHANNEL_MIX ? n_channels : channel;
	if (end - first == 1) {
		for (size_t i = 0; i < n_frames; i++) {
			ret[i] = hk_sample_clean(frames[i * n_channels + first]);
		}
		return;
	}
	for (size_t i = 0; i < n_frames; i++) {
		double sum = 0.0;
		for (uint32_t c = first; c < end; c++) {
			sum += (double)hk_sample_clean(frames[i * n_channels + c]);
		}
		ret[i] = (float)(sum / (end - first));
	}
}
