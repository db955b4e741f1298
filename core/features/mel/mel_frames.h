/* SPDX-License-Identifier: MIT */
/*
 * mel_frames: what the mel-modulation profile keeps of every STFT frame of a window. Frames belong
 * to the stream: those that a window has in common with the one before it are not computed again.
 *
 * Whether frames can be taken over is decided by comparing the audio they were made of, so values
 * never depend on what was kept. One thread at a time; no allocation after new.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/audio/window.h"
#include "core/features/mel/mel.h"
#include "core/features/mel/mel_modulation_config.h"
#include "core/features/mel/tone.h"
#include "core/features/stft.h"

struct hk_mel_frames {
	struct hk_mel_modulation_config config;
	uint32_t n_frames; /* of a window */
	uint32_t n_crest;  /* crest bands */
	struct hk_mel_bank bank;
	struct hk_tone_range tone_range;

	/* Of the window of the last update, in power 2 |X|^2 / sum(w^2). */
	float *mel;            /* n_frames * n_mels */
	float *crest_peak;     /* n_frames * n_crest: largest bin of the band */
	float *crest_mean;     /* n_frames * n_crest: mean of its bins */
	struct hk_tone *tones; /* n_frames; NULL unless an extension wants them */
	double mu;             /* mean of mel over all its cells, + 1e-9: the level all is compared
				  with */

	/* Private. */
	uint32_t n_step;    /* frames between two windows */
	uint32_t n_kept;    /* frames two windows have in common */
	uint32_t n_context; /* samples before the first frame's hop and after the last one's */
	struct hk_stft *stft;
	float power_scale;
	float *power;    /* n_fft / 2 + 1 */
	float *scratch;  /* for hk_tone_find */
	float *audio;    /* what the last window's frames were made of */
	size_t n_audio;  /* n_window_frames + 2 * n_context */
	bool have_audio; /* a window has been seen */
};

/* CONFIG was checked. Returns 0, -ENOMEM. */
int hk_mel_frames_init(struct hk_mel_frames *frames, const struct hk_mel_modulation_config *config,
	bool with_tones, uint32_t rate_hz, uint32_t n_window_frames, uint32_t n_step_frames);
void hk_mel_frames_finish(struct hk_mel_frames *frames);

/* Samples before and after a window that its frames are made of. */
uint32_t hk_mel_frames_context(const struct hk_mel_modulation_config *config);

/* Take in the next window. Real-time: yes. */
void hk_mel_frames_update(struct hk_mel_frames *frames, const struct hk_window_view *view);

/*
 * Spectral crest ln((peak / mu + floor) / (mean / mu + floor)) of every frame and band.
 * Shapes: ret_crest[n_frames * n_crest]. Real-time: yes.
 */
void hk_mel_frames_crest(const struct hk_mel_frames *frames, double floor, float *ret_crest);
