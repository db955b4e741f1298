/* SPDX-License-Identifier: MIT */
#include "core/stft.h"

#include <errno.h>
#include <kiss_fftr.h>
#include <math.h>
#include <stdlib.h>

#include "core/multiversion.h"

struct hk_stft {
	uint32_t n_fft;
	uint32_t win_length;
	double energy;
	kiss_fftr_cfg plan;
	kiss_fft_cpx *spectrum; /* n_fft / 2 + 1 */
	float *frame;           /* n_fft: windowed input; zeros outside the window stay zero */
	float *hann;            /* win_length */
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
	stft->win_length = win_length;
	stft->plan = kiss_fftr_alloc((int)n_fft, 0, NULL, NULL);
	stft->spectrum = calloc(n_fft / 2 + 1, sizeof(*stft->spectrum));
	stft->frame = calloc(n_fft, sizeof(*stft->frame));
	stft->hann = calloc(win_length, sizeof(*stft->hann));
	if (!stft->plan || !stft->spectrum || !stft->frame || !stft->hann) {
		hk_stft_free(stft);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < win_length; i++) {
		const double w = 0.5 - 0.5 * cos(2.0 * M_PI * i / win_length);
		stft->hann[i] = (float)w;
		stft->energy += w * w;
	}
	*ret = stft;
	return 0;
}

void hk_stft_free(struct hk_stft *stft)
{
	if (!stft) {
		return;
	}
	kiss_fftr_free(stft->plan);
	free(stft->spectrum);
	free(stft->frame);
	free(stft->hann);
	free(stft);
}

HK_INLINE void apply_window_body(uint32_t n, const float *restrict samples,
	const float *restrict window, float *restrict ret_frame)
{
	for (uint32_t i = 0; i < n; i++) {
		ret_frame[i] = samples[i] * window[i];
	}
}

HK_MULTIVERSION_VOID(apply_window,
	(uint32_t n, const float *restrict samples, const float *restrict window,
		float *restrict ret_frame),
	(n, samples, window, ret_frame))

HK_INLINE void power_of_body(
	uint32_t n, const kiss_fft_cpx *restrict spectrum, float *restrict ret_power)
{
	for (uint32_t k = 0; k < n; k++) {
		const kiss_fft_cpx x = spectrum[k];
		ret_power[k] = x.r * x.r + x.i * x.i;
	}
}

HK_MULTIVERSION_VOID(power_of,
	(uint32_t n, const kiss_fft_cpx *restrict spectrum, float *restrict ret_power),
	(n, spectrum, ret_power))

void hk_stft_power(struct hk_stft *stft, const float *samples, float *ret_power)
{
	const uint32_t offset = (stft->n_fft - stft->win_length) / 2;
	apply_window(stft->win_length, samples + offset, stft->hann, stft->frame + offset);
	kiss_fftr(stft->plan, stft->frame, stft->spectrum);
	power_of(stft->n_fft / 2 + 1, stft->spectrum, ret_power);
}

double hk_stft_window_energy(const struct hk_stft *stft)
{
	return stft->energy;
}
