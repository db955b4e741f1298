/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/capture/liveness.h"

#define MS UINT64_C(1000000)
#define S (1000 * MS)
#define TICK (100 * MS)

/* A source in virtual time: ticks every 100 ms, and frames arrive in between while it sounds. */
struct world {
	struct hk_liveness liveness;
	uint64_t now_ns;
	uint64_t n_frames;
	uint64_t still_ns;
	bool sounds;
	bool reader_late;
};

static void begin(struct world *world, bool own_pace)
{
	*world = (struct world){ .now_ns = 5 * S };
	hk_liveness_init(&world->liveness, own_pace, world->now_ns);
}

static enum hk_liveness_action tick(struct world *world)
{
	world->now_ns += TICK;
	world->n_frames += world->sounds ? 1600 : 0;
	const struct hk_liveness_view view = {
		.now_ns = world->now_ns,
		.n_frames = world->n_frames,
		.still_ns = world->still_ns,
		.reader_late = world->reader_late,
	};
	return hk_liveness_tick(&world->liveness, &view);
}

/* Tick until there is something to do; the time that it took, or DURATION. */
static uint64_t wait_for(struct world *world, enum hk_liveness_action action, uint64_t duration_ns)
{
	const uint64_t begin_ns = world->now_ns;
	while (world->now_ns - begin_ns < duration_ns && tick(world) != action) {}
	return world->now_ns - begin_ns;
}

static void run(struct world *world, uint64_t duration_ns)
{
	const uint64_t end_ns = world->now_ns + duration_ns;
	while (world->now_ns < end_ns) {
		assert_int_equal(tick(world), HK_LIVENESS_NOTHING);
	}
}

static void open_it(struct world *world)
{
	hk_liveness_started(&world->liveness, world->now_ns);
	hk_liveness_opened(&world->liveness, world->now_ns);
}

static void begin_hearing(struct world *world, bool own_pace)
{
	begin(world, own_pace);
	open_it(world);
	world->sounds = true;
	run(world, 2 * S);
	assert_int_equal(world->liveness.state, HK_SOURCE_HEARING);
}

static void test_it_is_starting_until_the_first_frame(void **state)
{
	struct world world;
	(void)state;
	begin(&world, false);
	assert_int_equal(tick(&world), HK_LIVENESS_START);
	open_it(&world);
	run(&world, S);
	assert_int_equal(world.liveness.state, HK_SOURCE_STARTING);
	world.sounds = true;
	run(&world, TICK);
	assert_int_equal(world.liveness.state, HK_SOURCE_HEARING);
	assert_string_equal(world.liveness.why, "");
	assert_int_equal(world.liveness.since_ns, world.now_ns);
}

static void test_half_a_second_without_a_frame_is_a_stall(void **state)
{
	struct world world;
	(void)state;
	begin_hearing(&world, false);
	world.sounds = false;
	run(&world, 400 * MS);
	assert_int_equal(world.liveness.state, HK_SOURCE_HEARING);
	run(&world, 100 * MS);
	assert_int_equal(world.liveness.state, HK_SOURCE_STALLED);
	world.sounds = true;
	run(&world, TICK);
	assert_int_equal(world.liveness.state, HK_SOURCE_HEARING);
}

static void test_a_second_and_a_half_without_a_frame_costs_the_helper_its_life(void **state)
{
	struct world world;
	(void)state;
	begin_hearing(&world, false);
	world.sounds = false;
	assert_int_equal(wait_for(&world, HK_LIVENESS_KILL, 10 * S), 1500 * MS);
	assert_int_equal(world.liveness.state, HK_SOURCE_LOST);
	run(&world, S); /* once is enough */
	hk_liveness_exited(&world.liveness, "killed", world.now_ns);
	assert_string_not_equal(world.liveness.why, "killed"); /* we know better */
	assert_int_equal(wait_for(&world, HK_LIVENESS_START, S), 200 * MS);
}

static void test_a_pipe_may_pause_as_long_as_it_likes(void **state)
{
	struct world world;
	(void)state;
	begin_hearing(&world, true);
	world.sounds = false;
	run(&world, 3600 * S);
	assert_int_equal(world.liveness.state, HK_SOURCE_STALLED);
}

static void test_a_source_that_waits_for_the_reader_does_not_stall(void **state)
{
	struct world world;
	(void)state;
	begin_hearing(&world, true);
	world.sounds = false;
	world.reader_late = true;
	run(&world, 10 * S);
	assert_int_equal(world.liveness.state, HK_SOURCE_HEARING);
	world.reader_late = false;
	run(&world, 500 * MS);
	assert_int_equal(world.liveness.state, HK_SOURCE_STALLED);
}

