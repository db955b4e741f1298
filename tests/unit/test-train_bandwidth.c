/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "learning/base/random.h"
#include "learning/data/bandwidth.h"

#define RATE 16000
#define N (4 * RATE)

static uint32_t end_of(const float *samples, size_t n, uint32_t rate_hz)
{
	struct hk_bandwidth *bandwidth;
	assert_int_equal(hk_bandwidth_new(&bandwidth), 0);
	hk_bandwidth_begin(bandwidth, 96000);
	hk_bandwidth_push(bandwidth, samples, n / 2); /* of the recording before */
	hk_bandwidth_begin(bandwidth, rate_hz);
	for (size_t i = 0; i < n; i += 1000) {
		hk_bandwidth_push(bandwidth, samples + i, n - i < 1000 ? n - i : 1000);
	}
	const uint32_t end_hz = hk_bandwidth_end_hz(bandwidth);
	hk_bandwidth_free(bandwidth);
	return end_hz;
}

static float noise(struct hk_random *random)
{
	return (float)hk_random_index(random, 20001) / 10000.0F - 1.0F;
}

/* White noise as a converter leaves it that ends at END_HZ: a filter of 513 taps, and rounding to
 * 16 bits. */
static void limited_noise(float *ret, double end_hz, float level)
{
	enum { TAPS = 513 };
	static float source[N + TAPS];
	struct hk_random random = hk_random_of(1, 2, 3);
	for (size_t i = 0; i < N + TAPS; i++) {
		source[i] = level * noise(&random);
	}
	double taps[TAPS];
	for (int k = 0; k < TAPS; k++) {
		const double t = (double)(k - TAPS / 2), cut = 2 * 0.95 * end_hz / RATE;
		const double window = 0.42 - 0.5 * cos(2 * M_PI * k / (TAPS - 1)) +
			0.08 * cos(4 * M_PI * k / (TAPS - 1));
		taps[k] = window * (k == TAPS / 2 ? cut : sin(M_PI * cut * t) / (M_PI * t));
	}
	for (size_t i = 0; i < N; i++) {
		double sum = 0;
		for (size_t k = 0; k < TAPS; k++) {
			sum += taps[k] * (double)source[i + k];
		}
		ret[i] = (float)(round(sum * 32767) / 32767);
	}
}

static float samples[N];

static void noise_of_a_lower_rate_ends_there(void **state)
{
	(void)state;
	limited_noise(samples, 4000, 0.2F);
	assert_int_equal(end_of(samples, N, RATE), 4000);
	limited_noise(samples, 4000, 0.01F); /* a quiet room */
	assert_int_equal(end_of(samples, N, RATE), 4000);
	limited_noise(samples, 5512.5, 0.2F);
	assert_int_equal(end_of(samples, N, RATE), 5512);
	assert_int_equal(end_of(samples, N, 32000), 11025); /* the same at twice the rate */
}

static void sound_of_all_frequencies_ends_at_half_the_rate(void **state)
{
	(void)state;
	struct hk_random random = hk_random_of(4, 5, 6);
	float low = 0;
	for (size_t i = 0; i < N; i++) { /* falls off by 6 dB an octave */
		low = 0.95F * low + 0.05F * noise(&random);
		samples[i] = low;
	}
	assert_int_equal(end_of(samples, N, RATE), 8000);
	assert_int_equal(end_of(samples, N, 8000), 4000);
	for (size_t i = 0; i < N; i++) { /* a loud tone just below an edge, and a little noise */
		samples[i] = 0.5F * sinf(2.0F * (float)M_PI * 3400.0F / RATE * (float)i) +
			0.0002F * noise(&random);
	}
	assert_int_equal(end_of(samples, N, RATE), 8000);
	for (size_t i = 0; i < N; i++) { /* nothing but a tone */
		samples[i] = 0.5F * sinf(2.0F * (float)M_PI * 3400.0F / RATE * (float)i);
	}
	assert_int_equal(end_of(samples, N, RATE), 8000);
}

static void what_is_too_short_or_silent_is_not_judged(void **state)
{
	(void)state;
	limited_noise(samples, 4000, 0.2F);
	assert_int_equal(end_of(samples, 8000, RATE), 8000);
	for (size_t i = 0; i < N; i++) {
		samples[i] = 0;
	}
	assert_int_equal(end_of(samples, N, RATE), 8000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(noise_of_a_lower_rate_ends_there),
		cmocka_unit_test(sound_of_all_frequencies_ends_at_half_the_rate),
		cmocka_unit_test(what_is_too_short_or_silent_is_not_judged),
	};
	return cmocka_run_group_tests_name("train_bandwidth", tests, NULL, NULL);
}
