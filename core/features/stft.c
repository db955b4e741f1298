/* SPDX-License-Identifier: MIT */
#include "core/features/stft.h"

#include <errno.h>
#include <kiss_fft.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>

#include "core/math/multiversion.h"

/*
 * A real frame of n_fft points goes through kissfft as one of half as many complex points: even
 * samples are its real, odd ones its imaginary parts. kiss_fftr does that too, and takes the two
 * apart in a scalar loop; here that loop has vectors of everything and ends in the power, the only
 * thing anyone asks for.
 */
struct hk_stft {
	uint32_t n_fft;
	uint32_t win_length;
	double energy;
	kiss_fft_cfg plan;      /* n_half = n_fft / 2 points */
	kiss_fft_cpx *spectrum; /* n_half */
	float *frame;           /* n_fft: windowed input; zeros outside the window stay zero */
	float *hann;            /* win_length */
	float *real, *imag;     /* n_half + 1: the spectrum apart; its end is its beginning */
	float *cosine, *sine;   /* (n_half + 1) / 2: exp(-2 pi i k / n_fft) / 2 */
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

static int allocate(struct hk_stft *stft)
{
	const uint32_t n_half = stft->n_fft / 2;
	stft->plan = kiss_fft_alloc((int)n_half, 0, NULL, NULL);
	stft->spectrum = calloc(n_half, sizeof(*stft->spectrum));
	stft->frame = calloc(stft->n_fft, sizeof(*stft->frame));
	stft->hann = calloc(stft->win_length, sizeof(*stft->hann));
	stft->real = calloc(n_half + 1, sizeof(*stft->real));
	stft->imag = calloc(n_half + 1, sizeof(*stft->imag));
	stft->cosine = calloc((n_half + 1) / 2, sizeof(*stft->cosine));
	stft->sine = calloc((n_half + 1) / 2, sizeof(*stft->sine));
	return stft->plan && stft->spectrum && stft->frame && stft->hann && stft->real &&
			stft->imag && stft->cosine && stft->sine
		? 0
		: -ENOMEM;
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
	if (allocate(stft) < 0) {
		hk_stft_free(stft);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < win_length; i++) {
		const double w = 0.5 - 0.5 * cos(2.0 * M_PI * i / win_length);
		stft->hann[i] = (float)w;
		stft->energy += w * w;
	}
	for (uint32_t k = 0; k < (n_fft / 2 + 1) / 2; k++) {
		stft->cosine[k] = (float)(0.5 * cos(2.0 * M_PI * k / n_fft));
		stft->sine[k] = (float)(-0.5 * sin(2.0 * M_PI * k / n_fft));
	}
	*ret = stft;
	return 0;
}

void hk_stft_free(struct hk_stft *stft)
{
	if (!stft) {
		return;
	}
	kiss_fft_free(stft->plan);
	free(stft->spectrum);
	free(stft->frame);
	free(stft->hann);
	free(stft->real);
	free(stft->imag);
	free(stft->cosine);
	free(stft->sine);
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

HK_INLINE void take_apart_body(ptrdiff_t n, const kiss_fft_cpx *restrict spectrum,
	float *restrict ret_real, float *restrict ret_imag)
{
	for (ptrdiff_t k = 0; k < n; k++) {
		ret_real[k] = spectrum[k].r;
		ret_imag[k] = spectrum[k].i;
	}
	ret_real[n] = ret_real[0];
	ret_imag[n] = ret_imag[0];
}

HK_MULTIVERSION_VOID(take_apart,
	(ptrdiff_t n, const kiss_fft_cpx *restrict spectrum, float *restrict ret_real,
		float *restrict ret_imag),
	(n, spectrum, ret_real, ret_imag))

/*
 * Power of bins k and n - k of the n + 1, but not of the one in the middle: even samples contribute
 * e, odd ones o times exp(-2 pi i k / 2n), and the upper bin is the mirror image of e - o. LOWER is
 * the first bin, UPPER the last.
 */
HK_INLINE void split_body(ptrdiff_t n, const float *restrict real, const float *restrict imag,
	const float *restrict cosine, const float *restrict sine, float *restrict lower,
	float *restrict upper)
{
	for (ptrdiff_t k = 0; k < (n + 1) / 2; k++) {
		const float even_r = 0.5f * (real[k] + real[n - k]);
		const float even_i = 0.5f * (imag[k] - imag[n - k]);
		const float odd_r = imag[k] + imag[n - k];
		const float odd_i = real[n - k] - real[k];
		const float turned_r = odd_r * cosine[k] - odd_i * sine[k];
		const float turned_i = odd_r * sine[k] + odd_i * cosine[k];
		const float low_r = even_r + turned_r, low_i = even_i + turned_i;
		const float high_r = even_r - turned_r, high_i = even_i - turned_i;
		lower[k] = low_r * low_r + low_i * low_i;
		upper[-k] = high_r * high_r + high_i * high_i;
	}
}

HK_MULTIVERSION_VOID(split,
	(ptrdiff_t n, const float *restrict real, const float *restrict imag,
		const float *restrict cosine, const float *restrict sine, float *restrict lower,
		float *restrict upper),
	(n, real, imag, cosine, sine, lower, upper))

void hk_stft_power(struct hk_stft *stft, const float *samples, float *ret_power)
{
	const uint32_t offset = (stft->n_fft - stft->win_length) / 2;
	apply_window(stft->win_length, samples + offset, stft->hann, stft->frame + offset);
	kiss_fft(stft->plan, (const kiss_fft_cpx *)stft->frame, stft->spectrum);
	const uint32_t n = stft->n_fft / 2;
	take_apart(n, stft->spectrum, stft->real, stft->imag);
	split(n, stft->real, stft->imag, stft->cosine, stft->sine, ret_power, ret_power + n);
	if (n % 2 == 0) {
		const float r = stft->real[n / 2], i = stft->imag[n / 2];
		ret_power[n / 2] = r * r + i * i;
	}
}

double hk_stft_window_energy(const struct hk_stft *stft)
{
	return stft->energy;
}
