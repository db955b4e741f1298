/* SPDX-License-Identifier: MIT */
#include "learning/augment/room.h"

#include <errno.h>
#include <kiss_fftr.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define N_FFT 32768            /* a block and the response fit, up to 16 kHz and a second */
#define N_RESPONSE (N_FFT / 2) /* longest response */
#define N_BLOCK (N_FFT / 2)

/* ---- the impulse response ---- */

static double energy(const float *x, size_t n)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++) {
		sum += (double)x[i] * (double)x[i];
	}
	return sum;
}

/* Shapes: ret[N_RESPONSE], zeros. Returns its length. */
static size_t draw_response(float *ret, uint32_t rate_hz, struct hk_random *random)
{
	const double decay_s = hk_random_uniform(random, 0.1, 1.0);
	const size_t wanted = (size_t)(decay_s * rate_hz);
	const size_t n = wanted < N_RESPONSE ? wanted : N_RESPONSE;
	const size_t first = (size_t)(hk_random_uniform(random, 0.001, 0.01) * rate_hz);
	for (size_t i = first; i < n; i++) {
		const double level = pow(10, -3.0 * (double)i / rate_hz / decay_s);
		ret[i] = (float)(level * hk_random_normal(random));
	}
	const double peak = 16 * sqrt(energy(ret, n) / (double)n);
	for (size_t k = 2 + hk_random_index(random, 5); k > 0; k--) {
		const size_t at = 1 + hk_random_index(random, (size_t)(0.03 * rate_hz));
		ret[at] += (float)(peak * hk_random_normal(random));
	}
	/* Scale the room against the direct sound, then both to unit energy. */
	const double room =
		pow(10, -hk_random_uniform(random, -12, 15) / 20) / sqrt(energy(ret, n));
	const double all = 1 / sqrt(1 + room * room * energy(ret, n));
	for (size_t i = 0; i < n; i++) {
		ret[i] = (float)((double)ret[i] * room * all);
	}
	ret[0] = (float)all;
	return n;
}

/* ---- convolution by overlap-add ---- */

struct convolver {
	kiss_fftr_cfg forward, backward;
	float *time;                     /* N_FFT */
	kiss_fft_cpx *response, *signal; /* N_FFT / 2 + 1 */
	float *tail;                     /* N_FFT: what earlier blocks leave for later ones */
};

static void multiply(kiss_fft_cpx *signal, const kiss_fft_cpx *response)
{
	for (size_t i = 0; i <= N_FFT / 2; i++) {
		const kiss_fft_cpx a = signal[i], b = response[i];
		signal[i].r = (a.r * b.r - a.i * b.i) / N_FFT;
		signal[i].i = (a.r * b.i + a.i * b.r) / N_FFT;
	}
}

/* One block of at most N_BLOCK samples, in place. */
static void convolve_block(struct convolver *convolver, float *samples, size_t n)
{
	memset(convolver->time, 0, N_FFT * sizeof(float));
	memcpy(convolver->time, samples, n * sizeof(float));
	kiss_fftr(convolver->forward, convolver->time, convolver->signal);
	multiply(convolver->signal, convolver->response);
	kiss_fftri(convolver->backward, convolver->signal, convolver->time);
	for (size_t i = 0; i < N_FFT; i++) {
		convolver->tail[i] += convolver->time[i];
	}
	memcpy(samples, convolver->tail, n * sizeof(float));
	memmove(convolver->tail, convolver->tail + n, (N_FFT - n) * sizeof(float));
	memset(convolver->tail + N_FFT - n, 0, n * sizeof(float));
}

int hk_room_apply(float *samples, size_t n, uint32_t rate_hz, struct hk_random *random)
{
	struct convolver convolver = {
		.forward = kiss_fftr_alloc(N_FFT, 0, NULL, NULL),
		.backward = kiss_fftr_alloc(N_FFT, 1, NULL, NULL),
		.time = calloc(N_FFT, sizeof(float)),
		.response = calloc(N_FFT / 2 + 1, sizeof(kiss_fft_cpx)),
		.signal = calloc(N_FFT / 2 + 1, sizeof(kiss_fft_cpx)),
		.tail = calloc(N_FFT, sizeof(float)),
	};
	int r = -ENOMEM;
	if (convolver.forward && convolver.backward && convolver.time && convolver.response &&
		convolver.signal && convolver.tail) {
		draw_response(convolver.time, rate_hz, random);
		kiss_fftr(convolver.forward, convolver.time, convolver.response);
		for (size_t at = 0; at < n; at += N_BLOCK) {
			convolve_block(
				&convolver, samples + at, n - at < N_BLOCK ? n - at : N_BLOCK);
		}
		r = 0;
	}
	kiss_fftr_free(convolver.forward);
	kiss_fftr_free(convolver.backward);
	free(convolver.time);
	free(convolver.response);
	free(convolver.signal);
	free(convolver.tail);
	return r;
}
