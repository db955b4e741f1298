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

#include "core/audio/intake.h"

#define RATE 8000
#define SECONDS 30
#define N_FRAMES (SECONDS * RATE)
#define STEP (1.0F / 32768.0F)

static float frames[3 * N_FRAMES], mono[N_FRAMES];
static unsigned seed = 1;

static float noise(double rms)
{
	return (float)(rms * sqrt(12.0) * ((double)rand_r(&seed) / RAND_MAX - 0.5));
}

static float tone(size_t i)
{
	return 0.1F * sinf(2.0F * (float)M_PI * 1000.0F * (float)(i % RATE) / RATE);
}

static double level_db(const float *samples, size_t n)
{
	double sum = 0.0;
	for (size_t i = 0; i < n; i++) {
		sum += (double)samples[i] * (double)samples[i];
	}
	return 10.0 * log10(sum / (double)n);
}

static struct hk_intake_counts take(uint32_t n_channels, uint32_t channel, size_t n_frames)
{
	struct hk_intake intake;
	hk_intake_init(&intake, RATE, n_channels, channel);
	hk_intake_push(&intake, frames, n_frames, mono);
	return intake.counts;
}

/* ---- samples that are none ---- */

static void what_is_not_a_number_counts_as_0_and_is_counted(void **state)
{
	const float samples[] = { 0.5F, NAN, INFINITY, -INFINITY, -0.25F, 3e38F, -1e9F, 1.5F };
	const float expected[] = { 0.5F, 0.0F, 0.0F, 0.0F, -0.25F, 0.0F, 0.0F, 1.5F };
	char text[HK_INTAKE_FAULTS_SIZE];
	(void)state;
	memcpy(frames, samples, sizeof(samples));
	const struct hk_intake_counts counts = take(1, 0, 8);
	assert_memory_equal(mono, expected, sizeof(expected));
	assert_int_equal(counts.n_not_numbers, 3);
	assert_int_equal(counts.n_off_scale, 2);
	assert_true(hk_intake_faults_text(&counts, text));
	assert_non_null(strstr(text, "3 samples are NaN or infinite"));
	assert_non_null(strstr(text, "samples reach 3e+38, full scale is 1"));
}

static void faults_of_a_channel_that_is_not_used_do_not_matter(void **state)
{
	(void)state;
	for (size_t i = 0; i < RATE; i++) {
		frames[2 * i] = NAN;
		frames[2 * i + 1] = tone(i);
	}
	const struct hk_intake_counts counts = take(2, 2, RATE);
	assert_int_equal(counts.n_not_numbers, 0);
	assert_true(level_db(mono, RATE) > -24.0);
	assert_true(counts.n_still < 3);
}

static void a_few_glitches_do_not_silence_a_source(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_FRAMES; i++) {
		frames[i] = i % RATE == 17 ? 1e6F : i % RATE == 99 ? NAN : tone(i);
	}
	const struct hk_intake_counts counts = take(1, 0, N_FRAMES);
	assert_int_equal(counts.n_off_scale, SECONDS);
	assert_int_equal(counts.n_not_numbers, SECONDS);
	assert_float_equal(level_db(mono, N_FRAMES), -23.0, 0.1);
}

static void integers_in_floats_are_never_loud(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_FRAMES; i++) {
		const bool quiet = i / RATE % 4 == 1; /* for a second, still at the wrong scale */
		frames[i] = quiet ? roundf(noise(2.0)) : roundf(32768.0F * tone(i));
	}
	const struct hk_intake_counts counts = take(1, 0, N_FRAMES);
	assert_true(level_db(mono, N_FRAMES) < -20.0);
	for (size_t i = RATE; i < N_FRAMES; i++) {
		assert_float_equal(mono[i], 0.0F, 0);
	}
	assert_float_equal(counts.reaches, 3277.0F, 1.0);
	assert_int_equal(counts.still, HK_STILL_OFF_SCALE);
	assert_true(counts.n_still > 25 * RATE);
}

