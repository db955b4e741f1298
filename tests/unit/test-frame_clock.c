/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/audio/frame_clock.h"
#include "tests/unit/every-alloc.h"
#include "tests/unit/rounds.h"

#define NS 1e9

enum { RATE_HZ = 48000, N_BLOCK = 480 };

/* A sound card that runs fast by DRIFT_PPM, and a reader whose clock readings jitter. */
struct card {
	double drift_ppm;
	double jitter_s;  /* standard deviation, normal */
	double late_part; /* of the blocks are late ... */
	double latest_s;  /* ... by up to this */
	double start_s;   /* the monotonic clock at frame 0 */
	double lost_s;    /* time that passed without frames, so far */
	int64_t wall_offset_ns;
	uint64_t frame;
	unsigned seed;
};

static const struct card decent_card = {
	.drift_ppm = 50.0,
	.jitter_s = 0.003,
	.late_part = 0.01,
	.latest_s = 0.2,
	.start_s = 1e5,
	.wall_offset_ns = 1700000000000000000,
};

static double uniform(struct card *card)
{
	return (rand_r(&card->seed) + 0.5) / (RAND_MAX + 1.0);
}

static double normal(struct card *card)
{
	return sqrt(-2.0 * log(uniform(card))) * cos(2.0 * M_PI * uniform(card));
}

static double true_time_s(const struct card *card, uint64_t frame)
{
	return card->start_s + card->lost_s +
		(double)frame / (RATE_HZ * (1.0 + card->drift_ppm * 1e-6));
}

/* One block of CARD into CLOCK. */
static unsigned push_block(
	struct card *card, struct hk_frame_clock *clock, struct hk_clock_step *ret_step)
{
	double read_s = true_time_s(card, card->frame) + card->jitter_s * normal(card);
	if (uniform(card) < card->late_part) {
		read_s += card->latest_s * uniform(card);
	}
	const unsigned changes = hk_frame_clock_push(
		clock, card->frame, llround(read_s * NS), card->wall_offset_ns, ret_step);
	card->frame += N_BLOCK;
	return changes;
}

/* SECONDS of blocks. Returns all changes. */
static unsigned push_seconds(struct card *card, struct hk_frame_clock *clock, double seconds)
{
	unsigned changes = 0;
	const uint64_t end = card->frame + (uint64_t)(seconds * RATE_HZ);
	while (card->frame < end) {
		changes |= push_block(card, clock, NULL);
	}
	return changes;
}

static struct hk_frame_clock *new_clock(void)
{
	struct hk_frame_clock *clock;
	assert_int_equal(hk_frame_clock_new(&clock, RATE_HZ), 0);
	return clock;
}

static double error_s(const struct card *card, const struct hk_frame_clock *clock, uint64_t frame)
{
	struct hk_frame_time time;
	assert_int_equal(hk_frame_clock_at(clock, frame, &time), 0);
	assert_true(time.wall_ns - time.monotonic_ns == card->wall_offset_ns);
	return fabs((double)time.monotonic_ns / NS - true_time_s(card, frame));
}

static void events_are_timed_within_1_ms_after_a_minute(void **state)
{
	(void)state;
	double worst_s = 0.0, worst_ppm = 0.0;
	const unsigned n_cards = rounds(20);
	for (unsigned seed = 1; seed <= n_cards; seed++) {
		struct hk_frame_clock *clock = new_clock();
		struct card card = decent_card;
		card.seed = seed;
		assert_int_equal(push_seconds(&card, clock, 60.0), 0);
		for (int second = 0; second < 60; second++) {
			assert_int_equal(push_seconds(&card, clock, 1.0), 0);
			/* an event of any time in the last minute */
			for (uint64_t ago = 0; ago <= 60; ago++) {
				worst_s = fmax(
					worst_s, error_s(&card, clock, card.frame - ago * RATE_HZ));
			}
		}
		struct hk_frame_clock_status status;
		assert_int_equal(hk_frame_clock_status(clock, &status), 0);
		worst_ppm = fmax(worst_ppm, fabs(status.drift_ppm - card.drift_ppm));
		assert_true(fabs(status.rate_hz - RATE_HZ * (1.0 + 50e-6)) < 1.0);
		assert_true(status.residual_rms_s > 0.0025 && status.residual_rms_s < 0.0035);
		assert_true(status.r2 > 0.999999 && status.r2 < 1.0);
		assert_true(status.n_points + status.n_late >= 1190);
		assert_true(status.n_late > 0);
		assert_int_equal(status.n_segments, 1);
		hk_frame_clock_free(clock);
	}
	printf("worst of %u cards: %.3f ms, %.1f ppm\n", n_cards, worst_s * 1e3, worst_ppm);
	assert_true(worst_s < 1e-3);
	assert_true(worst_ppm < 30.0); /* 5 ppm standard error */
}

