/* SPDX-License-Identifier: MIT */
#include "core/features/spectrogram/spectrogram.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/features/flatness.h"
#include "core/features/framing.h"
#include "core/features/spectrogram/db_picture.h"
#include "core/features/spectrogram/time_features.h"
#include "core/features/stft.h"

/* spectral_flatness has its own STFT, whatever the picture's is. */
enum { FLATNESS_N_FFT = 2048, FLATNESS_HOP = 512 };

enum { MAX_CELLS = 1 << 20 };

enum {
	ZERO_CROSSINGS,
	MEAN_FLATNESS,
	MAX_AMP,
	MIN_AMP,
	KURTOSIS,
	SKEWNESS,
	N_SCALARS,
};

static const char *const scalar_names[N_SCALARS] = {
	[ZERO_CROSSINGS] = "zero_crossings",
	[MEAN_FLATNESS] = "mean_flatness",
	[MAX_AMP] = "max_amp",
	[MIN_AMP] = "min_amp",
	[KURTOSIS] = "kurtosis",
	[SKEWNESS] = "skewness",
};

static const char *const pad_words[] = {
	[HK_PAD_CONSTANT] = "constant",
	[HK_PAD_REFLECT] = "reflect",
	NULL,
};

static const struct hk_param params[] = {
	{
		.key = "n_fft",
		.type = HK_PARAM_UINT,
		HK_PARAM_AT(struct hk_spectrogram_config, n_fft),
		.min = 16,
		.max = 65536,
		.fallback = "2048",
		.unit = "samples",
		.help = "length of the Fourier transform, an even product of 2, 3 and 5",
	},
	{
		.key = "win_length",
		.type = HK_PARAM_UINT,
		HK_PARAM_AT(struct hk_spectrogram_config, win_length),
		.min = 4,
		.max = 65536,
		.fallback = "2048",
		.unit = "samples",
		.help = "length of the Hann window, at most n_fft; a frame every quarter of it",
	},
	{
		.key = "n_rows",
		.type = HK_PARAM_UINT,
		HK_PARAM_AT(struct hk_spectrogram_config, n_rows),
		.min = 1,
		.max = 32769,
		.fallback = "32",
		.help = "rows of the picture (frequency), at most n_fft / 2 + 1",
	},
	{
		.key = "n_columns",
		.type = HK_PARAM_UINT,
		HK_PARAM_AT(struct hk_spectrogram_config, n_columns),
		.min = 1,
		.max = 65536,
		.fallback = "256",
		.help = "columns of the picture (time)",
	},
	{
		.key = "pad_mode",
		.type = HK_PARAM_ENUM,
		HK_PARAM_AT(struct hk_spectrogram_config, pad_mode),
		.words = pad_words,
		.fallback = "constant",
		.help = "what frames see beyond the window's ends: zeros or its mirror image",
	},
	{
		.key = "zero_crossing_pad",
		.type = HK_PARAM_BOOL,
		HK_PARAM_AT(struct hk_spectrogram_config, zero_crossing_pad),
		.fallback = "no",
		.help = "count the first sample as a zero crossing",
	},
};

_Static_assert(sizeof(struct hk_spectrogram_config) <= HK_PROFILE_CONFIG_SIZE,
	"the parameters fit into hk_profile_config");

struct hk_extractor {
	struct hk_spectrogram_config config;
	struct hk_framing framing;
	struct hk_framing flatness_framing; /* n_fft 0: the picture's frames serve */
	struct hk_stft *stft;
	struct hk_stft *flatness_stft;
	struct hk_db_picture *picture;
	float *power;
};

static uint32_t hop_of(const struct hk_spectrogram_config *config)
{
	return config->win_length / 4;
}

