/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/features/spectrogram/db_picture.h"

static void assert_db(float value, double expected)
{
	if (!(fabs((double)value - expected) <= 1e-4)) {
		fail_msg("%.6g dB, expected %.6g dB", (double)value, expected);
	}
}

/* POWER: n_frames x n_bins. */
static void draw(const float *power, uint32_t n_bins, uint32_t n_frames, uint32_t n_rows,
	uint32_t n_columns, float *ret_cells)
{
	struct hk_db_picture *picture = NULL;
	assert_int_equal(hk_db_picture_new(&picture, n_bins, n_frames, n_rows, n_columns), 0);
	hk_db_picture_begin(picture);
	for (uint32_t t = 0; t < n_frames; t++) {
		hk_db_picture_add(picture, power + (size_t)t * n_bins);
	}
	hk_db_picture_draw(picture, ret_cells);
	hk_db_picture_free(picture);
}

static void a_picture_of_the_same_size_is_the_power_in_db_below_the_largest(void **state)
{
	(void)state;
	static const float power[2][3] = { { 1e4f, 1e3f, 1e-2f }, { 1.0f, 2e4f, 2.0f } };
	float cells[3][2];
	draw(power[0], 3, 2, 3, 2, cells[0]);
	for (size_t k = 0; k < 3; k++) {
		for (size_t t = 0; t < 2; t++) {
			assert_db(cells[k][t], 10.0 * log10((double)power[t][k] / 2e4));
		}
	}
}

static void nothing_is_more_than_80_db_below_the_largest(void **state)
{
	(void)state;
	static const float power[4] = { 1.0f, 2e-8f, 9e-9f, 0.0f };
	float cells[4];
	draw(power, 4, 1, 4, 1, cells);
	assert_db(cells[0], 0.0);
	assert_db(cells[1], 10.0 * log10(2e-8));
	assert_db(cells[2], -80.0);
	assert_db(cells[3], -80.0);
}

static void powers_below_the_smallest_count_as_it(void **state)
{
	(void)state;
	static const float power[3] = { 1e-9f, 1e-11f, 0.0f };
	float cells[3];
	draw(power, 3, 1, 3, 1, cells);
	assert_db(cells[0], 0.0);
	assert_db(cells[1], -10.0);
	assert_db(cells[2], -10.0);
}

static void digital_silence_looks_like_full_scale(void **state)
{
	(void)state;
	const float power[12] = { 0 };
	float cells[8];
	draw(power, 4, 3, 2, 4, cells);
	for (size_t i = 0; i < 8; i++) {
		assert_db(cells[i], 0.0);
	}
}

static void a_bin_that_no_row_shows_is_the_reference_all_the_same(void **state)
{
	(void)state;
	/* 1 row of 100 bins lies between bins 49 and 50, 1 column of 100 frames likewise */
	static float power[100][100];
	for (size_t t = 0; t < 100; t++) {
		for (size_t k = 0; k < 100; k++) {
			power[t][k] = 1.0f;
		}
	}
	power[99][99] = 1000.0f;
	float cell;
	draw(power[0], 100, 100, 1, 1, &cell);
	assert_db(cell, -30.0);
}

/* The weights of bilinear interpolation between cell centres. */
static void enlarging_goes_straight_from_one_value_to_the_next(void **state)
{
	(void)state;
	static const float power[2] = { 1.0f, 1e4f };
	float cells[8];
	draw(power, 1, 2, 1, 8, cells);
	static const double expected[8] = { -40, -40, -35, -25, -15, -5, 0, 0 };
	for (size_t c = 0; c < 8; c++) {
		assert_db(cells[c], expected[c]);
	}
	draw(power, 2, 1, 8, 1, cells);
	for (size_t r = 0; r < 8; r++) {
		assert_db(cells[r], expected[r]);
	}
}

static void reducing_looks_at_two_neighbours_of_each_cell_only(void **state)
{
	(void)state;
	/* 8 bins to 2 rows: row 0 lies between bins 1 and 2, row 1 between bins 5 and 6 */
	static const float power[8] = { 1e4f, 1e3f, 1e1f, 1e4f, 1e4f, 1e2f, 1e4f, 1e4f };
	float cells[2];
	draw(power, 8, 1, 2, 1, cells);
	assert_db(cells[0], -20.0);
	assert_db(cells[1], -10.0);
}

static void a_picture_can_be_drawn_again_and_again(void **state)
{
	(void)state;
	static const float loud[2][2] = { { 1e5f, 1.0f }, { 2.0f, 3.0f } };
	static const float soft[2][2] = { { 1.0f, 0.5f }, { 0.1f, 0.2f } };
	float expected[4];
	float cells[4];
	draw(soft[0], 2, 2, 2, 2, expected);
	struct hk_db_picture *picture = NULL;
	assert_int_equal(hk_db_picture_new(&picture, 2, 2, 2, 2), 0);
	for (size_t i = 0; i < 2; i++) {
		hk_db_picture_begin(picture);
		hk_db_picture_add(picture, i == 0 ? loud[0] : soft[0]);
		hk_db_picture_add(picture, i == 0 ? loud[1] : soft[1]);
		hk_db_picture_draw(picture, cells);
	}
	assert_memory_equal(cells, expected, sizeof(cells));
	hk_db_picture_free(picture);
	hk_db_picture_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_picture_of_the_same_size_is_the_power_in_db_below_the_largest),
		cmocka_unit_test(nothing_is_more_than_80_db_below_the_largest),
		cmocka_unit_test(powers_below_the_smallest_count_as_it),
		cmocka_unit_test(digital_silence_looks_like_full_scale),
		cmocka_unit_test(a_bin_that_no_row_shows_is_the_reference_all_the_same),
		cmocka_unit_test(enlarging_goes_straight_from_one_value_to_the_next),
		cmocka_unit_test(reducing_looks_at_two_neighbours_of_each_cell_only),
		cmocka_unit_test(a_picture_can_be_drawn_again_and_again),
	};
	return cmocka_run_group_tests_name("db_picture", tests, NULL, NULL);
}
