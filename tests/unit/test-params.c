/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/params.h"

struct settings {
	bool flag;
	uint32_t count;
	uint32_t any_count;
	double ratio;
	double any;
	double wait_s;
	char name[8];
	uint32_t channel;
	uint32_t channels;
	struct hk_uint_list bins;
	struct hk_k_of_n confirm;
	uint32_t required;
};

static const char *const channels[] = { "mix", "left", "right", NULL };

enum {
	FLAG,
	COUNT,
	ANY_COUNT,
	RATIO,
	ANY,
	WAIT,
	NAME,
	CHANNEL,
	CHANNELS,
	BINS,
	CONFIRM,
	REQUIRED,
	N_ROWS
};

static const struct hk_param table[N_ROWS] = {
	[FLAG] = { "a", "flag", HK_PARAM_BOOL, HK_PARAM_AT(struct settings, flag),
		.fallback = "yes" },
	[COUNT] = { "a", "count", HK_PARAM_UINT, HK_PARAM_AT(struct settings, count), .min = 2,
		.max = 9, .fallback = "3", .unit = "frames" },
	[ANY_COUNT] = { "a", "any_count", HK_PARAM_UINT, HK_PARAM_AT(struct settings, any_count),
		.min = 0, .max = UINT32_MAX, .fallback = "4294967295" },
	[RATIO] = { "a", "ratio", HK_PARAM_DOUBLE, HK_PARAM_AT(struct settings, ratio), .min = 0,
		.max = 1, .fallback = "0.1" },
	[ANY] = { "a", "any", HK_PARAM_DOUBLE, HK_PARAM_AT(struct settings, any), .min = -DBL_MAX,
		.max = DBL_MAX, .fallback = "-1e-3" },
	[WAIT] = { "b", "wait", HK_PARAM_DURATION, HK_PARAM_AT(struct settings, wait_s), .min = 0,
		.max = 172800, .fallback = "250 ms" },
	[NAME] = { "b", "name", HK_PARAM_STRING, HK_PARAM_AT(struct settings, name),
		.fallback = "" },
	[CHANNEL] = { "b", "channel", HK_PARAM_ENUM, HK_PARAM_AT(struct settings, channel),
		.words = channels, .fallback = "left" },
	[CHANNELS] = { "b", "channels", HK_PARAM_WORDS, HK_PARAM_AT(struct settings, channels),
		.words = channels, .fallback = "left, mix" },
	[BINS] = { NULL, "bins", HK_PARAM_UINT_LIST, HK_PARAM_AT(struct settings, bins), .min = 0,
		.max = 512, .fallback = "1, 2 4" },
	[CONFIRM] = { NULL, "confirm", HK_PARAM_K_OF_N, HK_PARAM_AT(struct settings, confirm),
		.max = 64, .fallback = "2 of 3" },
	[REQUIRED] = { NULL, "required", HK_PARAM_UINT, HK_PARAM_AT(struct settings, required),
		.max = 5 },
};

static void the_defaults_are_what_the_table_says(void **state)
{
	(void)state;
	struct settings s = { .required = 77 };
	hk_params_defaults(table, N_ROWS, &s);
	assert_true(s.flag);
	assert_int_equal(s.count, 3);
	assert_int_equal(s.any_count, UINT32_MAX);
	assert_true(s.ratio == 0.1);
	assert_true(s.any == -1e-3);
	assert_true(s.wait_s == 0.25);
	assert_string_equal(s.name, "");
	assert_int_equal(s.channel, 1);
	assert_int_equal(s.channels, 1 << 0 | 1 << 1);
	assert_int_equal(s.bins.n_values, 3);
	assert_int_equal(s.bins.values[2], 4);
	assert_int_equal(s.confirm.k, 2);
	assert_int_equal(s.confirm.n, 3);
	assert_int_equal(s.required, 77); /* has no default */
}

