/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/audio/window.h"
#include "tests/unit/rounds.h"

/* What the sink was told, as text: "w FIRST INDEX: SAMPLES", "r FIRST N", "g FIRST N". */
struct record {
	struct hk_window_shape shape;
	char text[1 << 20];
	size_t length;
};

static void add(struct record *record, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void add(struct record *record, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	const int n = vsnprintf(
		record->text + record->length, sizeof(record->text) - record->length, format, args);
	va_end(args);
	assert_true(n >= 0 && record->length + (size_t)n < sizeof(record->text));
	record->length += (size_t)n;
}

static void on_window(void *owner, const struct hk_window_view *view)
{
	struct record *record = owner;
	assert_int_equal(view->n_frames, record->shape.n_frames);
	assert_int_equal((uintptr_t)view->samples % 64, 0);
	add(record, "w %llu %llu:", (unsigned long long)view->first_frame,
		(unsigned long long)view->index);
	const int n_left = (int)record->shape.n_left;
	const int n_after = (int)(record->shape.n_frames + record->shape.n_right);
	for (int i = -n_left; i < n_after; i++) {
		add(record, " %g", (double)view->samples[i]);
	}
	add(record, "\n");
}

static void on_remainder(void *owner, uint64_t first_frame, uint64_t n_frames)
{
	add(owner, "r %llu %llu\n", (unsigned long long)first_frame, (unsigned long long)n_frames);
}

static void on_gap(void *owner, uint64_t first_frame, uint64_t n_frames)
{
	add(owner, "g %llu %llu\n", (unsigned long long)first_frame, (unsigned long long)n_frames);
}

static struct hk_window *new_window(struct record *record, uint32_t n_frames, uint32_t n_step,
	uint32_t n_left, uint32_t n_right)
{
	*record = (struct record){ .shape = { n_frames, n_step, n_left, n_right } };
	const struct hk_window_sink sink = { record, on_window, on_remainder, on_gap };
	struct hk_window *window = NULL;
	assert_int_equal(hk_window_new(&window, &record->shape, &sink), 0);
	return window;
}

/* Push frames FIRST .. FIRST + N - 1 of the ramp x(k) = k + 1, all at once. */
static void push(struct hk_window *window, uint64_t first_frame, size_t n_frames)
{
	float frames[1000];
	assert_true(n_frames <= 1000);
	for (size_t i = 0; i < n_frames; i++) {
		frames[i] = (float)(first_frame + i + 1);
	}
	hk_window_push(window, first_frame, frames, n_frames);
}

static struct record told; /* too large for the stack of a test */

static void impossible_shapes_are_refused(void **state)
{
	(void)state;
	const struct hk_window_shape shapes[] = {
		{ 0, 1, 0, 0 },
		{ 4, 0, 0, 0 },
		{ 4, 5, 0, 0 },
		{ UINT32_MAX, 1, UINT32_MAX, UINT32_MAX },
	};
	const struct hk_window_sink sink = { NULL, on_window, on_remainder, on_gap };
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		struct hk_window *window = NULL;
		assert_int_equal(hk_window_new(&window, &shapes[i], &sink), -EINVAL);
		assert_null(window);
	}
}

static void windows_start_every_step_and_the_rest_is_reported(void **state)
{
	(void)state;
	struct hk_window *window = new_window(&told, 4, 2, 0, 0);
	push(window, 0, 9);
	assert_string_equal(told.text,
		"w 0 0: 1 2 3 4\n"
		"w 2 1: 3 4 5 6\n"
		"w 4 2: 5 6 7 8\n");
	hk_window_finish(window);
	assert_string_equal(strchr(told.text, 'r'), "r 8 1\n");
	hk_window_free(window);
}

static void context_is_audio_within_the_stream_and_zeros_beyond_it(void **state)
{
	(void)state;
	struct hk_window *window = new_window(&told, 4, 2, 3, 2);
	push(window, 0, 8);
	hk_window_finish(window);
	assert_string_equal(told.text,
		"w 0 0: 0 0 0 1 2 3 4 5 6\n"
		"w 2 1: 0 1 2 3 4 5 6 7 8\n"
		"w 4 2: 2 3 4 5 6 7 8 0 0\n");
	hk_window_free(window);
}

