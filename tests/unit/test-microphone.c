/* SPDX-License-Identifier: MIT */
/*
 * The capture callback, driven as PortAudio drives it. The test is linked with --wrap for
 * everything that has no place in a real-time thread, so a call of one of these functions anywhere
 * below the callback is counted.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "daemon/capture-helper/portaudio_callback.h"
#include "daemon/capture-shared/clock.h"

#define RATE 16000
#define N_FRAMES 512

/* volatile: the compiler takes it for granted that malloc changes no variable of ours. */
static volatile unsigned n_forbidden;

#define FORBID(type, name, parameters, arguments)                                                  \
	type __real_##name parameters;                                                             \
	type __wrap_##name parameters;                                                             \
	type __wrap_##name parameters                                                              \
	{                                                                                          \
		n_forbidden++;                                                                     \
		return __real_##name arguments;                                                    \
	}

FORBID(void *, malloc, (size_t size), (size))
FORBID(void *, calloc, (size_t n, size_t size), (n, size))
FORBID(void *, realloc, (void *memory, size_t size), (memory, size))
FORBID(void *, aligned_alloc, (size_t alignment, size_t size), (alignment, size))
FORBID(int, pthread_mutex_lock, (pthread_mutex_t * mutex), (mutex))
FORBID(int, pthread_mutex_trylock, (pthread_mutex_t * mutex), (mutex))
FORBID(int, pthread_cond_wait, (pthread_cond_t * cond, pthread_mutex_t *mutex), (cond, mutex))
FORBID(int, sem_wait, (sem_t * semaphore), (semaphore))
FORBID(int, puts, (const char *text), (text))
FORBID(int, vfprintf, (FILE * file, const char *format, va_list args), (file, format, args))
FORBID(size_t, fwrite, (const void *data, size_t size, size_t n, FILE *file), (data, size, n, file))
FORBID(ssize_t, write, (int fd, const void *data, size_t size), (fd, data, size))
FORBID(int, nanosleep, (const struct timespec *time, struct timespec *left), (time, left))

void __real_free(void *memory);
void __wrap_free(void *memory);
void __wrap_free(void *memory)
{
	n_forbidden++;
	__real_free(memory);
}

int __real_printf(const char *format, ...);
int __wrap_printf(const char *format, ...);
int __wrap_printf(const char *format, ...)
{
	n_forbidden++;
	return __real_printf("%s", format);
}

int __real_fprintf(FILE *file, const char *format, ...);
int __wrap_fprintf(FILE *file, const char *format, ...);
int __wrap_fprintf(FILE *file, const char *format, ...)
{
	n_forbidden++;
	return __real_fprintf(file, "%s", format);
}

struct fixture {
	struct hk_shared_audio channel;
	struct hk_microphone microphone;
	float heard[HK_CAPTURE_MAX_BLOCK_FRAMES];
};

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	*state = fixture;
	fixture->microphone = (struct hk_microphone){
		.channel = &fixture->channel,
		.rate_hz = RATE,
		.n_channels = 1,
	};
	return hk_shared_audio_init(&fixture->channel);
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;
	hk_shared_audio_finish(&fixture->channel);
	free(fixture);
	return 0;
}

/* One callback whose first frame is DELAY_S old. */
static void hear(struct fixture *fixture, const float *input, unsigned long n_frames,
	double delay_s, PaStreamCallbackFlags flags)
{
	const PaStreamCallbackTimeInfo time = { .inputBufferAdcTime = 1000.0 - delay_s,
		.currentTime = 1000.0 };
	const int r = hk_microphone_hear(input, NULL, n_frames, &time, flags, &fixture->microphone);
	assert_int_equal(r, paContinue);
}

static struct hk_block next_block(struct fixture *fixture)
{
	struct hk_block block;
	const int r = hk_ring_read(
		&fixture->channel.ring, &block, fixture->heard, HK_CAPTURE_MAX_BLOCK_FRAMES);
	assert_int_equal(r, HK_RING_OK);
	return block;
}

static void test_the_wraps_are_in_place(void **state)
{
	(void)state;
	n_forbidden = 0;
	void *volatile memory = malloc(1); /* volatile: or the compiler takes both away */
	free(memory);
	assert_int_equal(n_forbidden, 2);
}

static void test_the_callback_calls_nothing_that_may_block(void **state)
{
	struct fixture *fixture = *state;
	static float input[2 * HK_CAPTURE_MAX_BLOCK_FRAMES];
	n_forbidden = 0;
	/* Ordinary, flagged, late, larger than a block, without input, and long enough to fill the
	 * ring. */
	for (int i = 0; i < 2000; i++) {
		hear(fixture, input, N_FRAMES, 0.032, i % 7 == 0 ? paInputOverflow : 0);
	}
	hear(fixture, input, N_FRAMES, 0.0, 0);
	hear(fixture, NULL, N_FRAMES, 0.032, 0);
	hear(fixture, input, 2 * HK_CAPTURE_MAX_BLOCK_FRAMES, 0.032, paInputUnderflow);
	assert_int_equal(n_forbidden, 0);
	assert_true(hk_ring_dropped_blocks(&fixture->channel.ring) > 0);
}

