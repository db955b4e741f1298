/* SPDX-License-Identifier: MIT */
#include "core/base/number.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* glibc and musl return one static object for "C": no allocation, nothing to free. */
static locale_t c_locale(void)
{
	return newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

int hk_parse_double(const char *text, double *ret)
{
	/* strtod would also take blanks, hexadecimal, "inf" and "nan". */
	if (text[0] == '\0' || strspn(text, "+-.0123456789eE") != strlen(text)) {
		return -EINVAL;
	}
	char *end;
	const double value = strtod_l(text, &end, c_locale());
	if (*end != '\0') {
		return -EINVAL;
	}
	if (!isfinite(value)) {
		return -ERANGE;
	}
	*ret = value;
	return 0;
}

int hk_parse_uint64(const char *text, uint64_t *ret)
{
	if (text[0] == '\0') {
		return -EINVAL;
	}
	uint64_t value = 0;
	bool overflow = false;
	for (const char *c = text; *c; c++) {
		if (!is_digit(*c)) {
			return -EINVAL;
		}
		overflow |= __builtin_mul_overflow(value, 10, &value);
		overflow |= __builtin_add_overflow(value, (uint64_t)(*c - '0'), &value);
	}
	if (overflow) {
		return -ERANGE;
	}
	*ret = value;
	return 0;
}

int hk_print_double(double value, char *ret_text, size_t size)
{
	char text[HK_NUMBER_SIZE];
	const locale_t before = uselocale(c_locale());
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, value);
		if (digits == 17 || strtod(text, NULL) == value) {
			break;
		}
	}
	uselocale(before);
	if (strlen(text) >= size) {
		return -ENOSPC;
	}
	memcpy(ret_text, text, strlen(text) + 1);
	return 0;
}