static void a_window_waits_for_its_right_context_no_longer_than_the_stream_lasts(void **state)
{
	(void)state;
	struct hk_window *window = new_window(&told, 2, 1, 0, 4);
	push(window, 0, 5);
	assert_string_equal(told.text, "");
	push(window, 5, 1);
	assert_string_equal(told.text, "w 0 0: 1 2 3 4 5 6\n");
	hk_window_finish(window);
	assert_string_equal(told.text,
		"w 0 0: 1 2 3 4 5 6\n"
		"w 1 1: 2 3 4 5 6 0\n"
		"w 2 2: 3 4 5 6 0 0\n"
		"w 3 3: 4 5 6 0 0 0\n"
		"w 4 4: 5 6 0 0 0 0\n");
	hk_window_free(window);
}

static void a_hole_empties_the_window_and_is_reported_with_its_place_and_length(void **state)
{
	(void)state;
	struct hk_window *window = new_window(&told, 4, 2, 1, 1);
	push(window, 100, 5);
	push(window, 112, 5);
	hk_window_finish(window);
	assert_string_equal(told.text,
		"w 100 0: 0 101 102 103 104 105\n"
		"r 104 1\n"
		"g 105 7\n"
		"w 112 0: 0 113 114 115 116 117\n"
		"r 116 1\n");
	hk_window_free(window);
}

static void a_stream_shorter_than_a_window_is_all_remainder(void **state)
{
	(void)state;
	struct hk_window *window = new_window(&told, 4, 2, 0, 2);
	push(window, 10, 3);
	push(window, 20, 3);
	push(window, 22, 2);
	hk_window_finish(window);
	assert_string_equal(told.text,
		"r 10 3\ng 13 7\n"
		"r 20 3\ng 22 0\n"
		"r 22 2\n");
	hk_window_free(window);
}

static void a_source_that_begins_anew_is_a_gap_of_length_0(void **state)
{
	(void)state;
	struct hk_window *window = new_window(&told, 2, 2, 0, 0);
	push(window, 6, 2);
	push(window, 0, 2);
	assert_string_equal(told.text, "w 6 0: 7 8\ng 0 0\nw 0 0: 1 2\n");
	hk_window_free(window);
}

static void a_block_without_frames_can_still_show_a_hole(void **state)
{
	(void)state;
	struct hk_window *window = new_window(&told, 2, 2, 0, 0);
	push(window, 0, 1);
	push(window, 1, 0);
	push(window, 5, 0);
	push(window, 5, 2);
	assert_string_equal(told.text, "r 0 1\ng 1 4\nw 5 0: 6 7\n");
	hk_window_free(window);
}

static void after_finish_any_position_is_a_new_start(void **state)
{
	(void)state;
	struct hk_window *window = new_window(&told, 2, 1, 1, 0);
	hk_window_finish(window);
	push(window, 3, 2);
	hk_window_finish(window);
	hk_window_finish(window);
	push(window, 50, 2);
	assert_string_equal(told.text, "w 3 0: 0 4 5\nw 50 0: 0 51 52\n");
	hk_window_free(window);
}

static void positions_beyond_32_bits_are_kept(void **state)
{
	(void)state;
	const uint64_t far = UINT64_C(1) << 40;
	struct hk_window *window = new_window(&told, 2, 2, 0, 0);
	const float frames[3] = { 1.0F, 2.0F, 3.0F };
	hk_window_push(window, far, frames, 3);
	hk_window_push(window, far + UINT64_C(5000000000), frames, 2);
	assert_string_equal(told.text,
		"w 1099511627776 0: 1 2\n"
		"r 1099511627778 1\n"
		"g 1099511627779 4999999997\n"
		"w 1104511627776 0: 1 2\n");
	hk_window_free(window);
}

static uint32_t draw(uint32_t n)
{
	return (uint32_t)rand() % n;
}

/* The stream that the cuts below share: 700 frames with two holes, pushed in pieces of random
 * size. */
static void push_scene(struct hk_window *window, bool cut)
{
	const struct {
		uint64_t first, n;
	} runs[] = { { 5, 300 }, { 400, 37 }, { 500, 363 } };
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		uint64_t done = 0;
		while (done < runs[i].n) {
			uint64_t n = cut ? draw(2) ? draw(5) : draw(200) : runs[i].n;
			n = n < runs[i].n - done ? n : runs[i].n - done;
			push(window, runs[i].first + done, n);
			done += n;
		}
	}
	hk_window_finish(window);
}