static void test_the_first_block_is_marked_and_stands_at_zero(void **state)
{
	struct fixture *fixture = *state;
	const float input[4] = { 0.5F, -0.5F, 1.0F, 0.25F };
	hear(fixture, input, 4, 0.01, 0);
	hear(fixture, input, 4, 0.01, 0);
	const struct hk_block first = next_block(fixture);
	assert_int_equal(first.first_frame, 0);
	assert_int_equal(first.flags, HK_BLOCK_START);
	assert_int_equal(first.rate_hz, RATE);
	assert_int_equal(first.n_clipped, 1);
	assert_memory_equal(fixture->heard, input, sizeof(input));
	const struct hk_block second = next_block(fixture);
	assert_int_equal(second.first_frame, 4);
	assert_int_equal(second.flags, 0);
}

static void test_a_block_carries_the_time_at_which_it_was_captured(void **state)
{
	struct fixture *fixture = *state;
	const float input[4] = { 0 };
	const int64_t before_ns = hk_clock_ns();
	hear(fixture, input, 4, 0.25, 0);
	const int64_t after_ns = hk_clock_ns();
	const struct hk_block block = next_block(fixture);
	assert_in_range(block.capture_ns, before_ns - HK_NS_PER_S / 4, after_ns - HK_NS_PER_S / 4);
}

/* Frames that were captured LATE_S after the ones before ended. */
static uint64_t hole_after(struct fixture *fixture, double late_s, PaStreamCallbackFlags flags)
{
	static const float input[N_FRAMES] = { 0.5F };
	hear(fixture, input, N_FRAMES, 3.0, 0);
	hear(fixture, input, N_FRAMES, 3.0 - (double)N_FRAMES / RATE - late_s, flags);
	next_block(fixture);
	return next_block(fixture).first_frame - N_FRAMES;
}

static void test_an_overrun_leaves_a_hole_of_the_length_that_the_clock_shows(void **state)
{
	struct fixture *fixture = *state;
	const uint64_t n_lost = hole_after(fixture, 0.1, paInputOverflow);
	/* Between the two callbacks some microseconds pass: a frame or many under a sanitizer. */
	assert_in_range(n_lost, RATE / 10 - 1, RATE / 10 + RATE / 20);
	assert_int_equal(fixture->channel.shared->n_overruns, 1);
}

static void test_a_late_callback_without_an_overrun_leaves_no_hole(void **state)
{
	assert_int_equal(hole_after(*state, 0.1, 0), 0);
}

static void test_a_frozen_device_leaves_a_hole_even_when_nobody_says_so(void **state)
{
	assert_in_range(hole_after(*state, 2.0, 0), 2 * RATE - 1, 2 * RATE + RATE / 20);
}

static void test_one_overrun_told_in_several_callbacks_counts_once(void **state)
{
	struct fixture *fixture = *state;
	static const float input[N_FRAMES] = { 0.5F };
	for (int i = 0; i < 6; i++) {
		const double age_s = 3.0 - i * (double)N_FRAMES / RATE;
		hear(fixture, input, N_FRAMES, age_s, i < 3 ? paInputOverflow : 0);
	}
	assert_int_equal(fixture->channel.shared->n_overruns, 1);
	hear(fixture, input, N_FRAMES, 2.8, paInputOverflow);
	assert_int_equal(fixture->channel.shared->n_overruns, 2);
}

static void test_a_dropped_block_keeps_its_place_and_hands_its_flags_on(void **state)
{
	struct fixture *fixture = *state;
	static const float input[HK_CAPTURE_MAX_BLOCK_FRAMES] = { 0.5F };
	uint64_t n_written = 0;
	while (hk_ring_writable(&fixture->channel.ring, HK_CAPTURE_MAX_BLOCK_FRAMES)) {
		hear(fixture, input, HK_CAPTURE_MAX_BLOCK_FRAMES, 0.512, 0);
		n_written++;
	}
	hear(fixture, input, HK_CAPTURE_MAX_BLOCK_FRAMES, 0.512, paInputOverflow);
	for (uint64_t i = 0; i < n_written; i++) {
		next_block(fixture);
	}
	hear(fixture, input, N_FRAMES, 0.1, 0);
	const struct hk_block block = next_block(fixture);
	assert_true(block.first_frame >= (n_written + 1) * HK_CAPTURE_MAX_BLOCK_FRAMES);
	assert_int_equal(block.flags, HK_BLOCK_OVERRUN);
}