static void a_source_that_mends_its_scale_is_believed_again_after_a_while(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_FRAMES; i++) {
		frames[i] = i < RATE ? 32768.0F * tone(i) : tone(i);
	}
	take(1, 0, N_FRAMES);
	assert_true(level_db(mono + 2 * RATE, RATE) < -100.0);
	assert_float_equal(level_db(mono + 12 * RATE, RATE), -23.0, 0.1);
}

/* ---- stillness ---- */

static void a_source_is_dead_when_no_channel_changes_whatever_its_value(void **state)
{
	static const struct {
		float values[3]; /* in turn */
		enum hk_still still;
	} rows[] = {
		{ { 0.0F, 0.0F, 0.0F }, HK_STILL_ZEROS },
		{ { -STEP, -STEP, -STEP }, HK_STILL_CONSTANT },
		{ { 1.0F, 1.0F, 1.0F }, HK_STILL_CONSTANT },
		{ { 0.0F, -STEP, 0.0F }, HK_STILL_CONSTANT },
		{ { NAN, NAN, NAN }, HK_STILL_NOT_NUMBERS },
		{ { INFINITY, -INFINITY, NAN }, HK_STILL_NOT_NUMBERS },
		{ { 32767.0F, 32767.0F, 32767.0F }, HK_STILL_OFF_SCALE },
	};
	(void)state;
	for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
		for (size_t i = 0; i < 2 * N_FRAMES; i++) { /* two channels out of step */
			frames[i] = rows[k].values[(i + i / 5) % 3];
		}
		const struct hk_intake_counts counts = take(2, 0, N_FRAMES);
		assert_int_equal(counts.n_still, N_FRAMES);
		assert_int_equal(counts.still, rows[k].still);
		print_message("%s\n", hk_still_text(counts.still));
	}
}

static void one_channel_that_lives_is_enough(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_FRAMES; i++) {
		frames[3 * i] = noise(0.0005);
		frames[3 * i + 1] = 0.5F;
		frames[3 * i + 2] = 0.0F;
	}
	assert_true(take(3, 0, N_FRAMES).n_still < 10);
	assert_int_equal(take(3, 0, N_FRAMES).n_cancelled, 0);
	assert_int_equal(take(3, 2, N_FRAMES).n_still, N_FRAMES);
}

/* ---- channels that cancel ---- */

/* Two channels: a tone on noise, the second the other way round, as 16 bits store it. */
static void fill_inverted(double own_noise, bool rounds_down)
{
	for (size_t i = 0; i < N_FRAMES; i++) {
		const float sound = tone(i) + noise(0.001);
		frames[2 * i] = STEP * floorf(32768.0F * sound);
		const float other = 32768.0F * (noise(own_noise) - sound);
		frames[2 * i + 1] = STEP * (rounds_down ? floorf(other) : ceilf(other));
	}
}

static void channels_that_cancel_are_heard_by_one_of_them(void **state)
{
	char text[HK_INTAKE_TEXT_SIZE];
	(void)state;
	for (int kind = 0; kind < 3; kind++) {
		fill_inverted(kind == 2 ? (double)STEP : 0.0, kind == 1);
		const struct hk_intake_counts counts = take(2, 0, N_FRAMES);
		assert_float_equal(level_db(mono + RATE / 10, N_FRAMES - RATE / 10), -23.0, 0.1);
		assert_int_equal(counts.n_cancelled, N_FRAMES - RATE / 10);
		assert_true(counts.alone == 1 || counts.alone == 2);
		assert_true(hk_intake_cancelled_text(&counts, text, sizeof(text)));
		assert_non_null(strstr(text, "channel"));
		assert_non_null(strstr(text, "--channel"));
		assert_true(counts.n_still < 10);
	}
}

