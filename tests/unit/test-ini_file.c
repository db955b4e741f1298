/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/ini_file.h"

static struct hk_ini *parse(const char *text)
{
	struct hk_ini *ini = NULL;
	struct hk_diag diag = { "" };
	const int r = hk_ini_parse(&ini, "x.ini", text, strlen(text), &diag);
	if (r < 0) {
		print_error("%s\n", diag.text);
	}
	assert_int_equal(r, 0);
	return ini;
}

static void every_value_comes_with_its_section_and_line(void **state)
{
	(void)state;
	struct hk_ini *ini = parse("\xef\xbb\xbf# words\nfree = 1\n\n[a]\nx=1\r\n  \n; more\n"
				   "y  =  two words ; # and this \n[class b c]\nx =\n[a]\nz = =");
	assert_int_equal(ini->n_entries, 5);
	const struct {
		const char *section, *key, *value;
		uint32_t line;
	} expected[] = {
		{ "", "free", "1", 2 },
		{ "a", "x", "1", 5 },
		{ "a", "y", "two words ; # and this", 8 },
		{ "class b c", "x", "", 10 },
		{ "a", "z", "=", 12 },
	};
	for (size_t i = 0; i < 5; i++) {
		assert_string_equal(ini->entries[i].section, expected[i].section);
		assert_string_equal(ini->entries[i].key, expected[i].key);
		assert_string_equal(ini->entries[i].value, expected[i].value);
		assert_int_equal(ini->entries[i].line, expected[i].line);
	}
	assert_ptr_equal(hk_ini_find(ini, "class b c", "x"), &ini->entries[3]);
	assert_null(hk_ini_find(ini, "class b c", "y"));
	hk_ini_free(ini);
}