static void rows_are_found_by_section_and_key(void **state)
{
	(void)state;
	assert_ptr_equal(hk_params_find(table, N_ROWS, "b", "wait"), &table[WAIT]);
	assert_ptr_equal(hk_params_find(table, N_ROWS, NULL, "bins"), &table[BINS]);
	assert_null(hk_params_find(table, N_ROWS, "a", "wait"));
	assert_null(hk_params_find(table, N_ROWS, NULL, "wait"));
	assert_null(hk_params_find(table, N_ROWS, "a", "bins"));
	assert_null(hk_params_find(table, N_ROWS, "a", "Flag"));
}

struct attempt {
	int row;
	const char *text;
	int result;
};

static void each_type_takes_what_it_names_and_nothing_else(void **state)
{
	(void)state;
	static const struct attempt attempts[] = {
		{ FLAG, "yes", 0 },
		{ FLAG, "no", 0 },
		{ FLAG, "true", 0 },
		{ FLAG, "false", 0 },
		{ FLAG, "on", 0 },
		{ FLAG, "off", 0 },
		{ FLAG, "1", 0 },
		{ FLAG, "0", 0 },
		{ FLAG, "", -EINVAL },
		{ FLAG, "2", -EINVAL },
		{ FLAG, "Yes", -EINVAL },
		{ FLAG, "yess", -EINVAL },
		{ FLAG, "nope", -EINVAL },
		{ COUNT, "2", 0 },
		{ COUNT, "009", 0 },
		{ COUNT, "1", -ERANGE },
		{ COUNT, "10", -ERANGE },
		{ COUNT, "-3", -EINVAL },
		{ COUNT, "+3", -EINVAL },
		{ COUNT, " 3", -EINVAL },
		{ COUNT, "3 ", -EINVAL },
		{ COUNT, "3.0", -EINVAL },
		{ COUNT, "0x3", -EINVAL },
		{ COUNT, "", -EINVAL },
		{ ANY_COUNT, "4294967296", -ERANGE },
		{ ANY_COUNT, "18446744073709551615", -ERANGE },
		{ ANY_COUNT, "18446744073709551617", -ERANGE },
		{ RATIO, "0", 0 },
		{ RATIO, "1", 0 },
		{ RATIO, "-0", 0 },
		{ RATIO, "1e-400", 0 },
		{ RATIO, "1.0000000000000003", -ERANGE },
		{ RATIO, "-0.1", -ERANGE },
		{ RATIO, "1e400", -ERANGE },
		{ RATIO, "nan", -EINVAL },
		{ RATIO, "inf", -EINVAL },
		{ RATIO, "0x0.8", -EINVAL },
		{ RATIO, "0,5", -EINVAL },
		{ RATIO, "0.5x", -EINVAL },
		{ RATIO, "0.5e", -EINVAL },
		{ RATIO, ".", -EINVAL },
		{ RATIO, "", -EINVAL },
		{ RATIO, " 0.5", -EINVAL },
		{ WAIT, "1.5", 0 },
		{ WAIT, "1.5s", 0 },
		{ WAIT, "1.5 min", 0 },
		{ WAIT, "2d", 0 },
		{ WAIT, "49 h", -ERANGE },
		{ WAIT, "-1 ms", -ERANGE },
		{ WAIT, "1 m", -EINVAL },
		{ WAIT, "1 S", -EINVAL },
		{ WAIT, "s", -EINVAL },
		{ WAIT, "", -EINVAL },
		{ WAIT, "1 s 2 ms", -EINVAL },
		{ NAME, "1234567", 0 },
		{ NAME, "", 0 },
		{ NAME, "12345678", -ERANGE },
		{ CHANNEL, "mix", 0 },
		{ CHANNEL, "right", 0 },
		{ CHANNEL, "middle", -EINVAL },
		{ CHANNEL, "", -EINVAL },
		{ CHANNELS, "none", 0 },
		{ CHANNELS, "right mix", 0 },
		{ CHANNELS, "left,mix, right", 0 },
		{ CHANNELS, "left left", -EINVAL },
		{ CHANNELS, "none left", -EINVAL },
		{ CHANNELS, "left, middle", -EINVAL },
		{ CHANNELS, "left;mix", -EINVAL },
		{ CHANNELS, "", -EINVAL },
		{ CHANNELS, " , ", -EINVAL },
		{ BINS, "0,512", 0 },
		{ BINS, "7", 0 },
		{ BINS, "513", -ERANGE },
		{ BINS, "1;2", -EINVAL },
		{ BINS, "1 -2", -EINVAL },
		{ BINS, "", -EINVAL },
		{ BINS, " , ", -EINVAL },
		{ CONFIRM, "1 of 1", 0 },
		{ CONFIRM, "64 of 64", 0 },
		{ CONFIRM, "0 of 3", -ERANGE },
		{ CONFIRM, "4 of 3", -ERANGE },
		{ CONFIRM, "1 of 65", -ERANGE },
		{ CONFIRM, "1 of 4294967297", -ERANGE },
		{ CONFIRM, "1 in 2", -EINVAL },
		{ CONFIRM, "1 of ", -EINVAL },
		{ CONFIRM, " of 1", -EINVAL },
		{ CONFIRM, "1of2", -EINVAL },
	};
	for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
		const struct attempt *a = &attempts[i];
		struct settings s, before;
		memset(&s, 0x55, sizeof(s));
		before = s;
		struct hk_diag diag = { "" };
		const int r = hk_param_parse(&table[a->row], &s, a->text, &diag);
		if (r != a->result) {
			fail_msg("%s = \"%s\": %d", table[a->row].key, a->text, r);
		}
		if (r < 0) {
			assert_memory_equal(&s, &before, sizeof(s));
			assert_non_null(strstr(diag.text, table[a->row].key));
			assert_non_null(strstr(diag.text, ": expected "));
			assert_non_null(strstr(diag.text, a->text));
		} else {
			assert_string_equal(diag.text, "");
		}
	}
}

