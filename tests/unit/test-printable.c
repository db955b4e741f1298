/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/printable.h"

static void control_characters_do_not_reach_a_terminal(void **state)
{
	(void)state;
	char text[16];
	hk_printable("a\033[2Jb\n\x7f", text, sizeof(text));
	assert_string_equal(text, "a?[2Jb??");
	char small[8];
	hk_printable("123456789", small, sizeof(small));
	assert_string_equal(small, "1234...");
	hk_printable("1234567", small, sizeof(small));
	assert_string_equal(small, "1234567");
	hk_printable("T\303\274r \342\200\256x \302\205 \377\303", text, sizeof(text));
	assert_string_equal(text, "T\303\274r ?x ? ??");
	hk_printable("123\303\274\303\274\303\274", small, sizeof(small));
	assert_string_equal(small, "123...");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(control_characters_do_not_reach_a_terminal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
