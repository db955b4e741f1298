/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/audio/resample.h"

struct output {
	float *samples;
	size_t n_samples, n_allocated;
};

static void collect(void *owner, const float *samples, size_t n_samples)
{
	struct output *output = owner;
	assert_true(n_samples > 0);
	if (output->n_samples + n_samples > output->n_allocated) {
		output->n_allocated = 2 * (output->n_samples + n_samples);
		output->samples =
			realloc(output->samples, output->n_allocated * sizeof(*output->samples));
		assert_non_null(output->samples);
	}
	memcpy(output->samples + output->n_samples, samples, n_samples * sizeof(*samples));
	output->n_samples += n_samples;
}

/* Rates that sound cards and files have, against the models' rate. */
static const uint32_t rates[][2] = { { 44100, 16000 }, { 48000, 16000 }, { 8000, 16000 },
	{ 192000, 16000 }, { 16000, 44100 }, { 44101, 16000 }, { 16000, 16000 } };
#define N_RATES (sizeof(rates) / sizeof(rates[0]))

static struct hk_resample *new_resample(uint32_t in_hz, uint32_t out_hz, struct output *output)
{
	struct hk_resample *resample = NULL;
	*output = (struct output){ 0 };
	assert_int_equal(hk_resample_new(&resample, in_hz, out_hz, collect, output), 0);
	return resample;
}

static float *noise(size_t n)
{
	float *samples = malloc((n + 1) * sizeof(*samples));
	assert_non_null(samples);
	uint32_t x = 1;
	for (size_t i = 0; i < n; i++) {
		x = x * 1664525 + 1013904223;
		samples[i] = (float)(x >> 8) / 16777216.0F - 0.5F;
	}
	return samples;
}

static void impossible_rates_are_refused(void **state)
{
	(void)state;
	struct hk_resample *resample = NULL;
	assert_int_equal(hk_resample_new(&resample, 999, 16000, collect, NULL), -EINVAL);
	assert_int_equal(hk_resample_new(&resample, 768001, 16000, collect, NULL), -EINVAL);
	assert_int_equal(hk_resample_new(&resample, 16000, 0, collect, NULL), -EINVAL);
	assert_int_equal(hk_resample_new(&resample, 16000, UINT32_MAX, collect, NULL), -EINVAL);
	assert_null(resample);
}

static void equal_rates_pass_through_bit_for_bit(void **state)
{
	(void)state;
	struct output output;
	struct hk_resample *resample = new_resample(44100, 44100, &output);
	float *input = noise(5000);
	hk_resample_push(resample, input, 3000);
	assert_int_equal(output.n_samples, 3000);
	hk_resample_push(resample, input + 3000, 2000);
	hk_resample_finish(resample);
	assert_int_equal(output.n_samples, 5000);
	assert_memory_equal(output.samples, input, 5000 * sizeof(*input));
	hk_resample_free(resample);
	free(output.samples);
	free(input);
}

static void a_stream_of_n_frames_becomes_n_out_over_in_rounded_up(void **state)
{
	(void)state;
	const size_t lengths[] = { 0, 1, 2, 3, 441, 442, 1023, 4097, 44100, 100001 };
	float *input = noise(100001);
	for (size_t i = 0; i < N_RATES; i++) {
		struct output output;
		struct hk_resample *resample = new_resample(rates[i][0], rates[i][1], &output);
		for (size_t k = 0; k < sizeof(lengths) / sizeof(lengths[0]); k++) {
			output.n_samples = 0;
			assert_int_equal(hk_resample_push(resample, input, lengths[k]), 0);
			hk_resample_finish(resample);
			const uint64_t n = (uint64_t)lengths[k] * rates[i][1];
			assert_int_equal(output.n_samples, (n + rates[i][0] - 1) / rates[i][0]);
		}
		hk_resample_free(resample);
		free(output.samples);
	}
	free(input);
}

static void output_does_not_depend_on_how_the_input_was_cut(void **state)
{
	(void)state;
	const char *seed_text = getenv("HEARKEN_TEST_SEED");
	const unsigned seed = seed_text ? (unsigned)strtoul(seed_text, NULL, 10) : 1;
	print_message("seed %u (set HEARKEN_TEST_SEED)\n", seed);
	srand(seed);
	const size_t n_frames = 60000;
	float *input = noise(n_frames);
	for (size_t i = 0; i < N_RATES; i++) {
		struct output whole;
		struct hk_resample *resample = new_resample(rates[i][0], rates[i][1], &whole);
		hk_resample_push(resample, input, n_frames);
		hk_resample_finish(resample);
		for (int round = 0; round < 5; round++) {
			struct output cut;
			struct hk_resample *other = new_resample(rates[i][0], rates[i][1], &cut);
			for (size_t done = 0; done < n_frames;) {
				size_t n = (size_t)rand() % (rand() % 3 ? 20 : 8000);
				n = n < n_frames - done ? n : n_frames - done;
				assert_int_equal(hk_resample_push(other, input + done, n), 0);
				done += n;
			}
			hk_resample_finish(other);
			assert_int_equal(cut.n_samples, whole.n_samples);
			assert_memory_equal(cut.samples, whole.samples,
				whole.n_samples * sizeof(*whole.samples));
			hk_resample_free(other);
			free(cut.samples);
		}
		hk_resample_free(resample);
		free(whole.samples);
	}
	free(input);
}

