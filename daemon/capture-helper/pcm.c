/* SPDX-License-Identifier: MIT */
#include "daemon/capture-helper/pcm.h"

#include <string.h>

size_t hk_pcm_size(enum hk_sample_format format)
{
	return format == HK_SAMPLE_S16LE ? 2 : 4;
}

static float decode_s16(const uint8_t *bytes)
{
	return (float)(int16_t)(bytes[0] | bytes[1] << 8) / 32768.0F;
}

static float decode_f32(const uint8_t *bytes)
{
	const uint32_t bits = bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
		(uint32_t)bytes[3] << 24;
	float sample;
	memcpy(&sample, &bits, sizeof(sample));
	return sample;
}

void hk_pcm_decode(const uint8_t *bytes, size_t n_samples, enum hk_sample_format format, float *ret)
{
	if (format == HK_SAMPLE_S16LE) {
		for (size_t i = 0; i < n_samples; i++) {
			ret[i] = decode_s16(bytes + 2 * i);
		}
	} else {
		for (size_t i = 0; i < n_samples; i++) {
			ret[i] = decode_f32(bytes + 4 * i);
		}
	}
}
