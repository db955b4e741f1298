/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/audio/highpass.h"

#define RATE 16000
#define N_FRAMES (8 * RATE)

static float frames[N_FRAMES];

static double rms(const float *samples, size_t n)
{
	double sum = 0.0;
	for (size_t i = 0; i < n; i++) {
		sum += (double)samples[i] * (double)samples[i];
	}
	return sqrt(sum / (double)n);
}

static void run_all(uint32_t rate_hz)
{
	struct hk_highpass highpass;
	hk_highpass_begin(&highpass, rate_hz);
	hk_highpass_run(&highpass, frames, N_FRAMES);
}

/* Gain in dB of a sine of HZ once the filter has settled. */
static double gain_db(double hz)
{
	for (size_t i = 0; i < N_FRAMES; i++) {
		frames[i] = (float)sin(2.0 * M_PI * hz * (double)i / RATE);
	}
	run_all(RATE);
	return 20.0 * log10(rms(frames + N_FRAMES / 2, N_FRAMES / 2) * sqrt(2.0));
}

static void a_constant_becomes_zero_at_once(void **state)
{
	static const uint32_t rates[] = { 1000, 8000, 48000, 192000 };
	(void)state;
	for (size_t r = 0; r < 4; r++) {
		for (size_t i = 0; i < N_FRAMES; i++) {
			frames[i] = 0.1F;
		}
		run_all(rates[r]);
		for (size_t i = 0; i < N_FRAMES; i++) {
			assert_float_equal(frames[i], 0.0F, 1e-9);
		}
	}
}

/* 0.02 dB: two cycles of the slowest do not fill the half that is measured exactly. */
static void the_gain_is_what_the_header_says(void **state)
{
	(void)state;
	assert_float_equal(gain_db(1.0), -32.4, 0.1);
	assert_float_equal(gain_db(16.0), -1.29, 0.02);
	assert_float_equal(gain_db(50.0), -0.141, 0.02);
	assert_float_equal(gain_db(300.0), -0.004, 0.02);
	assert_float_equal(gain_db(3000.0), 0.0, 0.02);
}

static void noise_on_an_offset_and_on_a_slow_drift_keeps_its_level(void **state)
{
	(void)state;
	unsigned seed = 1;
	for (int kind = 0; kind < 3; kind++) {
		for (size_t i = 0; i < N_FRAMES; i++) {
			const double t = (double)i / RATE;
			const double slow = kind == 0 ? 0.1
				: kind == 1           ? 0.01 * t
						      : 0.05 * sin(2.0 * M_PI * 0.1 * t);
			const double noise = (double)rand_r(&seed) / RAND_MAX - 0.5;
			frames[i] = (float)(slow + 0.001 * sqrt(12.0) * noise);
		}
		run_all(RATE);
		const double level_db = 20.0 * log10(rms(frames, N_FRAMES));
		print_message("kind %d: %.3f dBFS\n", kind, level_db);
		assert_float_equal(level_db, -60.0, 0.3);
	}
}

static void the_result_does_not_depend_on_the_cut(void **state)
{
	static float whole[N_FRAMES];
	(void)state;
	unsigned seed = 2;
	for (size_t i = 0; i < N_FRAMES; i++) { /* then silence, in which the means decay */
		const bool sounds = i < N_FRAMES / 4;
		frames[i] = sounds ? (float)rand_r(&seed) / (float)RAND_MAX - 0.3F : 0.0F;
	}
	memcpy(whole, frames, sizeof(whole));
	struct hk_highpass highpass;
	hk_highpass_begin(&highpass, RATE);
	hk_highpass_run(&highpass, whole, N_FRAMES);
	hk_highpass_begin(&highpass, RATE);
	for (size_t at = 0; at < N_FRAMES;) {
		const size_t n = 1 + (size_t)rand_r(&seed) % 3000;
		const size_t n_now = n < N_FRAMES - at ? n : N_FRAMES - at;
		hk_highpass_run(&highpass, frames + at, n_now);
		at += n_now;
	}
	assert_memory_equal(frames, whole, sizeof(whole));
	assert_float_equal(frames[N_FRAMES - 1], 0.0F, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_constant_becomes_zero_at_once),
		cmocka_unit_test(the_gain_is_what_the_header_says),
		cmocka_unit_test(noise_on_an_offset_and_on_a_slow_drift_keeps_its_level),
		cmocka_unit_test(the_result_does_not_depend_on_the_cut),
	};
	return cmocka_run_group_tests_name("highpass", tests, NULL, NULL);
}
