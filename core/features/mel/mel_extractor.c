/* SPDX-License-Identifier: MIT */
#include "core/features/mel/mel_extractor.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/features/mel/mel_extension.h"
#include "core/features/mel/mel_frames.h"
#include "core/features/mel/mel_layout.h"
#include "core/features/mel/mel_modulation_config.h"
#include "core/features/mel/modulation.h"
#include "core/math/columns.h"
#include "core/math/lanes.h"

static size_t padded(size_t n)
{
	return (n + HK_LANES_WIDTH - 1) / HK_LANES_WIDTH * HK_LANES_WIDTH;
}

struct hk_extractor {
	struct hk_mel_modulation_config config;
	struct hk_mel_frames frames;
	struct hk_modulation *modulation;
	float *log_mel; /* n_frames * max(n_mels, n_crest): V; then scratch for crest, extensions */
	float *groups;  /* n_frames * n_groups */
	float *cepstra; /* n_frames * n_cepstra */
	float *dct;     /* n_mels * padded(n_cepstra): a lane a coefficient, the last ones zeros */
};

void hk_mel_extractor_free(struct hk_extractor *extractor)
{
	if (!extractor) {
		return;
	}
	hk_mel_frames_finish(&extractor->frames);
	hk_modulation_free(extractor->modulation);
	free(extractor->log_mel);
	free(extractor->groups);
	free(extractor->cepstra);
	free(extractor->dct);
	free(extractor);
}

static bool wants_tones(const struct hk_mel_modulation_config *config)
{
	bool wanted = false;
	for (uint32_t i = hk_mel_extension_next(config, 0); i < HK_N_MEL_EXTENSIONS;
		i = hk_mel_extension_next(config, i + 1)) {
		wanted |= hk_mel_extensions[i].needs_tones;
	}
	return wanted;
}

/* Element (ROW, COLUMN) of the orthonormal DCT-II of N_COLUMNS points. */
static double dct_element(uint32_t row, uint32_t column, uint32_t n_columns)
{
	const double scale = sqrt((row == 0 ? 1.0 : 2.0) / n_columns);
	return scale * cos(M_PI * row * (2.0 * column + 1.0) / (2.0 * n_columns));
}

static void fill_dct(float *ret_dct, uint32_t n_rows, uint32_t n_columns)
{
	for (uint32_t k = 0; k < n_rows; k++) {
		float *group = ret_dct + (size_t)(k / HK_LANES_WIDTH) * n_columns * HK_LANES_WIDTH;
		for (uint32_t n = 0; n < n_columns; n++) {
			group[(size_t)n * HK_LANES_WIDTH + k % HK_LANES_WIDTH] =
				(float)dct_element(k, n, n_columns);
		}
	}
}

int hk_mel_extractor_new(struct hk_extractor **ret, const void *config_, uint32_t rate_hz,
	uint32_t n_window_frames, uint32_t n_step_frames)
{
	const struct hk_mel_modulation_config *config = config_;
	struct hk_extractor *extractor = calloc(1, sizeof(*extractor));
	if (!extractor) {
		return -ENOMEM;
	}
	extractor->config = *config;
	const size_t n_frames = n_window_frames / config->hop;
	const size_t n_crest = config->crest_bins.n_values - 1;
	const size_t n_widest = config->n_mels > n_crest ? config->n_mels : n_crest;
	extractor->log_mel = calloc(n_frames * n_widest, sizeof(float));
	extractor->groups = calloc(n_frames * config->n_groups, sizeof(float));
	extractor->cepstra = calloc(n_frames * config->n_cepstra, sizeof(float));
	extractor->dct = calloc(padded(config->n_cepstra) * config->n_mels, sizeof(float));
	if (!extractor->log_mel || !extractor->groups || !extractor->cepstra || !extractor->dct ||
		hk_mel_frames_init(&extractor->frames, config, wants_tones(config), rate_hz,
			n_window_frames, n_step_frames) < 0 ||
		hk_modulation_new(
			&extractor->modulation, (uint32_t)n_frames, &config->modulation_bins) < 0) {
		hk_mel_extractor_free(extractor);
		return -ENOMEM;
	}
	fill_dct(extractor->dct, config->n_cepstra, config->n_mels);
	*ret = extractor;
	return 0;
}