static int check(const void *untyped, uint32_t rate_hz, uint32_t n_window_frames,
	uint32_t n_step_frames, struct hk_diag *diag)
{
	(void)rate_hz;
	(void)n_step_frames;
	const struct hk_spectrogram_config *config = untyped;
	if (!hk_stft_has_size(config->n_fft)) {
		return hk_diag_set(diag, -EINVAL,
			"n_fft: expected an even product of 2, 3 and 5 from 16 to 65536, got %u",
			config->n_fft);
	}
	if (config->win_length < 4 || config->win_length > config->n_fft) {
		return hk_diag_set(diag, -EINVAL, "win_length: expected 4 to n_fft (%u), got %u",
			config->n_fft, config->win_length);
	}
	if (config->n_rows < 1 || config->n_rows > config->n_fft / 2 + 1) {
		return hk_diag_set(diag, -EINVAL,
			"n_rows: expected 1 to n_fft / 2 + 1 (%u), got %u", config->n_fft / 2 + 1,
			config->n_rows);
	}
	if (config->n_columns < 1 || config->n_columns > MAX_CELLS / config->n_rows) {
		return hk_diag_set(diag, -EINVAL,
			"n_columns: expected 1 to %u (%d cells of %u rows), got %u",
			MAX_CELLS / config->n_rows, MAX_CELLS, config->n_rows, config->n_columns);
	}
	if (n_window_frames < 1) {
		return hk_diag_set(diag, -EINVAL, "window: expected at least 1 frame, got 0");
	}
	const uint32_t n_fft = config->n_fft > FLATNESS_N_FFT ? config->n_fft : FLATNESS_N_FFT;
	if (config->pad_mode == HK_PAD_REFLECT && n_window_frames <= n_fft / 2) {
		return hk_diag_set(diag, -EINVAL,
			"pad_mode: reflect needs a window of more than %u frames, got %u",
			n_fft / 2, n_window_frames);
	}
	return 0;
}

static size_t n_features(const void *untyped)
{
	const struct hk_spectrogram_config *config = untyped;
	return N_SCALARS + (size_t)config->n_rows * config->n_columns;
}

static void feature_name(const void *untyped, size_t index, char ret_name[HK_FEATURE_NAME_SIZE])
{
	const struct hk_spectrogram_config *config = untyped;
	if (index < N_SCALARS) {
		snprintf(ret_name, HK_FEATURE_NAME_SIZE, "%s", scalar_names[index]);
		return;
	}
	const uint32_t cell = (uint32_t)(index - N_SCALARS);
	snprintf(ret_name, HK_FEATURE_NAME_SIZE, "db_r%02u_c%03u", cell / config->n_columns,
		cell % config->n_columns);
}

/* The window's ends are padded, as the original pipeline does it; its neighbours are not seen. */
static void context(const void *untyped, uint32_t *ret_n_left, uint32_t *ret_n_right)
{
	(void)untyped;
	*ret_n_left = 0;
	*ret_n_right = 0;
}

static void extractor_free(struct hk_extractor *extractor)
{
	if (!extractor) {
		return;
	}
	hk_framing_finish(&extractor->framing);
	hk_framing_finish(&extractor->flatness_framing);
	hk_stft_free(extractor->stft);
	hk_stft_free(extractor->flatness_stft);
	hk_db_picture_free(extractor->picture);
	free(extractor->power);
	free(extractor);
}

