/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "clients/socket/event_view.h"
#include "clients/socket/exec_environment.h"

#define EVENT                                                                                        \
	"{\"id\":17,\"cursor\":18,\"instance\":\"kitchen\",\"label\":\"alarm\",\"state\":\"ended\"," \
	"\"start\":\"2026-11-22T10:00:00.250Z\",\"end\":\"2026-11-22T10:00:02.250Z\","               \
	"\"duration_ms\":2000,\"start_frame\":0,\"end_frame\":32000,\"peak_probability\":0.75,"      \
	"\"mean_probability\":1,\"level_dbfs\":-20.5,\"windows\":3,\"gap\":true,\"continues\":null," \
	"\"model\":\"home\",\"model_hash\":\"ab\",\"stored\":true}"

static void an_event_is_read_with_every_field(void **state)
{
	(void)state;
	struct hk_event_view heard;
	json_t *event = json_loads(EVENT, 0, NULL);
	assert_int_equal(hk_event_view_read(event, &heard, NULL), 0);
	assert_int_equal(heard.id, 17);
	assert_int_equal(heard.cursor, 18);
	assert_string_equal(heard.instance, "kitchen");
	assert_string_equal(heard.label, "alarm");
	assert_string_equal(heard.state, "ended");
	assert_string_equal(heard.end, "2026-11-22T10:00:02.250Z");
	assert_int_equal(heard.start_us, INT64_C(1795341600250000));
	assert_int_equal(heard.duration_ms, 2000);
	assert_true(heard.peak_probability == 0.75 && heard.mean_probability == 1);
	assert_true(heard.level_dbfs == -20.5);
	assert_int_equal(heard.n_windows, 3);
	assert_true(heard.gap && heard.stored);
	assert_int_equal(heard.continues, 0);
	json_decref(event);
}

static void an_event_without_a_member_or_with_one_of_another_type_is_refused(void **state)
{
	(void)state;
	static const char *const optional[] = { "end", "continues", "start_frame", "end_frame",
		"model", "model_hash" };
	json_t *event = json_loads(EVENT, 0, NULL);
	const char *name;
	void *next;
	json_t *value;
	size_t n_refused = 0;
	json_object_foreach_safe(event, next, name, value)
	{
		bool required = true;
		for (size_t i = 0; i < sizeof(optional) / sizeof(optional[0]); i++) {
			required = required && strcmp(name, optional[i]) != 0;
		}
		if (!required) {
			continue;
		}
		struct hk_event_view heard;
		struct hk_diag diag;
		json_t *without = json_copy(event), *wrong = json_copy(event);
		json_object_del(without, name);
		json_object_set_new(wrong, name, json_array());
		assert_int_equal(hk_event_view_read(without, &heard, &diag), -EPROTO);
		assert_non_null(strstr(diag.text, name));
		assert_int_equal(hk_event_view_read(wrong, &heard, NULL), -EPROTO);
		json_decref(without);
		json_decref(wrong);
		n_refused++;
	}
	assert_int_equal(n_refused, 13);
	struct hk_event_view heard;
	struct hk_diag diag;
	json_object_set_new(event, "start", json_string("in spring"));
	assert_int_equal(hk_event_view_read(event, &heard, &diag), -EPROTO);
	assert_non_null(strstr(diag.text, "in spring"));
	assert_int_equal(hk_event_view_read(NULL, &heard, NULL), -EPROTO);
	json_decref(event);
}

static void assert_duration(int64_t duration_ms, const char *expected)
{
	char text[32];
	hk_duration_text(duration_ms, text, sizeof(text));
	assert_string_equal(text, expected);
}

static void durations_are_told_in_the_two_units_that_matter(void **state)
{
	(void)state;
	assert_duration(0, "0.0 s");
	assert_duration(59900, "59.9 s");
	assert_duration(60000, "1 min 00 s");
	assert_duration(3599000, "59 min 59 s");
	assert_duration(3600000, "1 h 00 min");
	assert_duration(INT64_C(47) * 3600000, "47 h 00 min");
	assert_duration(INT64_C(49) * 3600000, "2 d 1 h");
}

static void assert_labels(const char *labels, const char *expected)
{
	json_t *array = hk_labels_json(labels);
	char *text = json_dumps(array, JSON_COMPACT | JSON_ENCODE_ANY);
	assert_string_equal(text, expected);
	free(text);
	json_decref(array);
}

static void a_list_of_labels_is_an_array_and_nothing_of_it_is_left_out(void **state)
{
	(void)state;
	assert_labels("", "null");
	assert_labels("a", "[\"a\"]");
	assert_labels("a,b,a", "[\"a\",\"b\",\"a\"]");
	assert_labels("a,", "[\"a\",\"\"]");
	assert_labels("\xff", "[\"\xef\xbf\xbd\"]");
}

static const char *find(char **envp, const char *name)
{
	const size_t length = strlen(name);
	const char *found = NULL;
	for (; *envp; envp++) {
		if (strncmp(*envp, name, length) == 0 && (*envp)[length] == '=') {
			assert_null(found); /* once only */
			found = *envp + length + 1;
		}
	}
	return found;
}

static void an_event_replaces_what_the_environment_said_of_another(void **state)
{
	(void)state;
	struct hk_event_view heard;
	json_t *event = json_loads(EVENT, 0, NULL);
	assert_int_equal(hk_event_view_read(event, &heard, NULL), 0);
	setenv("HEARKEN_ID", "3", 1);
	setenv("HEARKEN_END", "never", 1);
	setenv("HEARKEN_CONTINUES", "2", 1);
	setenv("HEARKEN_SOCKET", "/x", 1);
	heard.end = NULL;
	char **envp = hk_exec_environment_of(&heard);
	assert_string_equal(find(envp, "HEARKEN_ID"), "17");
	assert_string_equal(find(envp, "HEARKEN_GAP"), "1");
	assert_string_equal(find(envp, "HEARKEN_PROBABILITY"), "0.75");
	assert_string_equal(find(envp, "HEARKEN_LEVEL_DBFS"), "-20.5");
	assert_null(find(envp, "HEARKEN_END"));
	assert_null(find(envp, "HEARKEN_CONTINUES"));
	assert_string_equal(find(envp, "HEARKEN_SOCKET"), "/x");
	hk_exec_environment_free(envp);
	hk_exec_environment_free(NULL);
	json_decref(event);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_event_is_read_with_every_field),
		cmocka_unit_test(an_event_without_a_member_or_with_one_of_another_type_is_refused),
		cmocka_unit_test(durations_are_told_in_the_two_units_that_matter),
		cmocka_unit_test(a_list_of_labels_is_an_array_and_nothing_of_it_is_left_out),
		cmocka_unit_test(an_event_replaces_what_the_environment_said_of_another),
	};
	return cmocka_run_group_tests_name("heard", tests, NULL, NULL);
}
