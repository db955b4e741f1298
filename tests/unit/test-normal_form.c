/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/normal_form.h"

#define SIZE 8

/* What Python's unicodedata.normalize("NFC", ...) makes of them. */
static const struct {
	uint32_t from[SIZE], to[SIZE]; /* ended by 0 */
} cases[] = {
	{ { 'a' }, { 'a' } },
	{ { 'u', 0x308 }, { 0xfc } },
	{ { 'e', 0x302, 0x323 }, { 0x1ec7 } },      /* in another order than their classes' */
	{ { 0xea, 0x323 }, { 0x1ec7 } },            /* upon a letter that has one already */
	{ { 'a', 0x315, 0x300 }, { 0xe0, 0x315 } }, /* past a mark of another class */
	{ { 'a', 0x300, 0x301 }, { 0xe0, 0x301 } }, /* the second of a class stays */
	{ { 'a', 0x5ae, 0x300 }, { 0xe0, 0x5ae } },
	{ { 0x212b }, { 0xc5 } },                   /* ANGSTROM SIGN */
	{ { 0x958 }, { 0x915, 0x93c } },            /* DEVANAGARI QA, never joined */
	{ { 0x1112, 0x1161, 0x11ab }, { 0xd55c } }, /* HAN */
	{ { 0xd558, 0x11ab }, { 0xd55c } },
	{ { 0xd55c, 0x11ab }, { 0xd55c, 0x11ab } }, /* it has its last consonant */
	{ { 0xd558, 0x11a7 }, { 0xd558, 0x11a7 } }, /* one before the first */
	{ { 0x308, 'u' }, { 0x308, 'u' } },
	{ { 0x1e9b, 0x323 }, { 0x1e9b, 0x323 } },
	{ { 0x344 }, { 0x308, 0x301 } },
};

static size_t length_of(const uint32_t *codes)
{
	size_t n = 0;
	while (n < SIZE && codes[n] != 0) {
		n++;
	}
	return n;
}

static void letters_and_their_accents_become_one(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t codes[SIZE];
		memcpy(codes, cases[i].from, sizeof(codes));
		const size_t n = hk_normalise(codes, length_of(codes), SIZE);
		assert_int_equal(n, length_of(cases[i].to));
		assert_memory_equal(codes, cases[i].to, n * sizeof(*codes));
	}
}

static void what_does_not_fit_is_not_cut(void **state)
{
	(void)state;
	uint32_t codes[3] = { 0x1ec7 };
	assert_int_equal(hk_normalise(codes, 1, 2), 0); /* e and two marks */
	codes[0] = 0x1ec7;
	assert_int_equal(hk_normalise(codes, 1, 3), 1);
	assert_int_equal(codes[0], 0x1ec7);
	assert_int_equal(hk_normalise(codes, 0, 3), 0);
}

static void letters_digits_and_marks_are_told_from_the_rest(void **state)
{
	(void)state;
	static const uint32_t letters[] = { 'a', 'Z', '0', 0xe4, 0x439, 0x5d0, 0x301, 0x663, 0xe33,
		0x4eba, 0xac00, 0x20000 };
	static const uint32_t others[] = { ' ', '_', 0x7f, 0xa0, 0xd7, 0x200b, 0x202e, 0x3164,
		0xfe0f, 0xff21, 0xf900, 0x1f525, 0xe0101, 0x10ffff };
	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
		assert_true(hk_is_letter(letters[i]));
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		assert_false(hk_is_letter(others[i]));
	}
	assert_true(hk_is_mark(0x301) && hk_is_mark(0x93f));
	assert_false(hk_is_mark('a') || hk_is_mark(0xe33));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(letters_and_their_accents_become_one),
		cmocka_unit_test(what_does_not_fit_is_not_cut),
		cmocka_unit_test(letters_digits_and_marks_are_told_from_the_rest),
	};
	return cmocka_run_group_tests_name("normal_form", tests, NULL, NULL);
}
