/* SPDX-License-Identifier: MIT */
#include "core/stft.h"

#include <errno.h>
#include <kiss_fftr.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/fft.h"

struct hk_stft {
	uint32_t n_fft;
	double energy;
	float *window;      /* n_fft, aligned to 64: Hann, zeros on both sides */
	struct hk_fft *fft; /* lengths that are a power of two; the rest is for all others */
	kiss_fftr_cfg plan;
	kiss_fft_cpx *spectrum; /* n_fft / 2 + 1 */
	float *frame;           /* n_fft: windowed samples */
};

bool hk_stft_has_size(uint32_t n_fft)
{
	if (n_fft < 16 || n_fft > 65536 || n_fft % 2 != 0) {
		return false;
	}
	/* kissfft allocates on every call for other factors */
	static const uint32_t factors[] = { 2, 3, 5 };
	uint32_t rest = n_fft;
	for (size_t i = 0; i < sizeof(factors) / sizeof(factors[0]); i++) {
		while (rest % factors[i] == 0) {
			rest /= factors[i];
		}
	}
	return rest == 1;
}

static int make_window(struct hk_stft *stft, uint32_t win_length)
{
	const size_t n_bytes = (stft->n_fft * sizeof(*stft->window) + 63) / 64 * 64;
	stft->window = aligned_alloc(64, n_bytes);
	if (!stft->window) {
		return -ENOMEM;
	}
	memset(stft->window, 0, n_bytes);
	float *hann = stft->window + (stft->n_fft - win_length) / 2;
	for (uint32_t i = 0; i < win_length; i++) {
		const double w = 0.5 - 0.5 * cos(2.0 * M_PI * i / win_length);
		hann[i] = (float)w;
		stft->energy += w * w;
	}
	return 0;
}

static int make_kissfft(struct hk_stft *stft)
{
	stft->plan = kiss_fftr_alloc((int)stft->n_fft, 0, NULL, NULL);
	stft->spectrum = calloc(stft->n_fft / 2 + 1, sizeof(*stft->spectrum));
	stft->frame = calloc(stft->n_fft, sizeof(*stft->frame));
	return stft->plan && stft->spectrum && stft->frame ? 0 : -ENOMEM;
}

int hk_stft_new(struct hk_stft **ret, uint32_t n_fft, uint32_t win_length)
{
	if (!hk_stft_has_size(n_fft) || win_length < 1 || win_length > n_fft) {
		return -EINVAL;
	}
	struct hk_stft *stft = calloc(1, sizeof(*stft));
	if (!stft) {
		return -ENOMEM;
	}
	stft->n_fft = n_fft;
	int error = make_window(stft, win_length);
	if (error == 0) {
		error = hk_fft_has_size(n_fft) ? hk_fft_new(&stft->fft, n_fft) : make_kissfft(stft);
	}
	if (error < 0) {
		hk_stft_free(stft);
		return error;
	}
	*ret = stft;
	return 0;
}

void hk_stft_free(struct hk_stft *stft)
{
	if (!stft) {
		return;
	}
	hk_fft_free(stft->fft);
	kiss_fftr_free(stft->plan);
	free(stft->spectrum);
	free(stft->frame);
	free(stft->window);
	free(stft);
}

void hk_stft_power(struct hk_stft *stft, const float *samples, float *ret_power)
{
	if (stft->fft) {
		hk_fft_power(stft->fft, samples, stft->window, ret_power);
		return;
	}
	for (uint32_t i = 0; i < stft->n_fft; i++) {
		stft->frame[i] = samples[i] * stft->window[i];
	}
	kiss_fftr(stft->plan, stft->frame, stft->spectrum);
	for (uint32_t k = 0; k <= stft->n_fft / 2; k++) {
		const kiss_fft_cpx x = stft->spectrum[k];
		ret_power[k] = x.r * x.r + x.i * x.i;
	}
}

double hk_stft_window_energy(const struct hk_stft *stft)
{
	return stft->energy;
}