static void test_a_successor_goes_on_after_the_time_that_was_missed(void **state)
{
	struct fixture *fixture = *state;
	static const float input[N_FRAMES] = { 0.5F };
	hear(fixture, input, N_FRAMES, 3.0, 0);
	/* The process died; a new one begins with nothing but the shared memory. */
	fixture->microphone.begun = false;
	memset(&fixture->microphone.feed, 0, sizeof(fixture->microphone.feed));
	hear(fixture, input, N_FRAMES, 1.0, 0);
	next_block(fixture);
	const struct hk_block block = next_block(fixture);
	assert_in_range(block.first_frame, 2 * RATE - 1, 2 * RATE + RATE / 20);
	assert_int_equal(block.flags, HK_BLOCK_START);
}

static int n_posted(struct fixture *fixture)
{
	int n = 0;
	while (sem_trywait(&fixture->channel.shared->filled) == 0) {
		n++;
	}
	return n;
}

static void test_the_reader_is_left_alone_until_it_has_what_it_waits_for(void **state)
{
	struct fixture *fixture = *state;
	static const float input[N_FRAMES] = { 0.5F };
	hear(fixture, input, N_FRAMES, 0.032, 0);
	assert_int_equal(n_posted(fixture), 1); /* a start */
	fixture->channel.shared->wake_frames = 4 * N_FRAMES;
	hear(fixture, input, N_FRAMES, 0.032, 0);
	hear(fixture, input, N_FRAMES, 0.032, 0);
	assert_int_equal(n_posted(fixture), 0);
	hear(fixture, input, N_FRAMES, 0.032, 0);
	assert_int_equal(n_posted(fixture), 1);
	fixture->channel.shared->wake_frames = UINT64_MAX;
	hear(fixture, input, N_FRAMES, 0.032, paInputOverflow);
	assert_int_equal(n_posted(fixture), 1); /* something was lost */
}

static void test_the_reader_is_woken_long_before_the_ring_is_full(void **state)
{
	struct fixture *fixture = *state;
	static const float input[1] = { 0.5F };
	fixture->channel.shared->wake_frames = UINT64_MAX;
	hear(fixture, input, 1, 0.0, 0);
	assert_int_equal(n_posted(fixture), 1); /* a start */
	while (n_posted(fixture) == 0) {
		assert_true(hk_ring_fill(&fixture->channel.ring) < HK_SHARED_AUDIO_RING_BYTES / 2);
		hear(fixture, input, 1, 0.0, 0);
	}
	assert_true(hk_ring_fill(&fixture->channel.ring) > HK_SHARED_AUDIO_RING_BYTES / 8);
}

static void test_zeros_are_counted_until_something_sounds(void **state)
{
	struct fixture *fixture = *state;
	float input[N_FRAMES] = { 0 };
	hear(fixture, input, N_FRAMES, 0.1, 0);
	hear(fixture, input, N_FRAMES, 0.1, 0);
	assert_int_equal(fixture->channel.shared->samples.n_still, 2 * N_FRAMES);
	input[N_FRAMES - 1] = 1e-3F;
	hear(fixture, input, N_FRAMES, 0.1, 0);
	assert_int_equal(fixture->channel.shared->samples.n_still, 1);
}

static void test_a_channel_is_picked_or_all_are_mixed(void **state)
{
	struct fixture *fixture = *state;
	const float input[6] = { 0.1F, 0.2F, 0.6F, -0.5F, 0.25F, 0.25F };
	fixture->microphone.n_channels = 3;
	fixture->microphone.pick = 2;
	hear(fixture, input, 2, 0.1, 0);
	next_block(fixture);
	assert_float_equal(fixture->heard[0], 0.2, 0);
	assert_float_equal(fixture->heard[1], 0.25, 0);
	fixture->microphone.pick = 0;
	fixture->microphone.begun = false; /* opened again */
	hear(fixture, input, 2, 0.1, 0);
	next_block(fixture);
	/* One rounding of a float. */
	assert_float_equal(fixture->heard[0], 0.3, 3e-8);
	assert_float_equal(fixture->heard[1], 0.0, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_wraps_are_in_place),
		cmocka_unit_test_setup_teardown(
			test_the_callback_calls_nothing_that_may_block, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_the_first_block_is_marked_and_stands_at_zero, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_a_block_carries_the_time_at_which_it_was_captured, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_an_overrun_leaves_a_hole_of_the_length_that_the_clock_shows, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			test_a_late_callback_without_an_overrun_leaves_no_hole, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_a_frozen_device_leaves_a_hole_even_when_nobody_says_so, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			test_one_overrun_told_in_several_callbacks_counts_once, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_a_dropped_block_keeps_its_place_and_hands_its_flags_on, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			test_a_successor_goes_on_after_the_time_that_was_missed, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_the_reader_is_left_alone_until_it_has_what_it_waits_for, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			test_the_reader_is_woken_long_before_the_ring_is_full, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_zeros_are_counted_until_something_sounds, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_a_channel_is_picked_or_all_are_mixed, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
