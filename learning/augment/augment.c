/* SPDX-License-Identifier: MIT */
#include "learning/augment/augment.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/audio/resample.h"
#include "learning/augment/biquad.h"
#include "learning/augment/room.h"

#define SLOWEST 0.9
#define MAX_SHIFT_S 1.0
#define KEPT_S 3.0 /* enough for a window, however fast and shifted */
#define BUTTERWORTH_Q 0.70710678118654752

size_t hk_augment_room(size_t n)
{
	return (size_t)ceil((double)n / SLOWEST) + 16;
}

static double from_db(double db)
{
	return pow(10, db / 20);
}

static double rms(const float *samples, size_t n)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++) {
		sum += (double)samples[i] * (double)samples[i];
	}
	return n > 0 ? sqrt(sum / (double)n) : 0;
}

static bool chance(struct hk_random *random, double probability)
{
	return hk_random_uniform(random, 0, 1) < probability;
}

static double log_uniform(struct hk_random *random, double low, double high)
{
	return exp(hk_random_uniform(random, log(low), log(high)));
}

/* Cut off the digital zeros before and behind the sound, but for KEPT_S: noise over them would be
 * learnt as the sound. */
static void trim(float *samples, size_t *n, uint32_t rate_hz)
{
	const size_t n_kept = (size_t)(KEPT_S * rate_hz);
	size_t first = 0, end = *n;
	while (end > n_kept && samples[end - 1] == 0.0F) {
		end--;
	}
	while (end - first > n_kept && samples[first] == 0.0F) {
		first++;
	}
	memmove(samples, samples + first, (end - first) * sizeof(*samples));
	*n = end - first;
}

/* ---- speed ---- */

struct sink {
	float *samples;
	size_t n, n_room;
};

static void collect(void *owner, const float *samples, size_t n)
{
	struct sink *sink = owner;
	const size_t n_left = sink->n_room - sink->n;
	n = n < n_left ? n : n_left;
	memcpy(sink->samples + sink->n, samples, n * sizeof(float));
	sink->n += n;
}

/* Play at 0.9, 0.95, 1.05 or 1.1 of the speed, pitch and all. */
static int change_speed(float *samples, size_t *n, uint32_t rate_hz, struct hk_random *random)
{
	static const double speeds[] = { SLOWEST, 0.95, 1.05, 1.1 };
	const double speed = speeds[hk_random_index(random, 4)];
	struct hk_resample *resample;
	struct sink sink = { .samples = samples, .n_room = hk_augment_room(*n) };
	float *copy = malloc((*n + 1) * sizeof(*copy));
	if (!copy) {
		return -ENOMEM;
	}
	memcpy(copy, samples, *n * sizeof(*copy));
	const int r = hk_resample_new(
		&resample, (uint32_t)lround(speed * rate_hz), rate_hz, collect, &sink);
	if (r == 0) {
		hk_resample_push(resample, copy, *n);
		hk_resample_finish(resample);
		hk_resample_free(resample);
		*n = sink.n;
	}
	free(copy);
	return r;
}

/* ---- what else is heard ---- */

static void shift(float *samples, size_t *n, uint32_t rate_hz, struct hk_random *random)
{
	const double room_s = fmin(MAX_SHIFT_S, 0.2 * (double)*n / rate_hz);
	const size_t first = (size_t)(hk_random_uniform(random, 0, room_s) * rate_hz);
	memmove(samples, samples + first, (*n - first) * sizeof(*samples));
	*n -= first;
}

static void mix(
	float *samples, size_t n, const float *partner, size_t n_partner, struct hk_random *random)
{
	const double own = rms(samples, n), other = rms(partner, n_partner);
	const double gain = from_db(-hk_random_uniform(random, 6, 20)) * own / (other + 1e-9);
	size_t at = hk_random_index(random, n_partner);
	for (size_t i = 0; i < n && other > 0; i++) {
		samples[i] += (float)(gain * (double)partner[at]);
		at = at + 1 < n_partner ? at + 1 : 0;
	}
}

/* Noise 5 to 22 dB below: a microphone's white one, or anything up to a brown one. */
static void add_noise(float *samples, size_t n, struct hk_random *random)
{
	const double level = rms(samples, n) * from_db(-hk_random_uniform(random, 5, 22));
	const double pole = chance(random, 0.6) ? 0 : hk_random_uniform(random, 0, 0.95);
	const double drive = sqrt(1 - pole * pole) * level;
	double value = 0;
	for (size_t i = 0; i < n; i++) {
		value = pole * value + drive * hk_random_normal(random);
		samples[i] += (float)value;
	}
}

/* ---- the microphone ---- */

static void filter(float *samples, size_t n, uint32_t rate_hz, struct hk_random *random)
{
	const double top = 0.48 * rate_hz;
	if (chance(random, 0.4)) {
		const double hz = fmin(log_uniform(random, 2000, 7000), top);
		const struct hk_biquad low = hk_biquad_low_pass(hz, BUTTERWORTH_Q, rate_hz);
		for (size_t k = 1 + hk_random_index(random, 4); k > 0; k--) {
			hk_biquad_apply(&low, samples, n);
		}
	}
	if (chance(random, 0.1)) {
		const struct hk_biquad high =
			hk_biquad_high_pass(log_uniform(random, 50, 500), BUTTERWORTH_Q, rate_hz);
		hk_biquad_apply(&high, samples, n);
	}
	if (chance(random, 0.5)) {
		const struct hk_biquad peak =
			hk_biquad_peak(fmin(log_uniform(random, 100, 7000), top),
				hk_random_uniform(random, 0.7, 4), hk_random_uniform(random, -8, 8),
				rate_hz);
		hk_biquad_apply(&peak, samples, n);
	}
}

/* Other gain than the recording's, but never much more: a loud quiet room would be none. */
static void set_gain(float *samples, size_t n, struct hk_random *random)
{
	const double gain = from_db(hk_random_uniform(random, -24, 6));
	for (size_t i = 0; i < n; i++) {
		samples[i] = (float)fmax(-1, fmin(gain * (double)samples[i], 1));
	}
}

int hk_augment(float *samples, size_t *n, uint32_t rate_hz, const float *partner, size_t n_partner,
	struct hk_random *random)
{
	trim(samples, n, rate_hz);
	int r = chance(random, 0.4) ? change_speed(samples, n, rate_hz, random) : 0;
	shift(samples, n, rate_hz, random);
	if (chance(random, 0.15) && partner && n_partner > 0) {
		mix(samples, *n, partner, n_partner, random);
	}
	if (r == 0 && chance(random, 0.6)) {
		r = hk_room_apply(samples, *n, rate_hz, random);
	}
	if (chance(random, 0.75)) {
		add_noise(samples, *n, random);
	}
	filter(samples, *n, rate_hz, random);
	if (chance(random, 0.8)) {
		set_gain(samples, *n, random);
	}
	return r;
}
