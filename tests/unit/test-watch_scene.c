/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "clients/watch/scene.h"

#define RATE_HZ 16000
#define COLUMN 320

static struct hk_watch_scene scene;

static json_t *column_json(int db)
{
	json_t *rows = json_array();
	for (int row = 0; row < HK_LIVE_SPECTROGRAM_ROWS; row++) {
		json_array_append_new(rows, json_integer(db));
	}
	return rows;
}

/* A reply of Monitor with two columns. */
static json_t *picture(json_int_t start)
{
	return json_pack("{s:{s:I, s:i, s:i, s:f, s:f, s:[f, f], s:[f, f], s:[o, o]}}", "picture",
		"start_frame", start, "frames_per_column", COLUMN, "rate_hz", RATE_HZ, "fmin_hz",
		60.0, "fmax_hz", 8000.0, "minimum", -0.1, -0.2, "maximum", 0.1, 0.2, "columns",
		column_json(-30), column_json(-40));
}

static int show(json_t *reply)
{
	struct hk_diag diag;
	const int r = hk_watch_scene_monitor(&scene, reply, &diag);
	json_decref(reply);
	return r;
}

static void columns_follow_each_other_and_old_ones_go(void **state)
{
	(void)state;
	memset(&scene, 0, sizeof(scene));
	for (int i = 0; i < HK_WATCH_SCENE_COLUMNS; i++) {
		assert_int_equal(show(picture(2 * i * COLUMN)), 0);
	}
	assert_int_equal(scene.n_columns, 2 * HK_WATCH_SCENE_COLUMNS);
	assert_null(hk_watch_scene_column_at(&scene, scene.n_columns));
	assert_null(hk_watch_scene_column_at(&scene, scene.n_columns - HK_WATCH_SCENE_COLUMNS - 1));
	const struct hk_watch_scene_column *last =
		hk_watch_scene_column_at(&scene, scene.n_columns - 1);
	assert_int_equal(last->db[63], -40);
	assert_false(last->lost);
	assert_non_null(hk_watch_scene_column_at(&scene, scene.n_columns - HK_WATCH_SCENE_COLUMNS));
}

static void lost_sound_leaves_as_many_columns_as_it_lasted(void **state)
{
	(void)state;
	memset(&scene, 0, sizeof(scene));
	assert_int_equal(show(picture(0)), 0);
	assert_int_equal(show(picture(12 * COLUMN)), 0);
	assert_int_equal(scene.n_columns, 2 + 10 + 2);
	for (uint64_t i = 0; i < scene.n_columns; i++) {
		assert_int_equal(hk_watch_scene_column_at(&scene, i)->lost, i >= 2 && i < 12);
	}
	/* less than a column, and a position before: a mark all the same */
	assert_int_equal(show(picture(14 * COLUMN + 5)), 0);
	assert_int_equal(show(picture(0)), 0);
	assert_int_equal(scene.n_columns, 14 + 2 * (1 + 2));
}

static void another_daemon_begins_another_picture(void **state)
{
	(void)state;
	memset(&scene, 0, sizeof(scene));
	assert_int_equal(show(picture(500 * COLUMN)), 0);
	hk_watch_scene_lost(&scene);
	assert_int_equal(show(picture(0)), 0);
	assert_int_equal(scene.n_columns, 2);
	assert_false(hk_watch_scene_column_at(&scene, 0)->lost);
}

static void an_event_is_listed_once_and_the_newest_first(void **state)
{
	(void)state;
	memset(&scene, 0, sizeof(scene));
	struct hk_event_view heard = { .label = "music", .state = "ongoing" };
	for (heard.id = 1; heard.id <= 2 * HK_WATCH_SCENE_EVENTS; heard.id++) {
		hk_watch_scene_event(&scene, &heard);
	}
	assert_int_equal(scene.n_events, HK_WATCH_SCENE_EVENTS);
	assert_int_equal(scene.events[0].id, 2 * HK_WATCH_SCENE_EVENTS);
	heard.id = 2 * HK_WATCH_SCENE_EVENTS - 3;
	heard.state = "ended";
	hk_watch_scene_event(&scene, &heard);
	assert_int_equal(scene.n_events, HK_WATCH_SCENE_EVENTS);
	assert_string_equal(scene.events[3].state, "ended");
	assert_string_equal(scene.events[2].state, "ongoing");
}

static void a_picture_that_is_none_is_refused(void **state)
{
	(void)state;
	static const char *const members[] = { "start_frame", "frames_per_column", "rate_hz",
		"fmin_hz", "fmax_hz", "minimum", "maximum", "columns" };
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		memset(&scene, 0, sizeof(scene));
		json_t *missing = picture(0), *wrong = picture(0);
		json_object_del(json_object_get(missing, "picture"), members[i]);
		json_object_set_new(
			json_object_get(wrong, "picture"), members[i], json_string("x"));
		assert_int_equal(show(missing), -EPROTO);
		assert_int_equal(show(wrong), -EPROTO);
		if (i < 5) {
			json_t *negative = picture(0);
			json_object_set_new(json_object_get(negative, "picture"), members[i],
				i < 3 ? json_integer(-1) : json_real(-1));
			assert_int_equal(show(negative), -EPROTO);
		}
	}
	assert_int_equal(show(picture(INT64_MAX)), -EPROTO);
	json_t *narrow = picture(0);
	json_t *columns = json_object_get(json_object_get(narrow, "picture"), "columns");
	json_array_remove(json_array_get(columns, 1), 0);
	assert_int_equal(show(narrow), -EPROTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_follow_each_other_and_old_ones_go),
		cmocka_unit_test(lost_sound_leaves_as_many_columns_as_it_lasted),
		cmocka_unit_test(another_daemon_begins_another_picture),
		cmocka_unit_test(an_event_is_listed_once_and_the_newest_first),
		cmocka_unit_test(a_picture_that_is_none_is_refused),
	};
	return cmocka_run_group_tests_name("watch_scene", tests, NULL, NULL);
}