static void test_ten_seconds_of_exact_zeros_are_digital_silence(void **state)
{
	struct world world;
	(void)state;
	begin_hearing(&world, false);
	world.still_ns = 9 * S;
	run(&world, S);
	assert_int_equal(world.liveness.state, HK_SOURCE_HEARING);
	world.still_ns = 10 * S;
	run(&world, S);
	assert_int_equal(world.liveness.state, HK_SOURCE_SILENT_DIGITAL);
	world.still_ns = 0;
	run(&world, TICK);
	assert_int_equal(world.liveness.state, HK_SOURCE_HEARING);
}

/* Let the helper fail at once every time for DURATION; the longest time between two attempts. */
static uint64_t fail_for(struct world *world, uint64_t duration_ns, uint64_t *ret_n_attempts)
{
	const uint64_t end_ns = world->now_ns + duration_ns;
	uint64_t longest_ns = 0;
	*ret_n_attempts = 0;
	while (world->now_ns < end_ns) {
		const uint64_t pause_ns = wait_for(world, HK_LIVENESS_START, duration_ns);
		longest_ns = pause_ns > longest_ns ? pause_ns : longest_ns;
		(*ret_n_attempts)++;
		hk_liveness_started(&world->liveness, world->now_ns);
		hk_liveness_lost(
			&world->liveness, "no such device", world->n_frames, world->now_ns);
		hk_liveness_exited(&world->liveness, "status 0", world->now_ns);
		assert_int_equal(world->liveness.state, HK_SOURCE_LOST);
		assert_string_equal(world->liveness.why, "no such device");
	}
	return longest_ns;
}

static void test_the_pause_doubles_to_a_second_then_to_thirty_and_never_ends(void **state)
{
	struct world world;
	uint64_t n_attempts;
	(void)state;
	begin_hearing(&world, false);
	world.sounds = false;
	hk_liveness_lost(&world.liveness, "no such device", world.n_frames, world.now_ns);
	hk_liveness_exited(&world.liveness, "status 0", world.now_ns);
	const uint64_t pauses_ms[] = { 200, 400, 800, 1000, 1000 };
	for (size_t i = 0; i < sizeof(pauses_ms) / sizeof(pauses_ms[0]); i++) {
		assert_int_equal(wait_for(&world, HK_LIVENESS_START, 60 * S), pauses_ms[i] * MS);
		hk_liveness_started(&world.liveness, world.now_ns);
		hk_liveness_exited(&world.liveness, "status 0", world.now_ns);
	}
	assert_int_equal(fail_for(&world, 580 * S, &n_attempts), S);
	assert_int_equal(fail_for(&world, 3600 * S, &n_attempts), 30 * S);
	fail_for(&world, 24 * 3600 * S, &n_attempts);
	assert_in_range(n_attempts, 24 * 120 - 1, 24 * 120 + 1);
}

static void test_frames_that_flow_for_a_second_shorten_the_next_pause(void **state)
{
	struct world world;
	uint64_t n_attempts;
	(void)state;
	begin_hearing(&world, false);
	world.sounds = false;
	hk_liveness_lost(&world.liveness, "gone", world.n_frames, world.now_ns);
	hk_liveness_exited(&world.liveness, "status 0", world.now_ns);
	fail_for(&world, 60 * S, &n_attempts);
	wait_for(&world, HK_LIVENESS_START, 60 * S);
	open_it(&world);
	world.sounds = true;
	run(&world, 1200 * MS);
	world.sounds = false;
	hk_liveness_exited(&world.liveness, "crashed", world.now_ns);
	assert_int_equal(wait_for(&world, HK_LIVENESS_START, 60 * S), 200 * MS);
}

static void test_a_new_device_is_tried_at_once(void **state)
{
	struct world world;
	uint64_t n_attempts;
	(void)state;
	begin_hearing(&world, false);
	world.sounds = false;
	hk_liveness_lost(&world.liveness, "gone", world.n_frames, world.now_ns);
	hk_liveness_exited(&world.liveness, "status 0", world.now_ns);
	fail_for(&world, 3600 * S, &n_attempts);
	hk_liveness_hurry(&world.liveness, world.now_ns);
	assert_int_equal(wait_for(&world, HK_LIVENESS_START, 60 * S), 200 * MS);
}

static void test_one_loss_is_shown_as_one_recovery_however_often_it_is_tried(void **state)
{
	struct world world;
	unsigned n_changes = 0;
	(void)state;
	begin_hearing(&world, false);
	world.sounds = false;
	enum hk_source_state shown = world.liveness.state;
	/* A device that opens and never delivers. */
	for (int i = 0; i < 3000; i++) {
		switch (tick(&world)) {
		case HK_LIVENESS_START:
			open_it(&world);
			break;
		case HK_LIVENESS_KILL:
			hk_liveness_exited(&world.liveness, "killed", world.now_ns);
			break;
		case HK_LIVENESS_NOTHING:
			break;
		}
		n_changes += world.liveness.state != shown;
		shown = world.liveness.state;
	}
	assert_int_equal(n_changes, 4); /* stalled, lost, recovering, lost */
	assert_int_equal(shown, HK_SOURCE_LOST);
}

