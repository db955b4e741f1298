/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/diag.h"

static void the_error_is_passed_through_and_the_text_kept(void **state)
{
	(void)state;
	struct hk_diag diag;
	assert_int_equal(hk_diag_set(&diag, -EINVAL, "%s:%d: bad", "x.ini", 3), -EINVAL);
	assert_string_equal(diag.text, "x.ini:3: bad");
}

static void nobody_has_to_want_the_text(void **state)
{
	(void)state;
	assert_int_equal(hk_diag_set(NULL, -ENOENT, "lost"), -ENOENT);
}

static void a_text_that_is_too_long_ends_in_dots(void **state)
{
	(void)state;
	struct hk_diag diag;
	char text[2 * HK_DIAG_SIZE];
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	hk_diag_set(&diag, -EINVAL, "%s", text);
	assert_int_equal(strlen(diag.text), HK_DIAG_SIZE - 1);
	assert_string_equal(diag.text + HK_DIAG_SIZE - 5, "x...");
}

static void control_characters_do_not_reach_the_reader(void **state)
{
	(void)state;
	struct hk_diag diag;
	hk_diag_set(&diag, -EINVAL, "got \"%s\"", "a\nb\x1b[2J\x7f\tz\xc3\xa4");
	assert_string_equal(diag.text, "got \"a?b?[2J??z\xc3\xa4\"");
	hk_diag_set(&diag, -EINVAL, "got \"%s\"", "\xff\xc3");
	assert_string_equal(diag.text, "got \"??\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_error_is_passed_through_and_the_text_kept),
		cmocka_unit_test(nobody_has_to_want_the_text),
		cmocka_unit_test(a_text_that_is_too_long_ends_in_dots),
		cmocka_unit_test(control_characters_do_not_reach_the_reader),
	};
	return cmocka_run_group_tests_name("diag", tests, NULL, NULL);
}
