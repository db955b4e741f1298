/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "clients/socket/child.h"

static int run(const char *script, int limit_ms, char **ret_text, int *ret_code)
{
	char shell[] = "/bin/sh", option[] = "-c";
	return hk_child_output((char *[]){ shell, option, (char *)(uintptr_t)script, NULL },
		limit_ms, ret_text, ret_code);
}

static void what_a_child_prints_and_its_exit_code_are_taken(void **state)
{
	(void)state;
	char *text = NULL;
	int code = 0;
	assert_int_equal(run("printf 'a\\nb'; exit 3", 60000, &text, &code), 0);
	assert_string_equal(text, "a\nb");
	assert_int_equal(code, 3);
	free(text);
}

static void a_child_that_goes_on_printing_may_take_longer_than_the_limit(void **state)
{
	(void)state;
	char *text = NULL;
	int code = 1;
	const char *script = "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo $i; sleep 0.25; done";
	assert_int_equal(run(script, 2000, &text, &code), 0);
	assert_int_equal(code, 0);
	free(text);
}

static void a_child_that_sleeps_for_ever_is_killed(void **state)
{
	(void)state;
	char *text = NULL;
	int code = 0;
	assert_int_equal(run("exec sleep 600", 300, &text, &code), -ETIMEDOUT);
	assert_null(text);
}

static void a_child_that_computes_for_ever_is_killed(void **state)
{
	(void)state;
	char *text = NULL;
	int code = 0;
	assert_int_equal(run("while :; do :; done", 100, &text, &code), -ETIMEDOUT);
	assert_null(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_child_prints_and_its_exit_code_are_taken),
		cmocka_unit_test(a_child_that_goes_on_printing_may_take_longer_than_the_limit),
		cmocka_unit_test(a_child_that_sleeps_for_ever_is_killed),
		cmocka_unit_test(a_child_that_computes_for_ever_is_killed),
	};
	return cmocka_run_group_tests_name("child", tests, NULL, NULL);
}
