/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/capture-helper/pcm.h"

static void test_16_bit_samples_are_little_endian_and_signed(void **state)
{
	const uint8_t bytes[] = { 0x00, 0x00, 0xff, 0x7f, 0x00, 0x80, 0x01, 0x00, 0xff, 0xff };
	float samples[5];
	(void)state;
	hk_pcm_decode(bytes, 5, HK_SAMPLE_S16LE, samples);
	/* Exact: 16 bits fit a float. */
	assert_float_equal(samples[0], 0.0, 0);
	assert_float_equal(samples[1], 32767.0F / 32768.0F, 0);
	assert_float_equal(samples[2], -1.0, 0);
	assert_float_equal(samples[3], 1.0F / 32768.0F, 0);
	assert_float_equal(samples[4], -1.0F / 32768.0F, 0);
}

static void test_float_samples_keep_their_bits_even_those_that_are_not_numbers(void **state)
{
	const uint8_t bytes[] = { 0x00, 0x00, 0x40, 0xbf, /* -0.75 */
		0x00, 0x00, 0xc0, 0x7f,                   /* NaN */
		0x00, 0x00, 0x80, 0xff,                   /* -infinity */
		0x00, 0x00, 0x00, 0x40 };                 /* 2 */
	float samples[4];
	(void)state;
	hk_pcm_decode(bytes, 4, HK_SAMPLE_F32LE, samples);
	assert_float_equal(samples[0], -0.75, 0);
	assert_true(isnan(samples[1]));
	assert_true(isinf(samples[2]));
	assert_float_equal(samples[3], 2.0, 0);
}

static void test_a_sample_has_two_bytes_or_four(void **state)
{
	(void)state;
	assert_int_equal(hk_pcm_size(HK_SAMPLE_S16LE), 2);
	assert_int_equal(hk_pcm_size(HK_SAMPLE_F32LE), 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_16_bit_samples_are_little_endian_and_signed),
		cmocka_unit_test(
			test_float_samples_keep_their_bits_even_those_that_are_not_numbers),
		cmocka_unit_test(test_a_sample_has_two_bytes_or_four),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