static void windows_do_not_depend_on_how_the_stream_was_cut(void **state)
{
	(void)state;
	static struct record whole;
	const char *seed_text = getenv("HEARKEN_TEST_SEED");
	const unsigned seed = seed_text ? (unsigned)strtoul(seed_text, NULL, 10) : 1;
	print_message("seed %u (set HEARKEN_TEST_SEED)\n", seed);
	srand(seed);
	for (unsigned left = rounds(300); left > 0; left--) {
		const uint32_t n_frames = 1 + draw(40);
		const uint32_t n_step = n_frames / 4 + 1 + draw(n_frames - n_frames / 4);
		const uint32_t n_left = draw(30);
		const uint32_t n_right = draw(60);
		struct hk_window *window = new_window(&whole, n_frames, n_step, n_left, n_right);
		push_scene(window, false);
		hk_window_free(window);
		window = new_window(&told, n_frames, n_step, n_left, n_right);
		push_scene(window, true);
		hk_window_free(window);
		assert_string_equal(told.text, whole.text);
	}
}

static void every_frame_is_in_a_window_or_reported(void **state)
{
	(void)state;
	for (uint32_t n = 0; n < 40; n++) {
		struct hk_window *window = new_window(&told, 8, 3, 2, 5);
		push(window, 0, n);
		hk_window_finish(window);
		hk_window_free(window);
		const uint32_t n_windows = n < 8 ? 0 : (n - 8) / 3 + 1;
		const uint32_t end = n_windows == 0 ? 0 : (n_windows - 1) * 3 + 8;
		char expected[64] = "";
		if (n > end) {
			snprintf(expected, sizeof(expected), "r %u %u\n", end, n - end);
		}
		uint32_t n_found = 0;
		const char *rest = told.text;
		while (*rest == 'w') {
			n_found++;
			rest = strchr(rest, '\n') + 1;
		}
		assert_int_equal(n_found, n_windows);
		assert_string_equal(rest, expected);
	}
}

static uint64_t n_windows_told(void)
{
	uint64_t n = 0;
	for (const char *c = told.text; (c = strchr(c, 'w')); c++) {
		n++;
	}
	return n;
}

static void what_is_missing_completes_a_window_and_no_frame_less(void **state)
{
	(void)state;
	struct hk_window *window = new_window(&told, 4, 3, 1, 2);
	uint64_t next = 0;
	for (uint64_t n_windows = 1; n_windows <= 5; n_windows++) {
		const uint32_t n_missing = hk_window_missing(window);
		assert_int_equal(n_missing, n_windows == 1 ? 6 : 3);
		push(window, next, n_missing - 1);
		assert_int_equal(hk_window_missing(window), 1);
		assert_int_equal(n_windows_told(), n_windows - 1);
		next += n_missing;
		push(window, next - 1, 1);
		assert_int_equal(n_windows_told(), n_windows);
	}
	push(window, next + 9, 0); /* a hole: from the start */
	assert_int_equal(hk_window_missing(window), 6);
	hk_window_free(window);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(impossible_shapes_are_refused),
		cmocka_unit_test(windows_start_every_step_and_the_rest_is_reported),
		cmocka_unit_test(context_is_audio_within_the_stream_and_zeros_beyond_it),
		cmocka_unit_test(
			a_window_waits_for_its_right_context_no_longer_than_the_stream_lasts),
		cmocka_unit_test(
			a_hole_empties_the_window_and_is_reported_with_its_place_and_length),
		cmocka_unit_test(a_stream_shorter_than_a_window_is_all_remainder),
		cmocka_unit_test(a_source_that_begins_anew_is_a_gap_of_length_0),
		cmocka_unit_test(a_block_without_frames_can_still_show_a_hole),
		cmocka_unit_test(after_finish_any_position_is_a_new_start),
		cmocka_unit_test(positions_beyond_32_bits_are_kept),
		cmocka_unit_test(windows_do_not_depend_on_how_the_stream_was_cut),
		cmocka_unit_test(every_frame_is_in_a_window_or_reported),
		cmocka_unit_test(what_is_missing_completes_a_window_and_no_frame_less),
	};
	return cmocka_run_group_tests_name("window", tests, NULL, NULL);
}