static void an_offset_neither_hides_nor_fakes_cancelling_channels(void **state)
{
	(void)state;
	fill_inverted(0.0, true);
	for (size_t i = 0; i < N_FRAMES; i++) {
		frames[2 * i] += 0.2F;
	}
	assert_true(take(2, 0, N_FRAMES).n_cancelled > 0);
	for (size_t i = 0; i < N_FRAMES; i++) {
		frames[2 * i] = noise(0.001) + 0.2F;
		frames[2 * i + 1] = noise(0.001) - 0.2F;
	}
	assert_int_equal(take(2, 0, N_FRAMES).n_cancelled, 0);
}

static void channels_of_a_room_are_mixed_as_ever(void **state)
{
	(void)state;
	for (int kind = 0; kind < 4; kind++) {
		for (size_t i = 0; i < N_FRAMES; i++) {
			const float shared = noise(0.01);
			frames[2 * i] = kind == 0 ? noise(0.01) : shared;
			frames[2 * i + 1] = kind == 1 ? shared : kind == 2 ? 0.0F : noise(0.01);
		}
		assert_int_equal(take(2, 0, N_FRAMES).n_cancelled, 0);
		for (size_t i = 0; i < N_FRAMES; i++) {
			const double mean = ((double)frames[2 * i] + (double)frames[2 * i + 1]) / 2;
			assert_float_equal(mono[i], (float)mean, 0);
		}
	}
}

static void the_mean_is_used_again_when_it_no_longer_cancels(void **state)
{
	(void)state;
	fill_inverted(0.0, false);
	for (size_t i = 2 * RATE; i < N_FRAMES; i++) {
		frames[2 * i + 1] = noise(0.01);
	}
	const struct hk_intake_counts counts = take(2, 0, N_FRAMES);
	assert_true(counts.n_cancelled > 11 * RATE && counts.n_cancelled < 13 * RATE);
}

static void the_result_does_not_depend_on_the_cut(void **state)
{
	static float whole[N_FRAMES];
	struct hk_intake intake;
	(void)state;
	fill_inverted((double)STEP, true);
	for (size_t i = 5 * RATE; i < 6 * RATE; i++) {
		frames[2 * i] *= 32768.0F;
	}
	const struct hk_intake_counts expected = take(2, 0, N_FRAMES);
	memcpy(whole, mono, sizeof(whole));
	hk_intake_init(&intake, RATE, 2, 0);
	for (size_t at = 0; at < N_FRAMES;) {
		const size_t n = 1 + (size_t)rand_r(&seed) % 3000;
		const size_t n_now = n < N_FRAMES - at ? n : N_FRAMES - at;
		hk_intake_push(&intake, frames + 2 * at, n_now, mono + at);
		at += n_now;
	}
	assert_memory_equal(mono, whole, sizeof(whole));
	assert_int_equal(intake.counts.n_off_scale, expected.n_off_scale);
	assert_int_equal(intake.counts.n_cancelled, expected.n_cancelled);
	assert_int_equal(intake.counts.n_still, expected.n_still);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_a_number_counts_as_0_and_is_counted),
		cmocka_unit_test(faults_of_a_channel_that_is_not_used_do_not_matter),
		cmocka_unit_test(a_few_glitches_do_not_silence_a_source),
		cmocka_unit_test(integers_in_floats_are_never_loud),
		cmocka_unit_test(a_source_that_mends_its_scale_is_believed_again_after_a_while),
		cmocka_unit_test(a_source_is_dead_when_no_channel_changes_whatever_its_value),
		cmocka_unit_test(one_channel_that_lives_is_enough),
		cmocka_unit_test(channels_that_cancel_are_heard_by_one_of_them),
		cmocka_unit_test(an_offset_neither_hides_nor_fakes_cancelling_channels),
		cmocka_unit_test(channels_of_a_room_are_mixed_as_ever),
		cmocka_unit_test(the_mean_is_used_again_when_it_no_longer_cancels),
		cmocka_unit_test(the_result_does_not_depend_on_the_cut),
	};
	return cmocka_run_group_tests_name("intake", tests, NULL, NULL);
}
