/* SPDX-License-Identifier: MIT */
#include "core/features/framing.h"

#include <errno.h>
#include <stdlib.h>

int hk_framing_init(struct hk_framing *framing, uint32_t n_samples, uint32_t n_fft, uint32_t hop,
	enum hk_pad_mode pad)
{
	float *padded = calloc(n_fft, sizeof(*padded));
	if (!padded) {
		return -ENOMEM;
	}
	*framing = (struct hk_framing){
		.n_samples = n_samples,
		.n_fft = n_fft,
		.hop = hop,
		.n_frames = 1 + n_samples / hop,
		.pad = pad,
		.padded = padded,
	};
	return 0;
}

void hk_framing_finish(struct hk_framing *framing)
{
	if (framing) {
		free(framing->padded);
		framing->padded = NULL;
	}
}

static float padded_sample(const struct hk_framing *framing, const float *samples, int64_t i)
{
	const int64_t n = framing->n_samples;
	if (i >= 0 && i < n) {
		return samples[i];
	}
	if (framing->pad == HK_PAD_REFLECT) {
		return samples[i < 0 ? -i : 2 * (n - 1) - i];
	}
	return 0.0f;
}

const float *hk_framing_frame(struct hk_framing *framing, const float *samples, uint32_t t)
{
	const int64_t first = (int64_t)t * framing->hop - framing->n_fft / 2;
	if (first >= 0 && first + framing->n_fft <= framing->n_samples) {
		return samples + first;
	}
	for (uint32_t i = 0; i < framing->n_fft; i++) {
		framing->padded[i] = padded_sample(framing, samples, first + i);
	}
	return framing->padded;
}