static void words_are_printed_in_the_order_of_their_table(void **state)
{
	(void)state;
	struct settings s = { 0 };
	char text[32];
	assert_int_equal(hk_param_parse(&table[CHANNELS], &s, "right,mix", NULL), 0);
	assert_int_equal(hk_param_print(&table[CHANNELS], &s, text, sizeof(text)), 0);
	assert_string_equal(text, "mix right");
	assert_int_equal(hk_param_parse(&table[CHANNELS], &s, "none", NULL), 0);
	assert_int_equal(hk_param_print(&table[CHANNELS], &s, text, sizeof(text)), 0);
	assert_string_equal(text, "none");
}

static void durations_are_seconds_to_the_bit(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		double seconds;
	} durations[] = {
		{ "1 ms", 0.001 },
		{ "700ms", 0.7 },
		{ "3", 3 },
		{ "0.3 s", 0.3 },
		{ "2min", 120 },
		{ "1.5 h", 5400 },
		{ "1 d", 86400 },
		{ "1e3 ms", 1 },
	};
	for (size_t i = 0; i < sizeof(durations) / sizeof(durations[0]); i++) {
		struct settings s = { 0 };
		assert_int_equal(hk_param_parse(&table[WAIT], &s, durations[i].text, NULL), 0);
		assert_true(s.wait_s == durations[i].seconds);
	}
}

static void a_list_holds_64_numbers_and_refuses_more(void **state)
{
	(void)state;
	char text[512] = "";
	for (int i = 0; i < HK_UINT_LIST_MAX; i++) {
		strcat(text, "511 ");
	}
	struct settings s = { 0 };
	assert_int_equal(hk_param_parse(&table[BINS], &s, text, NULL), 0);
	assert_int_equal(s.bins.n_values, 64);
	assert_int_equal(s.bins.values[63], 511);
	strcat(text, "1");
	assert_int_equal(hk_param_parse(&table[BINS], &s, text, NULL), -ERANGE);
}

