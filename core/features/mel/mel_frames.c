/* SPDX-License-Identifier: MIT */
#include "core/features/mel/mel_frames.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/math/lanes.h"

#define MU_FLOOR 1e-9

uint32_t hk_mel_frames_context(const struct hk_mel_modulation_config *config)
{
	return (config->n_fft - config->hop) / 2;
}

int hk_mel_frames_init(struct hk_mel_frames *frames, const struct hk_mel_modulation_config *config,
	bool with_tones, uint32_t rate_hz, uint32_t n_window_frames, uint32_t n_step_frames)
{
	*frames = (struct hk_mel_frames){
		.config = *config,
		.n_frames = n_window_frames / config->hop,
		.n_crest = config->crest_bins.n_values - 1,
		.n_step = n_step_frames / config->hop,
		.n_context = hk_mel_frames_context(config),
		.tone_range = hk_tone_range(config->n_fft, rate_hz, config->fmin_hz),
	};
	frames->n_kept = frames->n_frames - frames->n_step;
	frames->n_audio = n_window_frames + 2 * (size_t)frames->n_context;
	const int r = hk_stft_new(&frames->stft, config->n_fft, config->n_fft);
	if (r < 0) {
		return r;
	}
	frames->power_scale = (float)(2.0 / hk_stft_window_energy(frames->stft));
	frames->power = calloc(config->n_fft / 2 + 1, sizeof(*frames->power));
	frames->mel = calloc((size_t)frames->n_frames * config->n_mels, sizeof(*frames->mel));
	frames->crest_peak =
		calloc((size_t)frames->n_frames * frames->n_crest, sizeof(*frames->crest_peak));
	frames->crest_mean =
		calloc((size_t)frames->n_frames * frames->n_crest, sizeof(*frames->crest_mean));
	frames->audio = calloc(frames->n_audio, sizeof(*frames->audio));
	if (with_tones) {
		frames->tones = calloc(frames->n_frames, sizeof(*frames->tones));
		frames->scratch =
			calloc(hk_tone_scratch_size(&frames->tone_range), sizeof(*frames->scratch));
	}
	if (!frames->power || !frames->mel || !frames->crest_peak || !frames->crest_mean ||
		!frames->audio || (with_tones && (!frames->tones || !frames->scratch)) ||
		hk_mel_bank_init(&frames->bank, config->n_mels, config->fmin_hz, config->fmax_hz,
			config->n_fft, rate_hz) < 0) {
		hk_mel_frames_finish(frames);
		return -ENOMEM;
	}
	return 0;
}

void hk_mel_frames_finish(struct hk_mel_frames *frames)
{
	if (!frames) {
		return;
	}
	hk_mel_bank_finish(&frames->bank);
	hk_stft_free(frames->stft);
	free(frames->power);
	free(frames->mel);
	free(frames->crest_peak);
	free(frames->crest_mean);
	free(frames->tones);
	free(frames->scratch);
	free(frames->audio);
	memset(frames, 0, sizeof(*frames));
}

/* Shapes: edges[n_bands + 1]. */
HK_INLINE void find_crests_body(const float *power, const uint32_t *edges, uint32_t n_bands,
	float *ret_peak, float *ret_mean)
{
	for (uint32_t b = 0; b < n_bands; b++) {
		const float *bins = power + edges[b];
		const uint32_t n_bins = edges[b + 1] - edges[b];
		ret_peak[b] = hk_lanes_peak(bins, n_bins);
		ret_mean[b] = hk_lanes_sum(bins, n_bins) / (float)n_bins;
	}
}

HK_MULTIVERSION_VOID(find_crests,
	(const float *power, const uint32_t *edges, uint32_t n_bands, float *ret_peak,
		float *ret_mean),
	(power, edges, n_bands, ret_peak, ret_mean))

/* Values of frame T of a window, made of the n_fft SAMPLES around it. */
static void compute_frame(struct hk_mel_frames *frames, uint32_t t, const float *samples)
{
	hk_stft_power(frames->stft, samples, frames->power);
	for (uint32_t k = 0; k <= frames->config.n_fft / 2; k++) {
		frames->power[k] *= frames->power_scale;
	}
	hk_mel_bank_apply(
		&frames->bank, frames->power, frames->mel + (size_t)t * frames->config.n_mels);
	find_crests(frames->power, frames->config.crest_bins.values, frames->n_crest,
		frames->crest_peak + (size_t)t * frames->n_crest,
		frames->crest_mean + (size_t)t * frames->n_crest);
	if (frames->tones) {
		frames->tones[t] =
			hk_tone_find(&frames->tone_range, frames->power, frames->scratch);
	}
}

/* Frames of the last window that are also the first ones of the window whose audio starts at
 * AUDIO. */
static uint32_t count_shared(const struct hk_mel_frames *frames, const float *audio)
{
	if (!frames->have_audio || frames->n_kept == 0) {
		return 0;
	}
	const size_t n_step_samples = (size_t)frames->n_step * frames->config.hop;
	const size_t n_common = frames->n_audio - n_step_samples;
	const bool same =
		memcmp(frames->audio + n_step_samples, audio, n_common * sizeof(*audio)) == 0;
	return same ? frames->n_kept : 0;
}

static void move_rows(void *rows, size_t row_size, uint32_t first, uint32_t n_rows)
{
	memmove(rows, (char *)rows + first * row_size, n_rows * row_size);
}

static void keep(struct hk_mel_frames *frames, uint32_t n_rows)
{
	const uint32_t first = frames->n_frames - n_rows;
	const size_t crest_size = frames->n_crest * sizeof(float);
	move_rows(frames->mel, frames->config.n_mels * sizeof(float), first, n_rows);
	move_rows(frames->crest_peak, crest_size, first, n_rows);
	move_rows(frames->crest_mean, crest_size, first, n_rows);
	if (frames->tones) {
		move_rows(frames->tones, sizeof(*frames->tones), first, n_rows);
	}
}

HK_INLINE double sum_of_body(const float *values, size_t n)
{
	return hk_lanes_power_sum(values, n, 1);
}

HK_MULTIVERSION(double, sum_of, (const float *values, size_t n), (values, n))

void hk_mel_frames_update(struct hk_mel_frames *frames, const struct hk_window_view *view)
{
	const float *audio = view->samples - frames->n_context;
	const uint32_t n_shared = count_shared(frames, audio);
	keep(frames, n_shared);
	for (uint32_t t = n_shared; t < frames->n_frames; t++) {
		compute_frame(frames, t, audio + (size_t)t * frames->config.hop);
	}
	memcpy(frames->audio, audio, frames->n_audio * sizeof(*audio));
	frames->have_audio = true;

	const size_t n_cells = (size_t)frames->n_frames * frames->config.n_mels;
	frames->mu = sum_of(frames->mel, n_cells) / (double)n_cells + MU_FLOOR;
}

HK_INLINE void log_ratios_body(size_t n, const float *restrict peak, const float *restrict mean,
	float floor, float *restrict ret)
{
	for (size_t i = 0; i < n; i++) {
		ret[i] = hk_lanes_log((peak[i] + floor) / (mean[i] + floor));
	}
}

HK_MULTIVERSION_VOID(log_ratios,
	(size_t n, const float *restrict peak, const float *restrict mean, float floor,
		float *restrict ret),
	(n, peak, mean, floor, ret))

void hk_mel_frames_crest(const struct hk_mel_frames *frames, double floor, float *ret_crest)
{
	log_ratios((size_t)frames->n_frames * frames->n_crest, frames->crest_peak,
		frames->crest_mean, (float)(floor * frames->mu), ret_crest);
}
