/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/model/model.h"

/* NIST's examples to FIPS 180-4. */
static void test_the_standards_examples_come_out(void **state)
{
	static const struct {
		const char *text, *hash;
	} examples[] = {
		{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
			"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		char found[HK_SHA256_TEXT_SIZE];
		hk_sha256_text(examples[i].text, strlen(examples[i].text), found);
		assert_string_equal(found, examples[i].hash);
	}
}

static void test_a_million_letters_take_many_blocks(void **state)
{
	enum { N = 1000000 };
	char *text = malloc(N);
	char found[HK_SHA256_TEXT_SIZE];
	(void)state;
	assert_non_null(text);
	memset(text, 'a', N);
	hk_sha256_text(text, N, found);
	free(text);
	assert_string_equal(
		found, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_standards_examples_come_out),
		cmocka_unit_test(test_a_million_letters_take_many_blocks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
