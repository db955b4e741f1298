/* SPDX-License-Identifier: MIT */
/*
 * framing: a window of samples as overlapping frames, frame t centred on sample t * hop.
 *
 * The first and last frames reach over the ends of the window; what they see there is padding,
 * never the neighbouring audio. Source: librosa 0.10.2 stft(center=True). One thread at a time.
 */
#pragma once

#include <stdint.h>

enum hk_pad_mode {
	HK_PAD_CONSTANT, /* zeros */
	HK_PAD_REFLECT,  /* the mirror image, without repeating the sample at the end */
};

struct hk_framing {
	uint32_t n_samples; /* of the window */
	uint32_t n_fft;     /* samples of a frame */
	uint32_t hop;
	uint32_t n_frames;
	enum hk_pad_mode pad;
	float *padded; /* n_fft: the frame that reaches over an end */
};

/* HOP >= 1; HK_PAD_REFLECT needs N_SAMPLES > N_FFT / 2. Returns 0, -ENOMEM. */
int hk_framing_init(struct hk_framing *framing, uint32_t n_samples, uint32_t n_fft, uint32_t hop,
	enum hk_pad_mode pad);
void hk_framing_finish(struct hk_framing *framing);

/*
 * The n_fft samples of frame T: in place where it lies within the window. Shapes:
 * samples[n_samples]. Owner: SAMPLES or the framing; valid until the next call. Real-time: yes.
 */
const float *hk_framing_frame(struct hk_framing *framing, const float *samples, uint32_t t);