static void a_second_stream_knows_nothing_of_the_first(void **state)
{
	(void)state;
	float *input = noise(20000);
	for (size_t i = 0; i < N_RATES; i++) {
		struct output output;
		struct hk_resample *resample = new_resample(rates[i][0], rates[i][1], &output);
		hk_resample_push(resample, input, 10000);
		hk_resample_finish(resample);
		const size_t n = output.n_samples;
		hk_resample_push(resample, input + 10000, 777);
		hk_resample_finish(resample);
		const size_t second = output.n_samples;
		hk_resample_push(resample, input, 10000);
		hk_resample_finish(resample);
		assert_int_equal(output.n_samples - second, n);
		assert_memory_equal(
			output.samples, output.samples + second, n * sizeof(*output.samples));
		hk_resample_free(resample);
		free(output.samples);
	}
	free(input);
}

static void a_sine_keeps_its_amplitude_and_stands_where_it_stood(void **state)
{
	(void)state;
	/* 2e-6: the quality is 20 bits, 1e-6; a
	 * delay wrong by a thousandth of an output frame would give 4e-4. The ends are left out:
	 * there the sine starts and stops. */
	for (size_t i = 0; i < N_RATES; i++) {
		const double in_hz = rates[i][0];
		const double out_hz = rates[i][1];
		const size_t n_frames = rates[i][0];
		float *input = malloc(n_frames * sizeof(*input));
		assert_non_null(input);
		for (size_t k = 0; k < n_frames; k++) {
			input[k] = (float)(0.5 * sin(2.0 * M_PI * 997.0 * (double)k / in_hz));
		}
		struct output output;
		struct hk_resample *resample = new_resample(rates[i][0], rates[i][1], &output);
		hk_resample_push(resample, input, n_frames);
		hk_resample_finish(resample);
		double worst = 0.0;
		for (size_t k = rates[i][1] / 20; k < output.n_samples - rates[i][1] / 20; k++) {
			const double expected = 0.5 * sin(2.0 * M_PI * 997.0 * (double)k / out_hz);
			worst = fmax(worst, fabs((double)output.samples[k] - expected));
		}
		print_message("%u to %u Hz: worst error %.1e\n", rates[i][0], rates[i][1], worst);
		assert_true(worst < 2e-6);
		hk_resample_free(resample);
		free(output.samples);
		free(input);
	}
}

static void what_the_new_rate_cannot_carry_is_removed(void **state)
{
	(void)state;
	/* 12 kHz would fold to 4 kHz at 16 kHz. 1e-5: 20 bits are 1e-6. */
	struct output output;
	struct hk_resample *resample = new_resample(48000, 16000, &output);
	float input[48000];
	for (size_t k = 0; k < 48000; k++) {
		input[k] = (float)sin(2.0 * M_PI * 12000.0 * (double)k / 48000.0 + 0.3);
	}
	hk_resample_push(resample, input, 48000);
	hk_resample_finish(resample);
	for (size_t k = 800; k < output.n_samples - 800; k++) {
		assert_true(fabsf(output.samples[k]) < 1e-5F);
	}
	hk_resample_free(resample);
	free(output.samples);
}

static void digital_zeros_stay_digital_zeros(void **state)
{
	(void)state;
	static const float zeros[30000];
	struct output output;
	struct hk_resample *resample = new_resample(44100, 16000, &output);
	hk_resample_push(resample, zeros, 30000);
	hk_resample_finish(resample);
	for (size_t k = 0; k < output.n_samples; k++) {
		assert_true(output.samples[k] == 0.0F);
	}
	hk_resample_free(resample);
	free(output.samples);
}

static void positions_map_exactly_over_years(void **state)
{
	(void)state;
	assert_int_equal(hk_resample_position(0, 16000, 44100), 0);
	assert_int_equal(hk_resample_position(1, 16000, 44100), 2);
	assert_int_equal(hk_resample_position(160, 16000, 44100), 441);
	assert_int_equal(hk_resample_position(5, 44100, 16000), 1);
	/* 1000 years: a product of frame and rate would not fit. */
	const uint64_t seconds = UINT64_C(31557600000);
	assert_true(
		hk_resample_position(seconds * 16000 + 1, 16000, 768000) == seconds * 768000 + 48);
	assert_true(hk_resample_position(seconds * 44101 + 3, 44101, 44101) == seconds * 44101 + 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(impossible_rates_are_refused),
		cmocka_unit_test(equal_rates_pass_through_bit_for_bit),
		cmocka_unit_test(a_stream_of_n_frames_becomes_n_out_over_in_rounded_up),
		cmocka_unit_test(output_does_not_depend_on_how_the_input_was_cut),
		cmocka_unit_test(a_second_stream_knows_nothing_of_the_first),
		cmocka_unit_test(a_sine_keeps_its_amplitude_and_stands_where_it_stood),
		cmocka_unit_test(what_the_new_rate_cannot_carry_is_removed),
		cmocka_unit_test(digital_zeros_stay_digital_zeros),
		cmocka_unit_test(positions_map_exactly_over_years),
	};
	return cmocka_run_group_tests_name("resample", tests, NULL, NULL);
}