static void the_rate_is_known_after_a_minute_and_not_before(void **state)
{
	(void)state;
	struct hk_frame_clock_status status;
	struct hk_frame_clock *clock = new_clock();
	struct card card = decent_card;
	card.seed = 1;
	bool known = false;
	for (int second = 0; second < 50; second++) {
		assert_int_equal(push_seconds(&card, clock, 1.0), 0);
		assert_int_equal(hk_frame_clock_status(clock, &status), 0);
		known = known || hk_frame_clock_knows_rate(&status);
	}
	assert_false(known);
	assert_int_equal(push_seconds(&card, clock, 15.0), 0);
	assert_int_equal(hk_frame_clock_status(clock, &status), 0);
	assert_true(hk_frame_clock_knows_rate(&status));
	assert_true(fabs(status.drift_ppm - card.drift_ppm) < 30.0);
	status.drift_error_ppm = 50.0; /* readings that jitter too much */
	assert_false(hk_frame_clock_knows_rate(&status));
	hk_frame_clock_free(clock);
}

static void the_drift_lies_within_its_standard_errors(void **state)
{
	(void)state;
	unsigned within_2 = 0;
	const unsigned n_cards = rounds(50);
	for (unsigned seed = 1; seed <= n_cards; seed++) {
		struct hk_frame_clock *clock = new_clock();
		struct card card = decent_card;
		card.late_part = 0.0;
		card.seed = 1000 + seed;
		push_seconds(&card, clock, 60.0);
		struct hk_frame_clock_status status;
		assert_int_equal(hk_frame_clock_status(clock, &status), 0);
		const double error_ppm = fabs(status.drift_ppm - card.drift_ppm);
		within_2 += error_ppm < 2.0 * status.drift_error_ppm;
		hk_frame_clock_free(clock);
	}
	/* 95 % expected: 47.5 of 50; fewer than 42 are rare. */
	assert_in_range(within_2, n_cards * 42 / 50, n_cards);
}

static void a_perfect_clock_is_followed_to_the_microsecond(void **state)
{
	(void)state;
	struct hk_frame_clock *clock = new_clock();
	struct card card = { .drift_ppm = -120.0, .start_s = 1e5, .seed = 1 };
	assert_int_equal(push_seconds(&card, clock, 60.0), 0);
	struct hk_frame_clock_status status;
	assert_int_equal(hk_frame_clock_status(clock, &status), 0);
	/* What is left is the prior drift of 0, outweighed 3600 to 1. */
	assert_true(fabs(status.drift_ppm + 120.0) < 0.1);
	assert_true(error_s(&card, clock, card.frame) < 2e-6);
	hk_frame_clock_free(clock);
}

static void the_first_blocks_already_give_times(void **state)
{
	(void)state;
	struct hk_frame_clock *clock = new_clock();
	struct hk_frame_time time;
	struct hk_frame_clock_status status;
	assert_int_equal(hk_frame_clock_at(clock, 0, &time), -ENODATA);
	assert_int_equal(hk_frame_clock_status(clock, &status), -ENODATA);
	assert_int_equal(hk_frame_clock_push(clock, 0, 0, 7, NULL), 0); /* no clock */
	assert_int_equal(hk_frame_clock_at(clock, 0, &time), -ENODATA);
	assert_int_equal(hk_frame_clock_push(clock, 480, 5000000000, 7, NULL), 0);
	assert_int_equal(hk_frame_clock_at(clock, 480 + 48000, &time), 0);
	assert_true(time.monotonic_ns == 6000000000);
	assert_true(time.wall_ns == 6000000007);
	assert_int_equal(hk_frame_clock_at(clock, 0, &time), 0);
	assert_true(time.monotonic_ns == 4990000000);
	struct card card = decent_card;
	card.seed = 3;
	card.frame = 960;
	hk_frame_clock_free(clock);
	clock = new_clock();
	for (int second = 1; second <= 60; second++) {
		push_seconds(&card, clock, 1.0);
		assert_true(error_s(&card, clock, card.frame) < 0.005);
	}
	hk_frame_clock_free(clock);
}

