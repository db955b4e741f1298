/* SPDX-License-Identifier: MIT */
#include "core/features/mel/mel_modulation.h"

#include <errno.h>

#include "core/features/mel/mel_extension.h"
#include "core/features/mel/mel_extractor.h"
#include "core/features/mel/mel_layout.h"
#include "core/features/stft.h"

#define CONFIG_AT(member_) HK_PARAM_AT(struct hk_mel_modulation_config, member_)

static const struct hk_param params[] = {
	{ NULL, "n_fft", HK_PARAM_UINT, CONFIG_AT(n_fft), .min = 16, .max = 65536,
		.fallback = "1024", .unit = "samples",
		.help = "Length of an STFT frame: even, with no prime factor above 5" },
	{ NULL, "hop", HK_PARAM_UINT, CONFIG_AT(hop), .min = 1, .max = 65536, .fallback = "160",
		.unit = "samples",
		.help = "Step between STFT frames; divides the window and its step" },
	{ NULL, "n_mels", HK_PARAM_UINT, CONFIG_AT(n_mels), .min = 1, .max = 512, .fallback = "64",
		.help = "Number of mel bands" },
	{ NULL, "fmin_hz", HK_PARAM_DOUBLE, CONFIG_AT(fmin_hz), .min = 0, .max = 384000,
		.fallback = "50", .unit = "Hz", .help = "Lower edge of the lowest mel band" },
	{ NULL, "fmax_hz", HK_PARAM_DOUBLE, CONFIG_AT(fmax_hz), .min = 0, .max = 384000,
		.fallback = "8000", .unit = "Hz", .help = "Upper edge of the highest mel band" },
	{ NULL, "log_floor", HK_PARAM_DOUBLE, CONFIG_AT(log_floor), .min = 1e-9, .max = 1,
		.fallback = "0.01",
		.help = "Added to a band's power over the window's mean before the logarithm" },
	{ NULL, "crest_floor", HK_PARAM_DOUBLE, CONFIG_AT(crest_floor), .min = 1e-9, .max = 1,
		.fallback = "0.01", .help = "The same for the spectral crest" },
	{ NULL, "crest_bins", HK_PARAM_UINT_LIST, CONFIG_AT(crest_bins), .min = 0, .max = 32769,
		.fallback = "6 15 24 35 48 63 80 101 124 151 183 219 262 311 368 435 512",
		.help = "Edges of the bands of the spectral crest, in bins of the STFT" },
	{ NULL, "n_groups", HK_PARAM_UINT, CONFIG_AT(n_groups), .min = 1, .max = 512,
		.fallback = "16",
		.help = "Groups of mel bands whose modulation is taken; divides n_mels" },
	{ NULL, "group_floor", HK_PARAM_DOUBLE, CONFIG_AT(group_floor), .min = 1e-12, .max = 1,
		.fallback = "0.001",
		.help = "Added to the modulation power of groups before the logarithm" },
	{ NULL, "n_cepstra", HK_PARAM_UINT, CONFIG_AT(n_cepstra), .min = 1, .max = 512,
		.fallback = "20", .help = "Cepstral coefficients whose modulation is taken" },
	{ NULL, "cepstrum_floor", HK_PARAM_DOUBLE, CONFIG_AT(cepstrum_floor), .min = 1e-12,
		.max = 1, .fallback = "0.01",
		.help = "Added to the modulation power of coefficients before the logarithm" },
	{ NULL, "modulation_bins", HK_PARAM_UINT_LIST, CONFIG_AT(modulation_bins), .min = 0,
		.max = 32769, .fallback = "1 2 3 4 6 9 14 21 32 48 72 101",
		.help = "Edges of the bands of the modulation spectrum, in bins of 1 / window" },
	{ NULL, "extensions", HK_PARAM_WORDS, CONFIG_AT(extensions),
		.words = hk_mel_extension_names, .fallback = "none",
		.help = "Groups of values added to the profile's own" },
};

static void context(const void *config, uint32_t *ret_n_left, uint32_t *ret_n_right)
{
	*ret_n_left = *ret_n_right = hk_mel_frames_context(config);
}