/* V = ln(M / mu + floor): gain no longer matters. */
HK_INLINE void normalise_body(size_t n_cells, const float *restrict mel, float inverse_mu,
	float floor, float *restrict ret)
{
	for (size_t i = 0; i < n_cells; i++) {
		ret[i] = hk_lanes_log(mel[i] * inverse_mu + floor);
	}
}

HK_MULTIVERSION_VOID(normalise,
	(size_t n_cells, const float *restrict mel, float inverse_mu, float floor,
		float *restrict ret),
	(n_cells, mel, inverse_mu, floor, ret))

/* Mean of every group of neighbouring bands of V. */
static void average_groups(struct hk_extractor *extractor)
{
	const size_t n_a_group = extractor->config.n_mels / extractor->config.n_groups;
	const size_t n_cells = (size_t)extractor->frames.n_frames * extractor->config.n_groups;
	for (size_t i = 0; i < n_cells; i++) {
		float sum = 0.0f;
		for (size_t k = 0; k < n_a_group; k++) {
			sum += extractor->log_mel[i * n_a_group + k];
		}
		extractor->groups[i] = sum / (float)n_a_group;
	}
}

/* DCT of every frame of V, as many coefficients at a time as there are lanes. */
HK_INLINE void transform_cepstra_body(const struct hk_extractor *extractor)
{
	const size_t n_mels = extractor->config.n_mels;
	const size_t n_cepstra = extractor->config.n_cepstra;
	for (size_t t = 0; t < extractor->frames.n_frames; t++) {
		const float *v = extractor->log_mel + t * n_mels;
		float *ret = extractor->cepstra + t * n_cepstra;
		for (size_t k = 0; k < n_cepstra; k += HK_LANES_WIDTH) {
			const hk_lanes *dct = (const hk_lanes *)(extractor->dct + k * n_mels);
			hk_lanes sums = { 0 };
			for (size_t m = 0; m < n_mels; m++) {
				sums += dct[m] * v[m];
			}
			const size_t n =
				n_cepstra - k < HK_LANES_WIDTH ? n_cepstra - k : HK_LANES_WIDTH;
			memcpy(ret + k, &sums, n * sizeof(*ret));
		}
	}
}

HK_MULTIVERSION_VOID(transform_cepstra, (const struct hk_extractor *extractor), (extractor))

void hk_mel_extractor_compute(
	struct hk_extractor *extractor, const struct hk_window_view *view, float *ret_features)
{
	const struct hk_mel_modulation_config *config = &extractor->config;
	struct hk_mel_frames *frames = &extractor->frames;
	float *ret[HK_N_MEL_GROUPS + 1] = { ret_features };
	for (enum hk_mel_group group = 0; group < HK_N_MEL_GROUPS; group++) {
		ret[group + 1] = ret[group] + hk_mel_layout_group_size(config, group);
	}
	hk_mel_frames_update(frames, view);

	normalise((size_t)frames->n_frames * config->n_mels, frames->mel, (float)(1.0 / frames->mu),
		(float)config->log_floor, extractor->log_mel);
	hk_columns_mean_std(extractor->log_mel, frames->n_frames, config->n_mels, ret[HK_MEL_MEAN],
		ret[HK_MEL_STD]);
	average_groups(extractor);
	hk_modulation_apply(extractor->modulation, extractor->groups, config->n_groups,
		config->group_floor, ret[HK_MEL_GROUP_MODULATION]);
	transform_cepstra(extractor);
	hk_modulation_apply(extractor->modulation, extractor->cepstra, config->n_cepstra,
		config->cepstrum_floor, ret[HK_MEL_CEPSTRUM_MODULATION]);

	float *scratch = extractor->log_mel; /* V is done with */
	hk_mel_frames_crest(frames, config->crest_floor, scratch);
	hk_columns_mean_std(scratch, frames->n_frames, frames->n_crest, ret[HK_MEL_CREST_MEAN],
		ret[HK_MEL_CREST_STD]);

	float *values = ret[HK_N_MEL_GROUPS];
	for (uint32_t i = hk_mel_extension_next(config, 0); i < HK_N_MEL_EXTENSIONS;
		i = hk_mel_extension_next(config, i + 1)) {
		hk_mel_extensions[i].compute(frames, view, scratch, values);
		values += hk_mel_extensions[i].n_values(config);
	}
}