static void time_without_frames_begins_a_new_segment(void **state)
{
	(void)state;
	struct hk_frame_clock *clock = new_clock();
	struct card card = decent_card;
	card.seed = 4;
	assert_int_equal(push_seconds(&card, clock, 30.0), 0);
	const struct card before = card;
	const uint64_t lost_at = card.frame;
	card.lost_s = 1.25;
	struct hk_clock_step step;
	unsigned changes = 0;
	while (changes == 0 && card.frame < lost_at + RATE_HZ) {
		changes = push_block(&card, clock, &step);
	}
	assert_int_equal(changes, HK_CLOCK_STEPPED);
	assert_true(card.frame - lost_at <= RATE_HZ * 6 / 10);
	assert_true(step.first_frame - lost_at <= 2 * N_BLOCK);
	assert_true(fabs((double)step.monotonic_ns / NS - 1.25) < 0.01);
	assert_true(step.wall_offset_ns == 0);
	assert_int_equal(push_seconds(&card, clock, 60.0), 0);
	assert_true(error_s(&card, clock, card.frame) < 1e-3);
	/* what was before stays where it was */
	assert_true(error_s(&before, clock, lost_at - 5 * RATE_HZ) < 2e-3);
	struct hk_frame_clock_status status;
	assert_int_equal(hk_frame_clock_status(clock, &status), 0);
	assert_int_equal(status.n_segments, 2);
	hk_frame_clock_free(clock);
}

static void a_step_in_the_first_seconds_is_seen_too(void **state)
{
	(void)state;
	struct hk_frame_clock *clock = new_clock();
	struct card card = decent_card;
	card.seed = 5;
	assert_int_equal(push_seconds(&card, clock, 0.7), 0);
	card.lost_s = -0.4; /* the first blocks were late, all of them */
	assert_int_equal(push_seconds(&card, clock, 1.0), HK_CLOCK_STEPPED);
	assert_int_equal(push_seconds(&card, clock, 60.0), 0);
	assert_true(error_s(&card, clock, card.frame) < 1e-3);
	hk_frame_clock_free(clock);
}

static void a_stall_that_is_caught_up_is_no_step(void **state)
{
	(void)state;
	struct hk_frame_clock *clock = new_clock();
	struct card card = decent_card;
	card.seed = 6;
	push_seconds(&card, clock, 30.0);
	/* The reader slept for 3 s and then reads what had waited, all at one moment. */
	const uint64_t slept_at = card.frame;
	const int64_t woke_ns = llround((true_time_s(&card, slept_at) + 3.0) * NS);
	unsigned changes = 0;
	while (card.frame < slept_at + 3 * RATE_HZ) {
		changes |=
			hk_frame_clock_push(clock, card.frame, woke_ns, card.wall_offset_ns, NULL);
		card.frame += N_BLOCK;
	}
	changes |= push_seconds(&card, clock, 30.0);
	assert_int_equal(changes, 0);
	assert_true(error_s(&card, clock, card.frame) < 1e-3);
	assert_true(error_s(&card, clock, slept_at + RATE_HZ) < 1e-3);
	hk_frame_clock_free(clock);
}

static void a_hole_that_the_positions_show_is_no_step(void **state)
{
	(void)state;
	struct hk_frame_clock *clock = new_clock();
	struct card card = decent_card;
	card.seed = 7;
	push_seconds(&card, clock, 30.0);
	card.frame += 20 * RATE_HZ;
	assert_int_equal(push_seconds(&card, clock, 30.0), 0);
	assert_true(error_s(&card, clock, card.frame) < 1e-3);
	card.frame += (uint64_t)3600 * RATE_HZ; /* beyond the whole window */
	const unsigned changes = push_seconds(&card, clock, 60.0);
	assert_true((changes & HK_CLOCK_RESTARTED) == 0);
	assert_true(error_s(&card, clock, card.frame) < 1e-3);
	hk_frame_clock_free(clock);
}

static void a_wall_clock_that_is_set_begins_a_new_segment(void **state)
{
	(void)state;
	struct hk_frame_clock *clock = new_clock();
	struct card card = decent_card;
	card.seed = 8;
	assert_int_equal(push_seconds(&card, clock, 30.0), 0);
	const struct card before = card;
	const uint64_t set_at = card.frame;
	card.wall_offset_ns -= 3600000000000; /* an hour back */
	struct hk_clock_step step;
	assert_int_equal(push_block(&card, clock, &step), HK_CLOCK_SET);
	assert_true(step.first_frame == set_at);
	assert_true(step.wall_offset_ns == -3600000000000);
	assert_true(step.monotonic_ns == 0);
	assert_int_equal(push_seconds(&card, clock, 30.0), 0);
	assert_true(error_s(&before, clock, set_at - RATE_HZ) < 2e-3);
	assert_true(error_s(&card, clock, set_at + RATE_HZ) < 2e-3);
	hk_frame_clock_free(clock);
}