static int check_edges(
	const char *key, const struct hk_uint_list *edges, uint32_t n_bins, struct hk_diag *diag)
{
	if (edges->n_values < 2) {
		return hk_diag_set(diag, -EINVAL, "%s: expected at least two edges", key);
	}
	for (uint32_t i = 1; i < edges->n_values; i++) {
		if (edges->values[i] <= edges->values[i - 1]) {
			return hk_diag_set(diag, -EINVAL,
				"%s: expected ascending edges, got %u after %u", key,
				edges->values[i], edges->values[i - 1]);
		}
	}
	const uint32_t last = edges->values[edges->n_values - 1];
	if (last > n_bins) {
		return hk_diag_set(
			diag, -EINVAL, "%s: expected edges up to %u, got %u", key, n_bins, last);
	}
	return 0;
}

static int check_frames(const struct hk_mel_modulation_config *config, uint32_t n_window_frames,
	uint32_t n_step_frames, struct hk_diag *diag)
{
	if (!hk_stft_has_size(config->n_fft)) {
		return hk_diag_set(diag, -EINVAL,
			"n_fft: expected an even number with no prime factor above 5, got %u",
			config->n_fft);
	}
	if (config->hop > config->n_fft || (config->n_fft - config->hop) % 2 != 0) {
		return hk_diag_set(diag, -EINVAL,
			"hop: expected at most n_fft (%u) and an even difference, got %u",
			config->n_fft, config->hop);
	}
	if (n_step_frames < 1 || n_step_frames > n_window_frames ||
		n_window_frames % config->hop != 0 || n_step_frames % config->hop != 0) {
		return hk_diag_set(diag, -EINVAL,
			"hop: expected a divisor of the window (%u samples) and its step (%u), got "
			"%u",
			n_window_frames, n_step_frames, config->hop);
	}
	const uint32_t n_frames = n_window_frames / config->hop;
	if (!hk_stft_has_size(n_frames)) {
		return hk_diag_set(diag, -EINVAL,
			"hop: expected a window of 16 to 65536 frames, even, with no prime factor "
			"above 5, got %u",
			n_frames);
	}
	return 0;
}

static int check(const void *config_, uint32_t rate_hz, uint32_t n_window_frames,
	uint32_t n_step_frames, struct hk_diag *diag)
{
	const struct hk_mel_modulation_config *config = config_;
	int r = check_frames(config, n_window_frames, n_step_frames, diag);
	if (r < 0) {
		return r;
	}
	if (config->fmin_hz >= config->fmax_hz || 2.0 * config->fmax_hz > rate_hz) {
		return hk_diag_set(diag, -EINVAL,
			"fmax_hz: expected more than fmin_hz (%g) and at most half the rate "
			"(%u Hz), got %g",
			config->fmin_hz, rate_hz, config->fmax_hz);
	}
	if (config->n_mels % config->n_groups != 0) {
		return hk_diag_set(diag, -EINVAL,
			"n_groups: expected a divisor of n_mels (%u), got %u", config->n_mels,
			config->n_groups);
	}
	if (config->n_cepstra > config->n_mels) {
		return hk_diag_set(diag, -EINVAL, "n_cepstra: expected at most n_mels (%u), got %u",
			config->n_mels, config->n_cepstra);
	}
	r = check_edges("crest_bins", &config->crest_bins, config->n_fft / 2 + 1, diag);
	if (r < 0) {
		return r;
	}
	r = check_edges("modulation_bins", &config->modulation_bins,
		n_window_frames / config->hop / 2 + 1, diag);
	for (uint32_t i = hk_mel_extension_next(config, 0); r == 0 && i < HK_N_MEL_EXTENSIONS;
		i = hk_mel_extension_next(config, i + 1)) {
		if (hk_mel_extensions[i].check) {
			r = hk_mel_extensions[i].check(config, rate_hz, diag);
		}
	}
	return r;
}

const struct hk_profile hk_mel_modulation = {
	.name = "mel-modulation",
	.help = "556 values from one STFT: log mel bands, spectral crest, modulation spectra",
	.params = params,
	.n_params = sizeof(params) / sizeof(params[0]),
	.default_rate_hz = 16000,
	.window_s = 2.0,
	.step_s = 1.0,
	.check = check,
	.n_features = hk_mel_layout_size,
	.feature_name = hk_mel_layout_name,
	.context = context,
	.extractor_new = hk_mel_extractor_new,
	.extractor_free = hk_mel_extractor_free,
	.compute = hk_mel_extractor_compute,
};
