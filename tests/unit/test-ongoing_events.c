/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/publish/ongoing_events.h"

static char labels[3][HK_LABEL_SIZE] = { "fire_alarm", "music", "speech" };
static const struct hk_model model = { .n_labels = 3, .labels = labels };

struct bed {
	struct hk_ongoing_events ongoing;
};

static int set_up(void **state)
{
	struct bed *bed = calloc(1, sizeof(*bed));
	hk_ongoing_events_init(&bed->ongoing);
	*state = bed;
	return bed ? 0 : -1;
}

static int tear_down(void **state)
{
	struct bed *bed = *state;
	hk_ongoing_events_finish(&bed->ongoing);
	free(bed);
	return 0;
}

/* As daemon_events does; SEQUENCE is the publisher's as well. */
static struct hk_event_record start(
	struct hk_ongoing_events *ongoing, uint64_t sequence, uint32_t label)
{
	struct hk_event_record record = {
		.event = { .sequence = sequence, .label = label, .state = HK_EVENT_ONGOING },
		.rate_hz = 16000,
		.sequence = sequence,
	};
	hk_ongoing_events_identify(ongoing, NULL, &record);
	free(hk_ongoing_events_windows(ongoing, &record, &model));
	hk_ongoing_events_add(ongoing, &record);
	return record;
}

static char *end(struct hk_ongoing_events *ongoing, struct hk_event_record record)
{
	record.event.state = HK_EVENT_ENDED;
	hk_ongoing_events_identify(ongoing, NULL, &record);
	return hk_ongoing_events_windows(ongoing, &record, &model);
}

static void an_event_is_listed_from_its_start_to_its_end(void **state)
{
	struct hk_ongoing_events *ongoing = &((struct bed *)*state)->ongoing;
	size_t n;
	hk_ongoing_events_list(ongoing, &n);
	assert_int_equal(n, 0);
	const struct hk_event_record music = start(ongoing, 1, 1);
	const struct hk_event_record alarm = start(ongoing, 2, 0);
	const struct hk_event_record *listed = hk_ongoing_events_list(ongoing, &n);
	assert_int_equal(n, 2);
	assert_int_equal(listed[0].event.id, alarm.event.id);
	assert_int_equal(listed[1].event.id, music.event.id);
	free(end(ongoing, music));
	listed = hk_ongoing_events_list(ongoing, &n);
	assert_int_equal(n, 1);
	assert_int_equal(listed[0].event.id, alarm.event.id);
}

static void only_windows_of_its_time_explain_an_event_and_its_end_carries_them(void **state)
{
	struct hk_ongoing_events *ongoing = &((struct bed *)*state)->ongoing;
	const struct hk_event_record music = start(ongoing, 1, 1);
	hk_ongoing_events_add_window(ongoing, &(struct hk_analysis_report_window){ .label = 1 });
	uint64_t n_omitted;
	json_t *windows = hk_ongoing_events_explain(ongoing, music.event.id, &model, &n_omitted);
	assert_int_equal(json_array_size(windows), 1);
	json_decref(windows);
	assert_null(hk_ongoing_events_explain(ongoing, music.event.id + 1, &model, &n_omitted));
	char *text = end(ongoing, music);
	assert_non_null(text);
	assert_non_null(strstr(text, "\"omitted\":0"));
	free(text);
	assert_null(hk_ongoing_events_explain(ongoing, music.event.id, &model, &n_omitted));
}

static void what_is_stored_is_listed_as_stored_with_its_cursor(void **state)
{
	struct hk_ongoing_events *ongoing = &((struct bed *)*state)->ongoing;
	struct hk_event_record music = start(ongoing, 1, 1);
	start(ongoing, 2, 0);
	music.cursor = 77;
	hk_ongoing_events_published(ongoing, &music); /* published before it is stored */
	size_t n;
	assert_false(hk_ongoing_events_list(ongoing, &n)[1].stored);
	music.stored = true;
	hk_ongoing_events_published(ongoing, &music);
	const struct hk_event_record *listed = hk_ongoing_events_list(ongoing, &n);
	assert_false(listed[0].stored);
	assert_true(listed[1].stored);
	assert_int_equal(listed[1].cursor, 77);
}

static void another_model_s_windows_do_not_explain_what_starts_later(void **state)
{
	struct hk_ongoing_events *ongoing = &((struct bed *)*state)->ongoing;
	hk_ongoing_events_add_window(ongoing, &(struct hk_analysis_report_window){ .label = 1 });
	hk_ongoing_events_change_model(ongoing);
	const struct hk_event_record music = start(ongoing, 1, 1);
	uint64_t n_omitted;
	json_t *windows = hk_ongoing_events_explain(ongoing, music.event.id, &model, &n_omitted);
	assert_int_equal(json_array_size(windows), 0);
	json_decref(windows);
}

int main(void)
{
#define TEST(name_) cmocka_unit_test_setup_teardown(name_, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(an_event_is_listed_from_its_start_to_its_end),
		TEST(only_windows_of_its_time_explain_an_event_and_its_end_carries_them),
		TEST(what_is_stored_is_listed_as_stored_with_its_cursor),
		TEST(another_model_s_windows_do_not_explain_what_starts_later),
	};
	return cmocka_run_group_tests_name("ongoing_events", tests, NULL, NULL);
}