static void a_wall_clock_that_is_slewed_is_followed(void **state)
{
	(void)state;
	struct hk_frame_clock *clock = new_clock();
	struct card card = decent_card;
	card.seed = 9;
	for (int second = 0; second < 120; second++) {
		card.wall_offset_ns += 500000; /* 500 ppm, the kernel's limit */
		assert_int_equal(push_seconds(&card, clock, 1.0), 0);
	}
	struct hk_frame_time time;
	assert_int_equal(hk_frame_clock_at(clock, card.frame, &time), 0);
	assert_true(time.wall_ns - time.monotonic_ns == card.wall_offset_ns);
	hk_frame_clock_free(clock);
}

static void positions_that_go_back_begin_anew(void **state)
{
	(void)state;
	struct hk_frame_clock *clock = new_clock();
	struct card card = decent_card;
	card.seed = 10;
	push_seconds(&card, clock, 30.0);
	card.start_s += 100.0;
	card.frame = 0;
	assert_int_equal(push_block(&card, clock, NULL), HK_CLOCK_RESTARTED);
	assert_int_equal(push_seconds(&card, clock, 60.0), 0);
	assert_true(error_s(&card, clock, 0) < 1e-3);
	hk_frame_clock_free(clock);
}

static void more_segments_than_are_kept_lose_the_oldest_only(void **state)
{
	(void)state;
	struct hk_frame_clock *clock = new_clock();
	struct card card = decent_card;
	card.seed = 11;
	for (int i = 0; i < 40; i++) {
		assert_int_equal(push_seconds(&card, clock, 5.0) & ~(unsigned)HK_CLOCK_SET, 0);
		card.wall_offset_ns += 1000000000;
	}
	card.wall_offset_ns -= 1000000000;
	assert_true(error_s(&card, clock, card.frame) < 1e-3);
	card.wall_offset_ns -= 10 * INT64_C(1000000000); /* ten segments ago */
	assert_true(error_s(&card, clock, card.frame - 52 * RATE_HZ) < 2e-3);
	struct hk_frame_clock_status status;
	assert_int_equal(hk_frame_clock_status(clock, &status), 0);
	assert_int_equal(status.n_segments, 40);
	hk_frame_clock_free(clock);
}

static void blocks_cost_no_allocation(void **state)
{
	(void)state;
	if (!EVERY_ALLOC) {
		skip();
	}
	struct hk_frame_clock *clock = new_clock();
	struct card card = decent_card;
	card.seed = 12;
	const size_t n_before = n_allocs;
	push_seconds(&card, clock, 90.0);
	card.lost_s = 1.0;
	assert_int_equal(push_seconds(&card, clock, 10.0), HK_CLOCK_STEPPED);
	assert_int_equal(n_allocs, n_before);
	hk_frame_clock_free(clock);
}

static void a_rate_that_cannot_be_is_refused(void **state)
{
	(void)state;
	struct hk_frame_clock *clock = NULL;
	assert_int_equal(hk_frame_clock_new(&clock, 0), -EINVAL);
	assert_int_equal(hk_frame_clock_new(&clock, 1000001), -EINVAL);
	assert_null(clock);
	hk_frame_clock_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_are_timed_within_1_ms_after_a_minute),
		cmocka_unit_test(the_rate_is_known_after_a_minute_and_not_before),
		cmocka_unit_test(the_drift_lies_within_its_standard_errors),
		cmocka_unit_test(a_perfect_clock_is_followed_to_the_microsecond),
		cmocka_unit_test(the_first_blocks_already_give_times),
		cmocka_unit_test(time_without_frames_begins_a_new_segment),
		cmocka_unit_test(a_step_in_the_first_seconds_is_seen_too),
		cmocka_unit_test(a_stall_that_is_caught_up_is_no_step),
		cmocka_unit_test(a_hole_that_the_positions_show_is_no_step),
		cmocka_unit_test(a_wall_clock_that_is_set_begins_a_new_segment),
		cmocka_unit_test(a_wall_clock_that_is_slewed_is_followed),
		cmocka_unit_test(positions_that_go_back_begin_anew),
		cmocka_unit_test(more_segments_than_are_kept_lose_the_oldest_only),
		cmocka_unit_test(blocks_cost_no_allocation),
		cmocka_unit_test(a_rate_that_cannot_be_is_refused),
	};
	return cmocka_run_group_tests_name("frame_clock", tests, NULL, NULL);
}
