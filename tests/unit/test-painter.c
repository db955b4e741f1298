/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "counted-alloc.h"
#include "daemon/analysis/picture_stream.h"

#define RATE_HZ 16000
#define COLUMN (RATE_HZ / 50)
#define MAX_STRIPS 64

struct strips {
	size_t n;
	struct hk_picture_strip strips[MAX_STRIPS];
	uint32_t rates_hz[MAX_STRIPS];
	const struct hk_picture_stream *painter;
};

static void keep(void *owner, const struct hk_picture_strip *strip)
{
	struct strips *strips = owner;
	assert_true(strips->n < MAX_STRIPS);
	strips->rates_hz[strips->n] = strips->painter->rate_hz;
	strips->strips[strips->n++] = *strip;
}

static void push(
	struct hk_picture_stream *painter, uint64_t first_frame, uint32_t n_frames, uint32_t rate)
{
	static float frames[RATE_HZ];
	for (uint32_t i = 0; i < n_frames; i++) {
		frames[i] = (float)sin((double)(first_frame + i) * 0.3);
	}
	const struct hk_block block = {
		.first_frame = first_frame,
		.n_frames = n_frames,
		.rate_hz = rate,
	};
	hk_picture_stream_push(painter, &block, frames);
}

static void begin(struct hk_picture_stream *painter, struct strips *strips)
{
	*strips = (struct strips){ .painter = painter };
	*painter = (struct hk_picture_stream){ .sink = { strips, keep } };
}

static void a_second_is_told_in_more_than_ten_strips_without_a_hole(void **state)
{
	(void)state;
	static struct strips strips;
	struct hk_picture_stream painter;
	begin(&painter, &strips);
	for (uint32_t at = 0; at < RATE_HZ; at += 500) {
		push(&painter, 7 + at, 500, RATE_HZ);
	}
	assert_int_equal(strips.n, 12);
	for (uint32_t i = 0; i < strips.n * HK_PICTURE_STRIP_COLUMNS; i++) {
		const struct hk_picture_strip *strip = &strips.strips[i / HK_PICTURE_STRIP_COLUMNS];
		assert_int_equal(strip->n_columns, HK_PICTURE_STRIP_COLUMNS);
		assert_int_equal(strip->n_column_frames, COLUMN);
		assert_int_equal(
			strip->columns[i % HK_PICTURE_STRIP_COLUMNS].first_frame, 7 + i * COLUMN);
	}
	hk_picture_stream_finish(&painter);
}

static void a_hole_ends_a_strip(void **state)
{
	(void)state;
	static struct strips strips;
	struct hk_picture_stream painter;
	begin(&painter, &strips);
	push(&painter, 0, 2 * COLUMN + 100, RATE_HZ);
	push(&painter, 5000, 4 * COLUMN, RATE_HZ);
	assert_int_equal(strips.n, 2);
	assert_int_equal(strips.strips[0].n_columns, 2);
	assert_int_equal(strips.strips[1].n_columns, 2 + 2);
	assert_int_equal(strips.strips[1].columns[0].first_frame, 5000);
	hk_picture_stream_finish(&painter);
}

static void who_looks_again_sees_the_present(void **state)
{
	(void)state;
	static struct strips strips;
	struct hk_picture_stream painter;
	begin(&painter, &strips);
	push(&painter, 0, 3 * COLUMN, RATE_HZ);
	hk_picture_stream_rest(&painter);
	push(&painter, 50000, 4 * COLUMN, RATE_HZ);
	assert_int_equal(strips.n, 1);
	assert_int_equal(strips.strips[0].n_columns, 4);
	assert_int_equal(strips.strips[0].columns[0].first_frame, 50000);
	hk_picture_stream_finish(&painter);
}

static void another_rate_begins_another_picture(void **state)
{
	(void)state;
	static struct strips strips;
	struct hk_picture_stream painter;
	begin(&painter, &strips);
	push(&painter, 0, 4 * COLUMN, RATE_HZ);
	push(&painter, 4 * COLUMN, 4 * 160, 8000);
	assert_int_equal(strips.n, 2);
	assert_int_equal(strips.rates_hz[0], RATE_HZ);
	assert_int_equal(strips.rates_hz[1], 8000);
	assert_int_equal(strips.strips[1].n_column_frames, 160);
	hk_picture_stream_finish(&painter);
}

static void after_the_first_block_nothing_is_allocated(void **state)
{
	(void)state;
	static struct strips strips;
	struct hk_picture_stream painter;
	begin(&painter, &strips);
	push(&painter, 0, 500, RATE_HZ);
	assert_true(counted_bytes > 0);
	counted_bytes = 0;
	for (uint32_t at = 500; at < RATE_HZ; at += 500) {
		push(&painter, at, 500, RATE_HZ);
	}
	hk_picture_stream_rest(&painter);
	push(&painter, 0, RATE_HZ, RATE_HZ);
	assert_true(strips.n > 20);
	assert_int_equal(counted_bytes, 0);
	hk_picture_stream_finish(&painter);
}

static void the_json_holds_every_cell_and_the_axes(void **state)
{
	(void)state;
	struct hk_picture_strip strip = { .n_columns = 2, .n_column_frames = COLUMN };
	for (uint32_t i = 0; i < 2; i++) {
		strip.columns[i].first_frame = 100 + i * COLUMN;
		strip.columns[i].minimum = -0.25F;
		strip.columns[i].maximum = 0.5F;
		for (int row = 0; row < HK_LIVE_SPECTROGRAM_ROWS; row++) {
			strip.columns[i].db[row] = (int8_t)(-row - (int)i);
		}
	}
	json_t *json = hk_picture_strip_json(&strip, RATE_HZ);
	int start, n_column, rate;
	double fmin, fmax, minimum, maximum;
	json_t *columns;
	assert_int_equal(
		json_unpack(json, "{s:i, s:i, s:i, s:F, s:F, s:[F, F], s:o}", "start_frame", &start,
			"frames_per_column", &n_column, "rate_hz", &rate, "fmin_hz", &fmin,
			"fmax_hz", &fmax, "minimum", &minimum, &maximum, "columns", &columns),
		0);
	maximum = json_number_value(json_array_get(json_object_get(json, "maximum"), 1));
	assert_int_equal(start, 100);
	assert_int_equal(n_column, COLUMN);
	assert_int_equal(rate, RATE_HZ);
	assert_true(fmin == HK_LIVE_SPECTROGRAM_FMIN_HZ);
	assert_true(fabs(fmax - RATE_HZ / 2.0) < 1e-6); /* a power of a root */
	assert_true(minimum == -0.25 && maximum == 0.5);
	assert_int_equal(json_array_size(columns), 2);
	for (size_t i = 0; i < 2; i++) {
		const json_t *rows = json_array_get(columns, i);
		assert_int_equal(json_array_size(rows), HK_LIVE_SPECTROGRAM_ROWS);
		for (size_t row = 0; row < HK_LIVE_SPECTROGRAM_ROWS; row++) {
			assert_int_equal(
				json_integer_value(json_array_get(rows, row)), -(int)(row + i));
		}
	}
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_second_is_told_in_more_than_ten_strips_without_a_hole),
		cmocka_unit_test(a_hole_ends_a_strip),
		cmocka_unit_test(who_looks_again_sees_the_present),
		cmocka_unit_test(another_rate_begins_another_picture),
		cmocka_unit_test(after_the_first_block_nothing_is_allocated),
		cmocka_unit_test(the_json_holds_every_cell_and_the_axes),
	};
	return cmocka_run_group_tests_name("painter", tests, NULL, NULL);
}
