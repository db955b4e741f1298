/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/capture/clipping.h"

#define S UINT64_C(1000000000)
#define RATE 16000

/* An input in virtual time, looked at every 100 ms. */
struct world {
	struct hk_clipping clipping;
	uint64_t now_ns, n_frames, n_clipped;
	unsigned n_begins, n_ends;
};

/* SECONDS of sound of which CLIPPED_A_SECOND frames a second stand at full scale. */
static void hear(struct world *world, unsigned seconds, unsigned clipped_a_second)
{
	for (unsigned i = 0; i < 10 * seconds; i++) {
		world->now_ns += S / 10;
		world->n_frames += RATE / 10;
		world->n_clipped += clipped_a_second / 10;
		switch (hk_clipping_look(
			&world->clipping, world->n_frames, world->n_clipped, world->now_ns)) {
		case HK_CLIPPING_BEGAN:
			world->n_begins++;
			break;
		case HK_CLIPPING_ENDED:
			world->n_ends++;
			break;
		case HK_CLIPPING_SAME:
			break;
		}
	}
}

static void assert_said(const struct world *world, unsigned n_begins, unsigned n_ends)
{
	assert_int_equal(world->n_begins, n_begins);
	assert_int_equal(world->n_ends, n_ends);
}

static void test_a_single_peak_is_no_clipping(void **state)
{
	struct world world = { .now_ns = S };
	(void)state;
	hear(&world, 100, 10);
	assert_said(&world, 0, 0);
}

static void test_it_is_said_once_and_its_end_once(void **state)
{
	struct world world = { .now_ns = S };
	(void)state;
	hear(&world, 5, 0);
	hear(&world, 300, 1600);
	assert_said(&world, 1, 0);
	/* A tenth of all frames, to the rounding of one look. */
	assert_float_equal((float)world.clipping.share, 0.1F, 0.001F);
	hear(&world, 9, 0);
	assert_said(&world, 1, 0);
	hear(&world, 300, 0);
	assert_said(&world, 1, 1);
}

static void test_it_is_said_once_a_minute_at_most(void **state)
{
	struct world world = { .now_ns = S };
	(void)state;
	for (int i = 0; i < 30; i++) {
		hear(&world, 2, 1600);
		hear(&world, 18, 0);
	}
	/* Ten minutes. */
	assert_said(&world, 10, 10);
}

static void test_a_source_that_is_away_neither_begins_nor_ends_it(void **state)
{
	struct world world = { .now_ns = S };
	(void)state;
	hear(&world, 5, 1600);
	for (int i = 0; i < 1000; i++) {
		world.now_ns += S / 10;
		assert_int_equal(hk_clipping_look(&world.clipping, world.n_frames, world.n_clipped,
					 world.now_ns),
			HK_CLIPPING_SAME);
	}
	assert_true(world.clipping.clips);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_single_peak_is_no_clipping),
		cmocka_unit_test(test_it_is_said_once_and_its_end_once),
		cmocka_unit_test(test_it_is_said_once_a_minute_at_most),
		cmocka_unit_test(test_a_source_that_is_away_neither_begins_nor_ends_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
