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

#include "core/features/live_spectrogram.h"

#define MAX_COLUMNS 256

struct columns {
	size_t n;
	struct hk_live_spectrogram_column columns[MAX_COLUMNS];
};

static void keep(void *owner, const struct hk_live_spectrogram_column *column)
{
	struct columns *columns = owner;
	assert_true(columns->n < MAX_COLUMNS);
	columns->columns[columns->n++] = *column;
}

static void sine(float *frames, size_t n_frames, double hz, double rate_hz, double amplitude)
{
	for (size_t i = 0; i < n_frames; i++) {
		frames[i] = (float)(amplitude * sin(2 * M_PI * hz * (double)i / rate_hz));
	}
}

static void a_tone_is_brightest_in_its_row_at_its_level(void **state)
{
	(void)state;
	static const uint32_t rates[] = { 8000, 16000, 44100, 48000, 192000 };
	static float frames[192000];
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		struct columns columns = { 0 };
		struct hk_live_spectrogram *picture;
		assert_int_equal(hk_live_spectrogram_new(&picture, rates[i], keep, &columns), 0);
		sine(frames, rates[i], 1000, rates[i], 0.1);
		hk_live_spectrogram_push(picture, 0, frames, rates[i]);
		assert_int_equal(columns.n, 50);
		const struct hk_live_spectrogram_column *last = &columns.columns[49];
		assert_int_equal(
			last->first_frame, 49 * hk_live_spectrogram_column_frames(picture));
		unsigned brightest = 0;
		for (unsigned row = 1; row < HK_LIVE_SPECTROGRAM_ROWS; row++) {
			brightest = last->db[row] > last->db[brightest] ? row : brightest;
		}
		/* a row's edges fall on whole bins, of 25 Hz at most */
		assert_true(hk_live_spectrogram_row_hz(rates[i], brightest) <= 1000 + 25);
		assert_true(hk_live_spectrogram_row_hz(rates[i], brightest + 1) >= 1000 - 25);
		/* between two bins a Hann window loses up to 1.4 dB */
		assert_true(last->db[brightest] <= -20 && last->db[brightest] >= -22);
		assert_float_equal(last->maximum, 0.1, 0.002);
		assert_float_equal(last->minimum, -0.1, 0.002);
		hk_live_spectrogram_free(picture);
	}
}

static void silence_is_as_dark_as_can_be(void **state)
{
	(void)state;
	struct columns columns = { 0 };
	struct hk_live_spectrogram *picture;
	static const float zeros[1600];
	assert_int_equal(hk_live_spectrogram_new(&picture, 16000, keep, &columns), 0);
	hk_live_spectrogram_push(picture, 0, zeros, 1600);
	assert_int_equal(columns.n, 5);
	for (unsigned row = 0; row < HK_LIVE_SPECTROGRAM_ROWS; row++) {
		assert_int_equal(columns.columns[4].db[row], HK_LIVE_SPECTROGRAM_FLOOR_DB);
	}
	hk_live_spectrogram_free(picture);
}

static void columns_do_not_depend_on_the_blocks(void **state)
{
	(void)state;
	static struct columns whole, cut;
	struct hk_live_spectrogram *picture;
	static float frames[44100];
	sine(frames, 44100, 3100, 44100, 0.5);
	assert_int_equal(hk_live_spectrogram_new(&picture, 44100, keep, &whole), 0);
	hk_live_spectrogram_push(picture, 7, frames, 44100);
	hk_live_spectrogram_free(picture);
	assert_int_equal(hk_live_spectrogram_new(&picture, 44100, keep, &cut), 0);
	for (size_t at = 0, n = 1; at < 44100; at += n, n = n % 1999 + 1) {
		n = n < 44100 - at ? n : 44100 - at;
		hk_live_spectrogram_push(picture, 7 + at, frames + at, n);
	}
	hk_live_spectrogram_free(picture);
	assert_int_equal(whole.n, 50);
	assert_memory_equal(&whole, &cut, sizeof(whole));
}

static void a_hole_begins_a_new_column(void **state)
{
	(void)state;
	struct columns columns = { 0 };
	struct hk_live_spectrogram *picture;
	static float frames[1000];
	sine(frames, 1000, 440, 16000, 1);
	assert_int_equal(hk_live_spectrogram_new(&picture, 16000, keep, &columns), 0);
	hk_live_spectrogram_push(picture, 0, frames, 200);
	hk_live_spectrogram_push(picture, 5000, frames, 320);
	assert_int_equal(columns.n, 1);
	assert_int_equal(columns.columns[0].first_frame, 5000);
	hk_live_spectrogram_free(picture);
}

static void an_impossible_rate_is_refused(void **state)
{
	(void)state;
	struct hk_live_spectrogram *picture = NULL;
	assert_int_equal(hk_live_spectrogram_new(&picture, 999, keep, NULL), -EINVAL);
	assert_int_equal(hk_live_spectrogram_new(&picture, 768001, keep, NULL), -EINVAL);
	assert_null(picture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tone_is_brightest_in_its_row_at_its_level),
		cmocka_unit_test(silence_is_as_dark_as_can_be),
		cmocka_unit_test(columns_do_not_depend_on_the_blocks),
		cmocka_unit_test(a_hole_begins_a_new_column),
		cmocka_unit_test(an_impossible_rate_is_refused),
	};
	return cmocka_run_group_tests_name("picture", tests, NULL, NULL);
}
