/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "learning/scoring/treatment.h"

#define RATE 48000
#define N RATE
#define RMS 0.1

static float sound[N];

static void fill_tone(double hz)
{
	for (int i = 0; i < N; i++) {
		sound[i] = (float)(RMS * sqrt(2) * sin(2 * M_PI * hz * i / RATE));
	}
}

/* As quiet as can be, but a source that is on. */
static void fill_quiet(void)
{
	for (int i = 0; i < N; i++) {
		sound[i] = 1e-9F;
	}
}

static double rms_of(const float *x, size_t n)
{
	double energy = 0;
	for (size_t i = 0; i < n; i++) {
		energy += (double)x[i] * (double)x[i];
	}
	return sqrt(energy / (double)n);
}

/* `sound`, treated; in blocks of BLOCK. */
static void apply(enum hk_degradation degradation, double level_dbfs, uint64_t item, size_t block)
{
	const struct hk_treatment treatment = { degradation, level_dbfs, 0, 7 };
	struct hk_treater *treater;
	assert_int_equal(hk_treater_new(&treater, &treatment, item, RATE, 16000, RMS), 0);
	for (size_t i = 0; i < N; i += block) {
		hk_treater_apply(treater, sound + i, N - i < block ? N - i : block);
	}
	hk_treater_free(treater);
}

static double db(double ratio)
{
	return 20 * log10(ratio);
}

static void nothing_is_done_to_a_recording_as_it_is(void **state)
{
	(void)state;
	static float before[N];
	fill_tone(1000);
	memcpy(before, sound, sizeof(before));
	apply(HK_DEGRADE_NONE, (double)NAN, 0, 1000);
	assert_memory_equal(before, sound, sizeof(before));
}

static void gain_and_level_are_what_they_say(void **state)
{
	(void)state;
	fill_tone(1000);
	apply(HK_DEGRADE_GAIN, (double)NAN, 0, 1000);
	assert_true(fabs(db(rms_of(sound, N) / RMS) + 20) < 0.01);
	fill_tone(1000);
	apply(HK_DEGRADE_NONE, -35, 0, 1000);
	assert_true(fabs(db(rms_of(sound, N)) + 35) < 0.01);
}

static void the_model_hears_the_noise_as_far_below_as_it_says(void **state)
{
	(void)state;
	/* At three times the model's rate a third of the noise's power lies in its band. The power
	 * of 48000 normal values scatters by 0.03 dB. */
	fill_quiet();
	apply(HK_DEGRADE_NOISE_10, (double)NAN, 0, N);
	assert_true(fabs(db(rms_of(sound, N) / RMS) - (-10 + 10 * log10(3))) < 0.2);
	fill_quiet();
	apply(HK_DEGRADE_NOISE_20, (double)NAN, 0, N);
	assert_true(fabs(db(rms_of(sound, N) / RMS) - (-20 + 10 * log10(3))) < 0.2);
}

static void nothing_is_added_to_a_source_that_is_off(void **state)
{
	(void)state;
	static const enum hk_degradation degradations[] = { HK_DEGRADE_NOISE_10,
		HK_DEGRADE_REVERB };
	for (size_t i = 0; i < sizeof(degradations) / sizeof(degradations[0]); i++) {
		memset(sound, 0, sizeof(sound));
		sound[0] = 0.5F;
		sound[N / 2] = 0.5F;
		apply(degradations[i], (double)NAN, 0, 1000);
		assert_true(rms_of(sound + 1, RATE / 10) > 0); /* perhaps a quiet moment */
		assert_true(rms_of(sound + 1 + RATE / 10, N / 2 - 1 - RATE / 10) == 0.0);
		assert_true(rms_of(sound + N / 2 + 1, RATE / 10) > 0);
	}
}

static void noise_depends_on_the_recording_and_not_on_the_blocks(void **state)
{
	(void)state;
	static float first[N];
	fill_quiet();
	apply(HK_DEGRADE_NOISE_10, (double)NAN, 3, N);
	memcpy(first, sound, sizeof(first));
	fill_quiet();
	apply(HK_DEGRADE_NOISE_10, (double)NAN, 3, 777);
	assert_memory_equal(first, sound, sizeof(first));
	fill_quiet();
	apply(HK_DEGRADE_NOISE_10, (double)NAN, 4, N);
	assert_memory_not_equal(first, sound, sizeof(first));
}

static void the_low_pass_is_a_butterworth_of_order_8(void **state)
{
	(void)state;
	/* scipy.signal.butter(8, 4000, fs=48000): the bilinear transform warps 8 kHz a little */
	const struct {
		double hz, db;
	} expected[] = { { 1000, 0 }, { 4000, -3.01 }, { 6000, -30.27 }, { 8000, -53.34 } };
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		fill_tone(expected[i].hz);
		apply(HK_DEGRADE_LOW_PASS, (double)NAN, 0, 1000);
		/* once it has settled */
		assert_true(fabs(db(rms_of(sound + N / 2, N / 2) / RMS) - expected[i].db) < 0.05);
	}
}

static void a_room_rings_as_loud_as_the_sound_and_decays_in_time(void **state)
{
	(void)state;
	fill_quiet();
	sound[0] = 1;
	apply(HK_DEGRADE_REVERB, (double)NAN, 0, 1000);
	assert_true(sound[0] == 1.0F);
	double ring = 0, early = 0, late = 0;
	for (int i = 1; i < N; i++) {
		ring += (double)sound[i] * (double)sound[i];
		early += i < RATE / 10 ? (double)sound[i] * (double)sound[i] : 0;
		late += i >= RATE * 6 / 10 && i < RATE * 7 / 10
			? (double)sound[i] * (double)sound[i]
			: 0;
	}
	/* combs whose echoes meet add up a little differently */
	assert_true(fabs(10 * log10(ring)) < 1.5);
	assert_true(fabs(10 * log10(late / early) + 60) < 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_done_to_a_recording_as_it_is),
		cmocka_unit_test(gain_and_level_are_what_they_say),
		cmocka_unit_test(the_model_hears_the_noise_as_far_below_as_it_says),
		cmocka_unit_test(nothing_is_added_to_a_source_that_is_off),
		cmocka_unit_test(noise_depends_on_the_recording_and_not_on_the_blocks),
		cmocka_unit_test(the_low_pass_is_a_butterworth_of_order_8),
		cmocka_unit_test(a_room_rings_as_loud_as_the_sound_and_decays_in_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