static void a_message_names_key_value_and_expectation(void **state)
{
	(void)state;
	static const struct {
		int row;
		const char *text, *message;
	} messages[] = {
		{ COUNT, "12", "count: expected a whole number from 2 to 9 frames, got \"12\"" },
		{ ANY_COUNT, "x", "any_count: expected a whole number of at least 0, got \"x\"" },
		{ RATIO, "2", "ratio: expected a number from 0 to 1, got \"2\"" },
		{ ANY, "?", "any: expected a number, got \"?\"" },
		{ FLAG, "maybe", "flag: expected yes or no, got \"maybe\"" },
		{ CHANNEL, "up", "channel: expected one of: mix, left, right, got \"up\"" },
		{ CHANNELS, "up",
			"channels: expected none, or some of: mix, left, right, got \"up\"" },
		{ NAME, "too long a name",
			"name: expected a text of at most 7 bytes, got \"too long a name\"" },
		{ WAIT, "3 weeks",
			"wait: expected a duration from 0 to 172800 s (units: ms, s, min, h, d), "
			"got \"3 weeks\"" },
		{ BINS, "x",
			"bins: expected 1 to 64 whole numbers from 0 to 512, separated by spaces or "
			"commas, got \"x\"" },
		{ CONFIRM, "2", "confirm: expected \"K of N\" with 1 <= K <= N <= 64, got \"2\"" },
	};
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		struct settings s = { 0 };
		struct hk_diag diag;
		assert_true(
			hk_param_parse(&table[messages[i].row], &s, messages[i].text, &diag) < 0);
		assert_string_equal(diag.text, messages[i].message);
	}
}

static void an_expectation_is_cut_to_the_room_it_has(void **state)
{
	(void)state;
	char text[32];
	memset(text, 'x', sizeof(text));
	hk_param_expectation(&table[CHANNEL], text, 12);
	assert_non_null(memchr(text, '\0', 12));
	assert_int_equal(text[12], 'x');
}

/* Print every row of S, parse that into a zeroed struct: the same bytes. */
static void assert_round_trip(const struct settings *s)
{
	struct settings back = { 0 };
	for (size_t i = 0; i < N_ROWS; i++) {
		char text[1024];
		assert_int_equal(hk_param_print(&table[i], s, text, sizeof(text)), 0);
		struct hk_diag diag = { "" };
		if (hk_param_parse(&table[i], &back, text, &diag) < 0) {
			fail_msg("%s", diag.text);
		}
		assert_memory_equal((const char *)&back + table[i].offset,
			(const char *)s + table[i].offset, table[i].size);
	}
}

static void what_is_printed_reads_back_to_the_same_bits(void **state)
{
	(void)state;
	static const double numbers[] = { 0, 1, 0.1, 1.0 / 3.0, 5e-324, DBL_MIN,
		1 - DBL_EPSILON / 2, 0.30000000000000004 };
	struct settings s = { .count = 2 };
	hk_params_defaults(table, N_ROWS, &s);
	assert_round_trip(&s);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		s.ratio = numbers[i];
		s.any = -numbers[i] * 1e300;
		s.wait_s = numbers[i] * 1000;
		assert_round_trip(&s);
	}
	unsigned seed = 7;
	for (int i = 0; i < 1000; i++) {
		s.ratio = rand_r(&seed) / (double)RAND_MAX;
		s.any = ldexp(s.ratio - 0.5, rand_r(&seed) % 2000 - 1000);
		s.wait_s = s.ratio * 172800;
		assert_round_trip(&s);
	}
	s.bins.n_values = HK_UINT_LIST_MAX;
	s.confirm = (struct hk_k_of_n){ 64, 64 };
	s.flag = false;
	s.channels = 0;
	strcpy(s.name, "a name");
	assert_round_trip(&s);
}