static int extractor_new(struct hk_extractor **ret, const void *untyped, uint32_t rate_hz,
	uint32_t n_window_frames, uint32_t n_step_frames)
{
	(void)rate_hz;
	(void)n_step_frames;
	const struct hk_spectrogram_config *config = untyped;
	struct hk_extractor *extractor = calloc(1, sizeof(*extractor));
	if (!extractor) {
		return -ENOMEM;
	}
	extractor->config = *config;
	const uint32_t n_bins = config->n_fft / 2 + 1;
	uint32_t n_power = n_bins;
	int error = hk_framing_init(&extractor->framing, n_window_frames, config->n_fft,
		hop_of(config), config->pad_mode);
	if (error < 0) {
		goto fail;
	}
	error = hk_stft_new(&extractor->stft, config->n_fft, config->win_length);
	if (error < 0) {
		goto fail;
	}
	error = hk_db_picture_new(&extractor->picture, n_bins, extractor->framing.n_frames,
		config->n_rows, config->n_columns);
	if (error < 0) {
		goto fail;
	}
	if (config->n_fft != FLATNESS_N_FFT || config->win_length != FLATNESS_N_FFT) {
		error = hk_framing_init(&extractor->flatness_framing, n_window_frames,
			FLATNESS_N_FFT, FLATNESS_HOP, config->pad_mode);
		if (error < 0) {
			goto fail;
		}
		error = hk_stft_new(&extractor->flatness_stft, FLATNESS_N_FFT, FLATNESS_N_FFT);
		if (error < 0) {
			goto fail;
		}
		n_power = n_bins > FLATNESS_N_FFT / 2 + 1 ? n_bins : FLATNESS_N_FFT / 2 + 1;
	}
	extractor->power = calloc(n_power, sizeof(*extractor->power));
	if (!extractor->power) {
		error = -ENOMEM;
		goto fail;
	}
	*ret = extractor;
	return 0;

fail:
	extractor_free(extractor);
	return error;
}

/* Adds every frame to the picture. Returns the mean flatness if these frames serve for it. */
static double scan_picture(struct hk_extractor *extractor, const float *samples)
{
	struct hk_framing *framing = &extractor->framing;
	double flatness = 0.0;
	hk_db_picture_begin(extractor->picture);
	for (uint32_t t = 0; t < framing->n_frames; t++) {
		hk_stft_power(
			extractor->stft, hk_framing_frame(framing, samples, t), extractor->power);
		hk_db_picture_add(extractor->picture, extractor->power);
		if (!extractor->flatness_stft) {
			flatness += hk_flatness(extractor->power, framing->n_fft / 2 + 1);
		}
	}
	return flatness / framing->n_frames;
}

static double scan_flatness(struct hk_extractor *extractor, const float *samples)
{
	struct hk_framing *framing = &extractor->flatness_framing;
	double flatness = 0.0;
	for (uint32_t t = 0; t < framing->n_frames; t++) {
		hk_stft_power(extractor->flatness_stft, hk_framing_frame(framing, samples, t),
			extractor->power);
		flatness += hk_flatness(extractor->power, framing->n_fft / 2 + 1);
	}
	return flatness / framing->n_frames;
}

static void compute(
	struct hk_extractor *extractor, const struct hk_window_view *view, float *ret_features)
{
	const float *samples = view->samples;
	struct hk_time_features time;
	hk_time_features(samples, view->n_frames, &time);
	double flatness = scan_picture(extractor, samples);
	if (extractor->flatness_stft) {
		flatness = scan_flatness(extractor, samples);
	}
	ret_features[ZERO_CROSSINGS] =
		(float)(time.n_zero_crossings + extractor->config.zero_crossing_pad);
	ret_features[MEAN_FLATNESS] = (float)flatness;
	ret_features[MAX_AMP] = time.max;
	ret_features[MIN_AMP] = time.min;
	ret_features[KURTOSIS] = (float)time.kurtosis;
	ret_features[SKEWNESS] = (float)time.skewness;
	hk_db_picture_draw(extractor->picture, ret_features + N_SCALARS);
}

const struct hk_profile hk_spectrogram = {
	.name = "spectrogram",
	.help = "six values of the waveform and a dB spectrogram of 32 x 256 cells",
	.params = params,
	.n_params = sizeof(params) / sizeof(params[0]),
	.default_rate_hz = 0,
	.window_s = 2.0,
	.step_s = 1.0,
	.keeps_offset = true,
	.check = check,
	.n_features = n_features,
	.feature_name = feature_name,
	.context = context,
	.extractor_new = extractor_new,
	.extractor_free = extractor_free,
	.compute = compute,
};