static void test_a_helper_that_dies_without_a_word_is_named(void **state)
{
	struct world world;
	(void)state;
	begin_hearing(&world, false);
	world.sounds = false;
	hk_liveness_exited(&world.liveness, "ended by signal 6", world.now_ns);
	assert_int_equal(world.liveness.state, HK_SOURCE_LOST);
	assert_string_equal(world.liveness.why, "ended by signal 6");
}

static void test_a_helper_that_hangs_while_opening_is_killed(void **state)
{
	struct world world;
	(void)state;
	begin(&world, false);
	hk_liveness_started(&world.liveness, world.now_ns);
	assert_int_equal(wait_for(&world, HK_LIVENESS_KILL, 60 * S), HK_OPENING_NS);
}

static void test_time_that_the_daemon_itself_slept_is_no_stall(void **state)
{
	struct world world;
	(void)state;
	begin_hearing(&world, false);
	world.sounds = false;
	world.now_ns += 3600 * S; /* the machine was suspended */
	run(&world, 400 * MS);
	assert_int_equal(world.liveness.state, HK_SOURCE_HEARING);
	run(&world, 200 * MS);
	assert_int_equal(world.liveness.state, HK_SOURCE_STALLED);
}

static void test_what_arrived_before_a_loss_does_not_count_as_a_return(void **state)
{
	struct world world;
	(void)state;
	begin_hearing(&world, true);
	world.sounds = false;
	world.n_frames += 100; /* between the last tick and the loss */
	hk_liveness_lost(&world.liveness, "the writer is gone", world.n_frames, world.now_ns);
	run(&world, S);
	assert_int_equal(world.liveness.state, HK_SOURCE_LOST);
	world.sounds = true;
	run(&world, TICK);
	assert_int_equal(world.liveness.state, HK_SOURCE_HEARING);
}

static void test_a_stall_is_seen_within_a_second_though_ticks_are_rare_while_all_is_well(
	void **state)
{
	struct world world;
	(void)state;
	begin_hearing(&world, false);
	assert_int_equal(hk_liveness_next_tick_ns(&world.liveness), HK_STEADY_TICK_NS);
	world.n_frames++; /* the last one, just after a tick */
	world.sounds = false;
	const uint64_t begin_ns = world.now_ns;
	uint64_t n_ticks = 0;
	while (world.liveness.state == HK_SOURCE_HEARING) {
		world.now_ns += hk_liveness_next_tick_ns(&world.liveness) - TICK;
		assert_int_equal(tick(&world), HK_LIVENESS_NOTHING);
		n_ticks++;
	}
	assert_int_equal(world.liveness.state, HK_SOURCE_STALLED);
	assert_in_range(world.now_ns - begin_ns, 500 * MS, S);
	assert_int_equal(hk_liveness_next_tick_ns(&world.liveness), HK_TICK_NS);
	assert_true(n_ticks > 2); /* doubt brings the fast ones back */
}

static void test_the_end_is_final(void **state)
{
	struct world world;
	(void)state;
	begin_hearing(&world, true);
	world.sounds = false;
	hk_liveness_ended(&world.liveness, "", world.now_ns);
	hk_liveness_exited(&world.liveness, "status 0", world.now_ns);
	run(&world, 60 * S);
	assert_int_equal(world.liveness.state, HK_SOURCE_ENDED);
	assert_string_equal(world.liveness.why, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_is_starting_until_the_first_frame),
		cmocka_unit_test(test_half_a_second_without_a_frame_is_a_stall),
		cmocka_unit_test(
			test_a_second_and_a_half_without_a_frame_costs_the_helper_its_life),
		cmocka_unit_test(test_a_pipe_may_pause_as_long_as_it_likes),
		cmocka_unit_test(test_a_source_that_waits_for_the_reader_does_not_stall),
		cmocka_unit_test(test_ten_seconds_of_exact_zeros_are_digital_silence),
		cmocka_unit_test(test_the_pause_doubles_to_a_second_then_to_thirty_and_never_ends),
		cmocka_unit_test(test_frames_that_flow_for_a_second_shorten_the_next_pause),
		cmocka_unit_test(test_a_new_device_is_tried_at_once),
		cmocka_unit_test(test_one_loss_is_shown_as_one_recovery_however_often_it_is_tried),
		cmocka_unit_test(test_a_helper_that_dies_without_a_word_is_named),
		cmocka_unit_test(test_a_helper_that_hangs_while_opening_is_killed),
		cmocka_unit_test(test_time_that_the_daemon_itself_slept_is_no_stall),
		cmocka_unit_test(test_what_arrived_before_a_loss_does_not_count_as_a_return),
		cmocka_unit_test(
			test_a_stall_is_seen_within_a_second_though_ticks_are_rare_while_all_is_well),
		cmocka_unit_test(test_the_end_is_final),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