static void printing_into_too_little_room_is_refused(void **state)
{
	(void)state;
	struct settings s = { 0 };
	hk_params_defaults(table, N_ROWS, &s);
	for (size_t i = 0; i < N_ROWS; i++) {
		char text[1024];
		assert_int_equal(hk_param_print(&table[i], &s, text, sizeof(text)), 0);
		const size_t length = strlen(text);
		memset(text, 'x', sizeof(text));
		assert_int_equal(hk_param_print(&table[i], &s, text, length + 1), 0);
		assert_int_equal(hk_param_print(&table[i], &s, text, length), -ENOSPC);
		assert_int_equal(text[length + 1], 'x');
	}
}

static void whole_numbers_reach_to_the_last_of_64_bits(void **state)
{
	(void)state;
	uint64_t value = 7;
	assert_int_equal(hk_parse_uint64("18446744073709551615", &value), 0);
	assert_true(value == UINT64_MAX);
	assert_int_equal(hk_parse_uint64("18446744073709551616", &value), -ERANGE);
	assert_int_equal(hk_parse_uint64("99999999999999999999999", &value), -ERANGE);
	assert_int_equal(hk_parse_uint64("99999999999999999999999x", &value), -EINVAL);
	assert_true(value == UINT64_MAX);
}

/*
 * A locale with a decimal comma: an installed one, or one that localedef compiles into a folder of
 * its own for this test.
 */
static bool set_comma_locale(char folder[])
{
	if (setlocale(LC_ALL, "de_DE.UTF-8") || setlocale(LC_ALL, "de_DE")) {
		return true;
	}
	char command[256];
	if (!mkdtemp(folder)) {
		return false;
	}
	snprintf(command, sizeof(command),
		"localedef -i de_DE -f UTF-8 '%s/de_DE.UTF-8' >/dev/null 2>&1", folder);
	const int status = system(command);
	setenv("LOCPATH", folder, 1);
	return status >= 0 && setlocale(LC_ALL, "de_DE.UTF-8") != NULL;
}

static void numbers_are_read_and_written_with_a_point_in_any_locale(void **state)
{
	(void)state;
	char folder[] = "/tmp/hearken-locale-XXXXXX";
	if (!set_comma_locale(folder)) {
		skip(); /* neither installed nor its sources (package locales) */
	}
	char text[32];
	snprintf(text, sizeof(text), "%.1f", 0.5);
	assert_string_equal(text, "0,5"); /* the locale is the one this test needs */

	double value = 0;
	assert_int_equal(hk_parse_double("0.5", &value), 0);
	assert_true(value == 0.5);
	assert_int_equal(hk_parse_double("0,5", &value), -EINVAL);
	assert_int_equal(hk_print_double(0.25, text, sizeof(text)), 0);
	assert_string_equal(text, "0.25");
	struct settings s = { .count = 2 };
	hk_params_defaults(table, N_ROWS, &s);
	assert_round_trip(&s);
	snprintf(text, sizeof(text), "%.1f", 0.5);
	assert_string_equal(text, "0,5"); /* and was left as it was */
	setlocale(LC_ALL, "C");
	char command[64];
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	assert_int_equal(system(command), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_defaults_are_what_the_table_says),
		cmocka_unit_test(rows_are_found_by_section_and_key),
		cmocka_unit_test(each_type_takes_what_it_names_and_nothing_else),
		cmocka_unit_test(words_are_printed_in_the_order_of_their_table),
		cmocka_unit_test(durations_are_seconds_to_the_bit),
		cmocka_unit_test(a_list_holds_64_numbers_and_refuses_more),
		cmocka_unit_test(a_message_names_key_value_and_expectation),
		cmocka_unit_test(an_expectation_is_cut_to_the_room_it_has),
		cmocka_unit_test(what_is_printed_reads_back_to_the_same_bits),
		cmocka_unit_test(printing_into_too_little_room_is_refused),
		cmocka_unit_test(whole_numbers_reach_to_the_last_of_64_bits),
		cmocka_unit_test(numbers_are_read_and_written_with_a_point_in_any_locale),
	};
	return cmocka_run_group_tests_name("params", tests, NULL, NULL);
}
