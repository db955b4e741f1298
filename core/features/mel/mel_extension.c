/* SPDX-License-Identifier: MIT */
#include "core/features/mel/mel_extension.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "core/math/columns.h"
#include "core/math/lanes.h"

#define POWER_FLOOR 1e-12        /* -120 dBFS */
#define CREST_EPSILON 1e-9       /* relative to mu: keeps log(0) and the FFT's rounding out */
#define TONAL_RATE_HZ 10400      /* twice the highest tone sought */
#define LARGEST_TONAL_BIN_HZ 100 /* a third of the lowest */

static double dbfs(double mean_square)
{
	return 10.0 * log10(fmax(mean_square, POWER_FLOOR));
}

/* ---- level ---- */

HK_INLINE double energy_of_body(const float *samples, size_t n)
{
	return hk_lanes_power_sum(samples, n, 2);
}

HK_MULTIVERSION(double, energy_of, (const float *samples, size_t n), (samples, n))

static size_t n_level_values(const struct hk_mel_modulation_config *config)
{
	(void)config;
	return 1;
}

static void level_name(const struct hk_mel_modulation_config *config, size_t index,
	char ret_name[HK_FEATURE_NAME_SIZE])
{
	(void)config;
	(void)index;
	snprintf(ret_name, HK_FEATURE_NAME_SIZE, "level_dbfs");
}

static void compute_level(const struct hk_mel_frames *frames, const struct hk_window_view *view,
	float *scratch, float *ret_values)
{
	(void)frames;
	(void)scratch;
	ret_values[0] = (float)dbfs(energy_of(view->samples, view->n_frames) / view->n_frames);
}

/* ---- bands ---- */

static size_t n_band_values(const struct hk_mel_modulation_config *config)
{
	return config->n_groups;
}

static void band_name(const struct hk_mel_modulation_config *config, size_t index,
	char ret_name[HK_FEATURE_NAME_SIZE])
{
	(void)config;
	snprintf(ret_name, HK_FEATURE_NAME_SIZE, "band_%02zu_dbfs", index);
}

/* Mean square of what lies in the mel bands [FIRST, FIRST + N) of one frame: a band's value is its
 * mean power per bin, and the bins of the whole spectrum add up to n_fft times the mean square. */
static double mean_square(
	const struct hk_mel_frames *frames, const float *mel, uint32_t first, uint32_t n)
{
	double sum = 0.0;
	for (uint32_t i = first; i < first + n; i++) {
		sum += (double)mel[i] * frames->bank.bands[i].width_bins;
	}
	return sum / frames->config.n_fft;
}

static void compute_bands(const struct hk_mel_frames *frames, const struct hk_window_view *view,
	float *scratch, float *ret_values)
{
	(void)view;
	(void)scratch;
	const uint32_t n_mels = frames->config.n_mels;
	const uint32_t n_a_group = n_mels / frames->config.n_groups;
	for (uint32_t g = 0; g < frames->config.n_groups; g++) {
		double sum = 0.0;
		for (uint32_t t = 0; t < frames->n_frames; t++) {
			sum += dbfs(mean_square(frames, frames->mel + (size_t)t * n_mels,
				g * n_a_group, n_a_group));
		}
		ret_values[g] = (float)(sum / frames->n_frames);
	}
}

/* ---- crest0 ---- */

static size_t n_crest0_values(const struct hk_mel_modulation_config *config)
{
	return 2 * ((size_t)config->crest_bins.n_values - 1);
}

static void crest0_name(const struct hk_mel_modulation_config *config, size_t index,
	char ret_name[HK_FEATURE_NAME_SIZE])
{
	const size_t n_bands = config->crest_bins.n_values - 1;
	snprintf(ret_name, HK_FEATURE_NAME_SIZE, "crest0_%s_%02zu",
		index < n_bands ? "mean" : "std", index % n_bands);
}

static void compute_crest0(const struct hk_mel_frames *frames, const struct hk_window_view *view,
	float *scratch, float *ret_values)
{
	(void)view;
	hk_mel_frames_crest(frames, CREST_EPSILON, scratch);
	hk_columns_mean_std(scratch, frames->n_frames, frames->n_crest, ret_values,
		ret_values + frames->n_crest);
}

/* ---- tonal ---- */

static size_t n_tonal_values(const struct hk_mel_modulation_config *config)
{
	(void)config;
	return HK_N_TONE_VALUES;
}

static void tonal_name(const struct hk_mel_modulation_config *config, size_t index,
	char ret_name[HK_FEATURE_NAME_SIZE])
{
	static const char *const names[HK_N_TONE_VALUES] = { "share_mean", "share_q90",
		"share_median", "prominence_mean", "prominence_q90", "pitch_mean", "pitch_std",
		"on", "steady", "changes", "longest_on", "longest_off" };
	(void)config;
	snprintf(ret_name, HK_FEATURE_NAME_SIZE, "tone_%s", names[index]);
}

static int check_tonal(
	const struct hk_mel_modulation_config *config, uint32_t rate_hz, struct hk_diag *diag)
{
	if (rate_hz < TONAL_RATE_HZ) {
		return hk_diag_set(diag, -EINVAL,
			"extensions: tonal needs a rate of at least %d Hz, got %u", TONAL_RATE_HZ,
			rate_hz);
	}
	/* A tone is a peak of five bins: the lowest one must not reach down to 0 Hz. */
	const double bin_hz = (double)rate_hz / config->n_fft;
	if (bin_hz > LARGEST_TONAL_BIN_HZ) {
		return hk_diag_set(diag, -EINVAL,
			"n_fft: expected bins of at most %d Hz for the extension tonal, got %g",
			LARGEST_TONAL_BIN_HZ, bin_hz);
	}
	return 0;
}

static void compute_tonal(const struct hk_mel_frames *frames, const struct hk_window_view *view,
	float *scratch, float *ret_values)
{
	(void)view;
	hk_tone_statistics(&frames->tone_range, frames->tones, frames->n_frames, frames->mu,
		scratch, ret_values);
}

const char *const hk_mel_extension_names[HK_N_MEL_EXTENSIONS + 1] = {
	[HK_MEL_EXTENSION_LEVEL] = "level",
	[HK_MEL_EXTENSION_BANDS] = "bands",
	[HK_MEL_EXTENSION_CREST0] = "crest0",
	[HK_MEL_EXTENSION_TONAL] = "tonal",
};

const struct hk_mel_extension hk_mel_extensions[HK_N_MEL_EXTENSIONS] = {
	[HK_MEL_EXTENSION_LEVEL] = {
		.n_values = n_level_values,
		.value_name = level_name,
		.compute = compute_level,
	},
	[HK_MEL_EXTENSION_BANDS] = {
		.n_values = n_band_values,
		.value_name = band_name,
		.compute = compute_bands,
	},
	[HK_MEL_EXTENSION_CREST0] = {
		.n_values = n_crest0_values,
		.value_name = crest0_name,
		.compute = compute_crest0,
	},
	[HK_MEL_EXTENSION_TONAL] = {
		.needs_tones = true,
		.n_values = n_tonal_values,
		.value_name = tonal_name,
		.check = check_tonal,
		.compute = compute_tonal,
	},
};

uint32_t hk_mel_extension_next(const struct hk_mel_modulation_config *config, uint32_t i)
{
	while (i < HK_N_MEL_EXTENSIONS && (config->extensions & UINT32_C(1) << i) == 0) {
		i++;
	}
	return i;
}
