/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/publish/event_ids.h"

static struct hk_event_record record(
	uint64_t sequence, uint32_t label, enum hk_event_state state, uint64_t continues)
{
	return (struct hk_event_record){
		.event = { .sequence = sequence,
			.label = label,
			.state = state,
			.continues = continues },
		.start_us = (int64_t)sequence * 1000,
		.end_us = (int64_t)sequence * 1000,
		.rate_hz = 16000,
	};
}

static void an_event_keeps_its_id_and_start_until_it_ends(void **state)
{
	(void)state;
	struct hk_event_ids open;
	hk_event_ids_init(&open, 0);
	struct hk_event_record a = record(1, 3, HK_EVENT_ONGOING, 0);
	struct hk_event_record b = record(2, 5, HK_EVENT_ONGOING, 0);
	hk_event_ids_fill(&open, &a, 1000000);
	hk_event_ids_fill(&open, &b, 2000000);
	assert_int_equal(a.event.id, 1000000);
	assert_int_equal(b.event.id, 2000000);
	struct hk_event_record end = record(1, 3, HK_EVENT_ENDED, 0);
	end.start_us += 7; /* the clock is known better by now */
	hk_event_ids_fill(&open, &end, 3000000);
	assert_int_equal(end.event.id, 1000000);
	assert_int_equal(end.start_us, a.start_us);
	assert_int_equal(end.event.continues, 0);
}

static void ids_ascend_whatever_the_clock_does(void **state)
{
	(void)state;
	struct hk_event_ids open;
	hk_event_ids_init(&open, 5000000);
	const int64_t clock[] = { 4000000, 4000000, 6000000, 1, -5, 6000001 };
	uint64_t last = 5000000;
	for (uint64_t i = 0; i < sizeof(clock) / sizeof(clock[0]); i++) {
		struct hk_event_record start = record(i + 1, 0, HK_EVENT_ONGOING, 0);
		hk_event_ids_fill(&open, &start, clock[i]);
		assert_true(start.event.id > last);
		last = start.event.id;
	}
	assert_int_equal(last, 6000003);
}

static void all_pieces_of_a_long_event_name_the_first(void **state)
{
	(void)state;
	struct hk_event_ids open;
	hk_event_ids_init(&open, 0);
	for (uint64_t i = 1; i <= 3; i++) {
		struct hk_event_record start = record(i, 0, HK_EVENT_ONGOING, i > 1);
		struct hk_event_record end = record(i, 0, HK_EVENT_ENDED, i > 1);
		hk_event_ids_fill(&open, &start, 1000 * (int64_t)i);
		hk_event_ids_fill(&open, &end, 1000 * (int64_t)i + 500);
		assert_int_equal(start.event.id, 1000 * i);
		assert_int_equal(start.event.continues, i > 1 ? 1000 : 0);
		assert_int_equal(end.event.continues, start.event.continues);
	}
	struct hk_event_record next = record(4, 0, HK_EVENT_ONGOING, 0);
	hk_event_ids_fill(&open, &next, 9000);
	assert_int_equal(next.event.continues, 0);
}

static void an_end_without_a_start_gets_an_id_of_its_own(void **state)
{
	(void)state;
	struct hk_event_ids open;
	hk_event_ids_init(&open, 0);
	struct hk_event_record start = record(1, 0, HK_EVENT_ONGOING, 0);
	hk_event_ids_fill(&open, &start, 1000);
	struct hk_event_record end = record(2, 0, HK_EVENT_ENDED, 0);
	hk_event_ids_fill(&open, &end, 2000);
	assert_int_equal(end.event.id, 2000);
	assert_int_equal(end.start_us, 2000);
}

static void the_end_stands_by_the_clock_unless_it_contradicts_the_frames(void **state)
{
	(void)state;
	struct hk_event_ids open;
	hk_event_ids_init(&open, 0);
	const struct {
		int64_t clock_us, expected_us; /* after the start; the frames say 60 s */
	} cases[] = { { 60003000, 60003000 }, { 59997000, 59997000 }, { 1000, 60000000 },
		{ -5000000, 60000000 }, { 300000000, 60000000 } };
	for (uint64_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hk_event_record end = record(i + 1, 0, HK_EVENT_ENDED, 0);
		end.event.end_frame = UINT64_C(60) * 16000;
		end.end_us = end.start_us + cases[i].clock_us;
		hk_event_ids_fill(&open, &end, 1000);
		assert_int_equal(end.end_us - end.start_us, cases[i].expected_us);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_event_keeps_its_id_and_start_until_it_ends),
		cmocka_unit_test(ids_ascend_whatever_the_clock_does),
		cmocka_unit_test(all_pieces_of_a_long_event_name_the_first),
		cmocka_unit_test(an_end_without_a_start_gets_an_id_of_its_own),
		cmocka_unit_test(the_end_stands_by_the_clock_unless_it_contradicts_the_frames),
	};
	return cmocka_run_group_tests_name("open_events", tests, NULL, NULL);
}
