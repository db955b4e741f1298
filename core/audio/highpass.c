/* SPDX-License-Identifier: MIT */
#include "core/audio/highpass.h"

#include <math.h>
#include <stdbool.h>

/* A mean that only decays would end in denormal numbers, which are slow: below -240 dB it becomes
 * 0, at fixed positions, so that the result does not depend on the cut of the blocks. */
#define NOTHING 1e-12
#define ROUNDING_FRAMES 1024

void hk_highpass_begin(struct hk_highpass *highpass, uint32_t rate_hz)
{
	const double step = -expm1(-2.0 * M_PI * HK_HIGHPASS_HZ / rate_hz);
	const double gain = (2.0 - step) / (2.0 - 2.0 * step); /* of one mean, at half the rate */
	*highpass = (struct hk_highpass){ .step = step, .gain = gain * gain };
}

/* While a stream is young its mean is that of all samples. Returns how many are done with. */
static size_t run_young(struct hk_highpass *highpass, float *samples, size_t n)
{
	size_t i = 0;
	for (; i < n; i++) {
		const double share = 1.0 / (double)(highpass->n_frames + 1);
		if (share < highpass->step) {
			break;
		}
		const double sample = (double)samples[i];
		highpass->means[0] += share * (sample - highpass->means[0]);
		const double rest = sample - highpass->means[0];
		highpass->means[1] += share * (rest - highpass->means[1]);
		samples[i] = (float)(rest - highpass->means[1]);
		highpass->n_frames++;
	}
	return i;
}

/* N samples of a stream that is no longer young, none of them beyond the next rounding. */
static void run_old(struct hk_highpass *highpass, float *samples, size_t n)
{
	const double step = highpass->step, keep = 1.0 - step, gain = highpass->gain;
	double slow = highpass->means[0], rest_mean = highpass->means[1];
	for (size_t i = 0; i < n; i++) {
		/* In this order each mean waits for one product and one sum only. */
		slow = keep * slow + step * (double)samples[i];
		const double rest = (double)samples[i] - slow;
		rest_mean = keep * rest_mean + step * rest;
		samples[i] = (float)(gain * (rest - rest_mean));
	}
	highpass->means[0] = slow;
	highpass->means[1] = rest_mean;
	highpass->n_frames += n;
}

void hk_highpass_run(struct hk_highpass *highpass, float *samples, size_t n)
{
	for (size_t at = run_young(highpass, samples, n); at < n;) {
		const size_t n_until = ROUNDING_FRAMES - highpass->n_frames % ROUNDING_FRAMES;
		const size_t n_now = n - at < n_until ? n - at : n_until;
		run_old(highpass, samples + at, n_now);
		at += n_now;
		if (n_now == n_until) {
			for (size_t i = 0; i < 2; i++) {
				const bool tiny = fabs(highpass->means[i]) < NOTHING;
				highpass->means[i] = tiny ? 0.0 : highpass->means[i];
			}
		}
	}
}
