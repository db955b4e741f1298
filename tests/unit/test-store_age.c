/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/store/store_age.h"

#define S INT64_C(1000000)
#define HOUR (3600 * S)
#define DAY (24 * HOUR)
#define YEAR (365 * DAY)
#define NOW (INT64_C(1795343415) * S)

static bool tick(struct hk_store_age *age, int64_t wall_us, int64_t boot_us, bool synchronised,
	int64_t span_us)
{
	const struct hk_store_moment now = { wall_us, boot_us, synchronised };
	return hk_store_age_tick(age, &now, span_us);
}

/* As if it were read from the file by the next run. */
static void restart(struct hk_store_age *age)
{
	*age = (struct hk_store_age){ .age_us = age->age_us,
		.synchronised_us = age->synchronised_us };
}

static void a_clock_that_nobody_keeps_makes_nothing_older(void **state)
{
	(void)state;
	struct hk_store_age age = { 0 };
	tick(&age, NOW, S, false, 0);
	tick(&age, NOW + 73 * YEAR, 61 * S, false, 0); /* set to 2099 */
	tick(&age, NOW - 50 * YEAR, 121 * S, false, 0);
	assert_int_equal(age.age_us, 120 * S);
	restart(&age);
	tick(&age, NOW + 73 * YEAR, 5 * S, false, 0);
	assert_int_equal(age.age_us, 120 * S);
}

static void time_between_runs_counts_from_one_synchronised_reading_to_another(void **state)
{
	(void)state;
	struct hk_store_age age = { 0 };
	tick(&age, NOW, S, true, 0);
	tick(&age, NOW + HOUR, S + HOUR, true, 0);
	assert_int_equal(age.age_us, HOUR);
	restart(&age);
	/* off for a day; the clock is set after ten seconds */
	assert_false(tick(&age, 10 * S, 10 * S, false, 30 * DAY));
	assert_false(tick(&age, NOW + HOUR + DAY + 20 * S, 20 * S, true, 30 * DAY));
	assert_int_equal(age.age_us, HOUR + DAY + 20 * S);
	assert_int_equal(age.synchronised_us, NOW + HOUR + DAY + 20 * S);
}

static void a_jump_beyond_the_history_counts_when_it_has_stayed_for_an_hour(void **state)
{
	(void)state;
	struct hk_store_age age = { 0 };
	tick(&age, NOW, S, true, 0);
	restart(&age);
	const int64_t later = NOW + 30 * DAY;
	assert_true(tick(&age, later, S, true, DAY)); /* news */
	assert_int_equal(age.ahead_us, 30 * DAY);
	assert_false(tick(&age, later + HOUR - S, HOUR, true, DAY)); /* known */
	assert_int_equal(age.age_us, HOUR - S);
	assert_false(tick(&age, later + HOUR, S + HOUR, true, DAY));
	assert_int_equal(age.age_us, 30 * DAY + HOUR);
	assert_int_equal(age.ahead_us, 0);
}

static void a_jump_that_does_not_stay_never_counts(void **state)
{
	(void)state;
	struct hk_store_age age = { 0 };
	tick(&age, NOW, S, true, 0);
	assert_true(tick(&age, NOW + 73 * YEAR, 2 * S, true, DAY));
	assert_false(tick(&age, NOW + 73 * YEAR, 3 * S, false, DAY)); /* nobody keeps it any more */
	assert_true(tick(&age, NOW + 73 * YEAR + HOUR, HOUR, true, DAY));
	tick(&age, NOW + HOUR, HOUR + S, true, DAY); /* right again */
	tick(&age, NOW + 2 * HOUR, 2 * HOUR + S, true, DAY);
	assert_int_equal(age.age_us, 2 * HOUR);
}

static void a_clock_that_goes_back_and_forth_counts_once(void **state)
{
	(void)state;
	struct hk_store_age age = { 0 };
	tick(&age, NOW, S, true, YEAR);
	for (int64_t i = 1; i <= 10; i++) {
		tick(&age, NOW + (i % 2) * 3 * DAY + i * S, (i + 1) * S, true, YEAR);
	}
	assert_int_equal(age.age_us, 3 * DAY + 10 * S);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_clock_that_nobody_keeps_makes_nothing_older),
		cmocka_unit_test(time_between_runs_counts_from_one_synchronised_reading_to_another),
		cmocka_unit_test(a_jump_beyond_the_history_counts_when_it_has_stayed_for_an_hour),
		cmocka_unit_test(a_jump_that_does_not_stay_never_counts),
		cmocka_unit_test(a_clock_that_goes_back_and_forth_counts_once),
	};
	return cmocka_run_group_tests_name("store_age", tests, NULL, NULL);
}
