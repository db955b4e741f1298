/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "learning/augment/augment.h"
#include "learning/augment/biquad.h"
#include "learning/augment/room.h"
#include "tests/unit/rounds.h"

#define RATE 16000

/* Gain of BIQUAD for a sine of HZ, once it has settled. */
static double gain_at(const struct hk_biquad *biquad, double hz)
{
	static float samples[RATE];
	double in = 0, out = 0;
	for (size_t i = 0; i < RATE; i++) {
		samples[i] = (float)sin(2 * M_PI * hz * (double)i / RATE);
	}
	hk_biquad_apply(biquad, samples, RATE);
	for (size_t i = RATE / 2; i < RATE; i++) {
		in += 0.5;
		out += (double)samples[i] * (double)samples[i];
	}
	return sqrt(out / in);
}

static void filters_pass_and_stop_where_they_should(void **state)
{
	(void)state;
	const struct hk_biquad low = hk_biquad_low_pass(1000, sqrt(0.5), RATE);
	const struct hk_biquad high = hk_biquad_high_pass(1000, sqrt(0.5), RATE);
	const struct hk_biquad peak = hk_biquad_peak(1000, 2, 6, RATE);
	const struct hk_biquad dip = hk_biquad_peak(1000, 2, -6, RATE);
	assert_true(fabs(gain_at(&low, 50) - 1) < 0.01);
	assert_true(fabs(gain_at(&low, 1000) - sqrt(0.5)) < 0.01);
	assert_true(gain_at(&low, 6000) < 0.02);
	assert_true(gain_at(&high, 50) < 0.01);
	assert_true(fabs(gain_at(&high, 1000) - sqrt(0.5)) < 0.01);
	assert_true(fabs(gain_at(&high, 6000) - 1) < 0.01);
	assert_true(fabs(gain_at(&peak, 1000) - pow(10, 6 / 20.0)) < 0.01);
	assert_true(fabs(gain_at(&dip, 1000) - pow(10, -6 / 20.0)) < 0.01);
	assert_true(fabs(gain_at(&peak, 50) - 1) < 0.01);
}

#define N_ROOM 60000 /* longer than a block of the convolution */

/* The same room's answer to an impulse at AT. */
static void impulse_response(float *ret, size_t at)
{
	struct hk_random random = hk_random_of(5, 0, 0);
	memset(ret, 0, N_ROOM * sizeof(*ret));
	ret[at] = 1;
	assert_int_equal(hk_room_apply(ret, N_ROOM, RATE, &random), 0);
}

static void a_room_answers_alike_at_any_time(void **state)
{
	(void)state;
	static float first[N_ROOM], later[N_ROOM];
	static const size_t places[] = { 1, 16383, 16384, 30000 };
	double energy = 0;
	impulse_response(first, 0);
	for (size_t i = 0; i < N_ROOM; i++) {
		energy += (double)first[i] * (double)first[i];
	}
	assert_true(fabs(energy - 1) < 1e-3);
	assert_true(fabs((double)first[2000]) > 0); /* it has a tail */
	for (size_t p = 0; p < sizeof(places) / sizeof(places[0]); p++) {
		const size_t at = places[p];
		impulse_response(later, at);
		for (size_t i = 0; i < N_ROOM; i++) {
			const double expected = i < at ? 0 : (double)first[i - at];
			/* float32 transforms of 32768 points */
			assert_true(fabs((double)later[i] - expected) < 1e-5);
		}
	}
}

#define N_PIECE 48000

static void draw_piece(float *samples, uint64_t seed)
{
	struct hk_random random = hk_random_of(seed, 1, 2);
	for (size_t i = 0; i < N_PIECE; i++) {
		samples[i] = (float)(0.1 * hk_random_normal(&random));
	}
}

static void copies_are_finite_within_scale_and_not_much_shorter(void **state)
{
	(void)state;
	float *samples = malloc(hk_augment_room(N_PIECE) * sizeof(*samples));
	float *partner = malloc(N_PIECE * sizeof(*partner));
	assert_true(samples && partner);
	draw_piece(partner, 99);
	for (uint64_t seed = 0; seed < rounds(60); seed++) {
		struct hk_random random = hk_random_of(seed, 0, 0);
		size_t n = N_PIECE;
		double energy = 0;
		draw_piece(samples, seed);
		assert_int_equal(
			hk_augment(samples, &n, RATE, partner, seed % 2 ? 7000 : 0, &random), 0);
		/* a tenth faster, then at most a fifth cut off */
		assert_in_range(n, (size_t)(N_PIECE / 1.1 * 0.8) - 2, hk_augment_room(N_PIECE));
		for (size_t i = 0; i < n; i++) {
			assert_true(isfinite(samples[i]) && fabsf(samples[i]) < 10);
			energy += (double)samples[i] * (double)samples[i];
		}
		assert_true(energy > 0);
	}
	free(samples);
	free(partner);
}

static void the_same_seed_gives_the_same_copy_and_another_seed_another(void **state)
{
	(void)state;
	float *copies[3];
	size_t n[3];
	for (int k = 0; k < 3; k++) {
		struct hk_random random = hk_random_of(k < 2 ? 7 : 8, 0, 0);
		copies[k] = malloc(hk_augment_room(N_PIECE) * sizeof(float));
		assert_non_null(copies[k]);
		n[k] = N_PIECE;
		draw_piece(copies[k], 1);
		assert_int_equal(hk_augment(copies[k], &n[k], RATE, NULL, 0, &random), 0);
	}
	assert_int_equal(n[0], n[1]);
	assert_memory_equal(copies[0], copies[1], n[0] * sizeof(float));
	assert_true(n[0] != n[2] || memcmp(copies[0], copies[2], n[0] * sizeof(float)) != 0);
	for (int k = 0; k < 3; k++) {
		free(copies[k]);
	}
}

static void zeros_around_a_sound_are_cut_off(void **state)
{
	(void)state;
	const size_t n_long = 10 * RATE;
	float *samples = malloc(hk_augment_room(n_long) * sizeof(*samples));
	assert_non_null(samples);
	for (uint64_t seed = 0; seed < rounds(20); seed++) {
		struct hk_random random = hk_random_of(seed, 0, 0);
		size_t n = n_long;
		memset(samples, 0, n * sizeof(*samples));
		draw_piece(samples + 2 * RATE, seed);
		assert_int_equal(hk_augment(samples, &n, RATE, NULL, 0, &random), 0);
		assert_in_range(n, (size_t)(N_PIECE / 1.1 * 0.8) - 2, hk_augment_room(N_PIECE));
	}
	free(samples);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filters_pass_and_stop_where_they_should),
		cmocka_unit_test(a_room_answers_alike_at_any_time),
		cmocka_unit_test(copies_are_finite_within_scale_and_not_much_shorter),
		cmocka_unit_test(zeros_around_a_sound_are_cut_off),
		cmocka_unit_test(the_same_seed_gives_the_same_copy_and_another_seed_another),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