static void names_longer_than_inih_keeps_stay_whole(void **state)
{
	(void)state;
	char name[200];
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	char value[HK_INI_MAX_LINE - 201];
	memset(value, 'v', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	char *text = NULL;
	assert_true(asprintf(&text, "[%s]\n%s=%s\n", name, name, value) > 0);
	struct hk_ini *ini = parse(text);
	assert_string_equal(ini->entries[0].section, name);
	assert_string_equal(ini->entries[0].key, name);
	assert_string_equal(ini->entries[0].value, value);
	hk_ini_free(ini);
	free(text);
}

static void what_is_no_ini_is_refused_with_its_line(void **state)
{
	(void)state;
	const struct {
		const char *text;
		const char *expected;
	} cases[] = {
		{ "[a]\nx = 1\nwords\n", "x.ini:3: expected [SECTION], KEY = VALUE" },
		{ "[a\nx = 1\n", "x.ini:1: expected [SECTION]" },
		{ "[]\n", "x.ini:1: expected [SECTION]" },
		{ "[a] b\n", "x.ini:1: expected nothing after" },
		{ "[a]\nx = 1\n  y\n", "x.ini:3: expected the line to begin without a blank" },
		{ "[a]\n= 1\n", "x.ini:2: expected KEY = VALUE" },
		{ "[a]\nx = 1\n[b]\nx = 1\n[a]\n\nx = 2\n",
			"x.ini:7: \"x\" is set twice in [a], first in line 2" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hk_ini *ini = NULL;
		struct hk_diag diag = { "" };
		assert_int_equal(
			hk_ini_parse(&ini, "x.ini", cases[i].text, strlen(cases[i].text), &diag),
			-EINVAL);
		assert_null(ini);
		assert_ptr_equal(strstr(diag.text, cases[i].expected), diag.text);
	}
}

static void a_line_is_never_cut(void **state)
{
	(void)state;
	char text[HK_INI_MAX_LINE + 2];
	memset(text, 'x', sizeof(text));
	text[1] = '=';
	struct hk_ini *ini = NULL;
	struct hk_diag diag;
	assert_int_equal(hk_ini_parse(&ini, "x.ini", text, HK_INI_MAX_LINE + 1, &diag), -EINVAL);
	assert_string_equal(diag.text, "x.ini:1: the line is too long");
	assert_int_equal(hk_ini_parse(&ini, "x.ini", text, HK_INI_MAX_LINE, &diag), 0);
	assert_int_equal(strlen(ini->entries[0].value), HK_INI_MAX_LINE - 2);
	hk_ini_free(ini);
	assert_int_equal(hk_ini_parse(&ini, "x.ini", "a=1\nb=\0c", 8, &diag), -EINVAL);
	assert_string_equal(diag.text, "x.ini:2: expected text, got a NUL byte");
}

static void an_empty_text_has_no_entries(void **state)
{
	(void)state;
	struct hk_ini *ini = parse("");
	assert_int_equal(ini->n_entries, 0);
	hk_ini_free(ini);
	hk_ini_free(NULL);
}

struct values {
	uint32_t rate_hz;
	double on;
};

static const struct hk_param table[] = {
	{ "audio", "rate", HK_PARAM_UINT, HK_PARAM_AT(struct values, rate_hz), .min = 1000,
		.max = 768000 },
	{ "detector", "on", HK_PARAM_DOUBLE, HK_PARAM_AT(struct values, on), .min = 0, .max = 1 },
};

static void values_are_applied_and_faults_name_file_line_key_and_expectation(void **state)
{
	(void)state;
	struct hk_ini *ini = parse("[audio]\nrate = 16000\nrat = 1\n[detector]\non = 2\n");
	struct values values = { 0 };
	struct hk_diag diag = { "" };
	assert_int_equal(hk_ini_apply(ini, &ini->entries[0], table, 2, &values, &diag), 0);
	assert_int_equal(values.rate_hz, 16000);
	assert_int_equal(hk_ini_apply(ini, &ini->entries[1], table, 2, &values, &diag), -EINVAL);
	assert_string_equal(diag.text,
		"x.ini:3: no key \"rat\" in [audio]: expected one of rate (did you mean rate?)");
	assert_int_equal(hk_ini_apply(ini, &ini->entries[2], table, 2, &values, &diag), -ERANGE);
	assert_non_null(strstr(diag.text, "x.ini:5: on: expected"));
	assert_non_null(strstr(diag.text, "\"2\""));
	hk_ini_free(ini);
	ini = parse("rate = 16000\n");
	assert_int_equal(hk_ini_apply(ini, &ini->entries[0], table, 2, &values, &diag), -EINVAL);
	assert_string_equal(diag.text, "x.ini:1: expected a [SECTION] before \"rate\"");
	hk_ini_free(ini);
}

static void an_unknown_section_is_refused_even_without_keys(void **state)
{
	(void)state;
	static const char *const none[] = { NULL };
	static const char *const others[] = { "free", "class NAME", NULL };
	struct hk_diag diag = { "" };
	struct hk_ini *ini = parse("[audio]\n[detector]\non = 1\n[audio]\n[class ]\n[free]\n");
	assert_int_equal(ini->n_sections, 5);
	assert_int_equal(hk_ini_check_sections(ini, table, 2, others, &diag), 0);
	assert_int_equal(hk_ini_check_sections(ini, table, 2, none, &diag), -EINVAL);
	assert_string_equal(
		diag.text, "x.ini:5: no section [class ]: expected one of [audio], [detector]");
	hk_ini_free(ini);
	static const char *const wrong[][2] = { { "class", "" },
		{ "Audio", " (did you mean [audio]?)" }, { "freed", " (did you mean [free]?)" },
		{ "classy x", "" } };
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char text[32], expected[192];
		snprintf(text, sizeof(text), "\n[%s]", wrong[i][0]);
		snprintf(expected, sizeof(expected),
			"x.ini:2: no section [%s]: expected one of [audio], [detector], [free], [class NAME]%s",
			wrong[i][0], wrong[i][1]);
		ini = parse(text);
		assert_int_equal(hk_ini_check_sections(ini, table, 2, others, &diag), -EINVAL);
		assert_string_equal(diag.text, expected);
		hk_ini_free(ini);
	}
}

static void a_file_that_cannot_be_read_is_named_with_the_reason(void **state)
{
	(void)state;
	struct hk_ini *ini = NULL;
	struct hk_diag diag;
	assert_int_equal(hk_ini_read(&ini, "/nowhere/x.ini", 100, &diag), -ENOENT);
	assert_string_equal(diag.text, "/nowhere/x.ini: No such file or directory");
	assert_int_equal(hk_ini_read(&ini, "/", 100, &diag), -EINVAL);
	assert_int_equal(hk_ini_read(&ini, "/dev/zero", 100, &diag), -EINVAL);
	assert_string_equal(diag.text, "/dev/zero: expected a regular file, got a device");
	char path[] = "/tmp/test-ini-XXXXXX";
	const int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "[a]\nb=1\n", 8), 8);
	close(fd);
	assert_int_equal(hk_ini_read(&ini, path, 7, &diag), -EFBIG);
	assert_int_equal(hk_ini_read(&ini, path, 8, &diag), 0);
	assert_int_equal(ini->n_entries, 1);
	assert_string_equal(ini->path, path);
	hk_ini_free(ini);
	unlink(path);
}

static void a_file_of_nothing_but_keys_does_not_take_minutes(void **state)
{
	(void)state;
	enum { N_MOST = 4096 };
	static char text[(N_MOST + 1) * 8 + 1];
	size_t length = 0;
	for (int i = 0; i <= N_MOST; i++) {
		length += (size_t)snprintf(text + length, sizeof(text) - length, "k%04d=\n", i);
	}
	struct hk_ini *ini = NULL;
	struct hk_diag diag;
	assert_int_equal(hk_ini_parse(&ini, "x.ini", text, length, &diag), -EINVAL);
	assert_string_equal(diag.text, "x.ini:4097: there are too many keys");
	assert_int_equal(hk_ini_parse(&ini, "x.ini", text, length - strlen("k4096=\n"), &diag), 0);
	assert_int_equal(ini->n_entries, N_MOST);
	hk_ini_free(ini);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_value_comes_with_its_section_and_line),
		cmocka_unit_test(names_longer_than_inih_keeps_stay_whole),
		cmocka_unit_test(what_is_no_ini_is_refused_with_its_line),
		cmocka_unit_test(a_line_is_never_cut),
		cmocka_unit_test(a_file_of_nothing_but_keys_does_not_take_minutes),
		cmocka_unit_test(an_empty_text_has_no_entries),
		cmocka_unit_test(values_are_applied_and_faults_name_file_line_key_and_expectation),
		cmocka_unit_test(an_unknown_section_is_refused_even_without_keys),
		cmocka_unit_test(a_file_that_cannot_be_read_is_named_with_the_reason),
	};
	return cmocka_run_group_tests_name("ini_file", tests, NULL, NULL);
}
