/* SPDX-License-Identifier: MIT */
#include "core/scan.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "core/params.h"

#define MAX_EXACT_MANTISSA (1ULL << 53)
#define MAX_EXACT_POWER 22
#define NUMBER_SIZE 64 /* bytes of the longest number that is read */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

void hk_scan_init(struct hk_scan *scan, const char *path, const char *text, size_t length)
{
	*scan = (struct hk_scan){ .path = path, .rest = { text, text + length } };
}

int hk_scan_line(struct hk_scan *scan, struct hk_span *ret, struct hk_diag *diag)
{
	const char *at = scan->rest.at;
	if (at == scan->rest.end) {
		return 0;
	}
	scan->line++;
	const char *newline = memchr(at, '\n', (size_t)(scan->rest.end - at));
	if (!newline) {
		return hk_scan_error(scan, diag, "the file ends within this line");
	}
	*ret = (struct hk_span){ at, newline };
	scan->rest.at = newline + 1;
	return 1;
}

int hk_scan_error(const struct hk_scan *scan, struct hk_diag *diag, const char *format, ...)
{
	struct hk_diag text;
	va_list args;
	va_start(args, format);
	hk_diag_vset(&text, 0, format, args);
	va_end(args);
	return hk_diag_set(diag, -EINVAL, "%s:%u: %s", scan->path, scan->line, text.text);
}

bool hk_scan_word(struct hk_span *line, struct hk_span *ret)
{
	const char *at = line->at;
	while (at < line->end && is_blank(*at)) {
		at++;
	}
	const char *end = at;
	while (end < line->end && !is_blank(*end)) {
		end++;
	}
	line->at = end;
	*ret = (struct hk_span){ at, end };
	return at < end;
}

bool hk_span_is(struct hk_span span, const char *text)
{
	const size_t length = (size_t)(span.end - span.at);
	return strlen(text) == length && memcmp(span.at, text, length) == 0;
}

/*
 * Most numbers of a model have few digits: then mantissa and power of ten are both exact doubles and
 * one multiplication or division rounds correctly (Clinger 1990). Everything else is strtod's.
 */
static bool fast_double(struct hk_span span, double *ret)
{
	static const double powers[MAX_EXACT_POWER + 1] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7,
		1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21,
		1e22 };
	const char *c = span.at;
	const bool negative = c < span.end && *c == '-';
	c += negative;
	uint64_t mantissa = 0;
	int n_digits = 0, exponent = 0;
	for (; c < span.end && is_digit(*c) && n_digits < 18; c++, n_digits++) {
		mantissa = 10 * mantissa + (uint64_t)(*c - '0');
	}
	if (c < span.end && *c == '.') {
		c++;
		for (; c < span.end && is_digit(*c) && n_digits < 18; c++, n_digits++) {
			mantissa = 10 * mantissa + (uint64_t)(*c - '0');
			exponent--;
		}
	}
	if (n_digits == 0 || mantissa > MAX_EXACT_MANTISSA) {
		return false;
	}
	if (c < span.end && (*c == 'e' || *c == 'E')) {
		c++;
		const bool minus = c < span.end && *c == '-';
		c += minus || (c < span.end && *c == '+');
		if (span.end - c < 1 || span.end - c > 3) {
			return false;
		}
		int power = 0;
		for (; c < span.end && is_digit(*c); c++) {
			power = 10 * power + (*c - '0');
		}
		exponent += minus ? -power : power;
	}
	if (c != span.end || exponent < -MAX_EXACT_POWER || exponent > MAX_EXACT_POWER) {
		return false;
	}
	const double value = exponent < 0 ? (double)mantissa / powers[-exponent]
					  : (double)mantissa * powers[exponent];
	*ret = negative ? -value : value;
	return true;
}

int hk_span_double(struct hk_span span, double *ret)
{
	if (fast_double(span, ret)) {
		return 0;
	}
	char text[NUMBER_SIZE];
	const size_t length = (size_t)(span.end - span.at);
	if (length >= sizeof(text) || memchr(span.at, '\0', length)) {
		return -EINVAL;
	}
	memcpy(text, span.at, length);
	text[length] = '\0';
	return hk_parse_double(text, ret);
}

int hk_span_uint32(struct hk_span span, uint32_t max, uint32_t *ret)
{
	if (span.at == span.end) {
		return -EINVAL;
	}
	uint64_t value = 0;
	for (const char *c = span.at; c < span.end; c++) {
		if (!is_digit(*c)) {
			return -EINVAL;
		}
		value = 10 * value + (uint64_t)(*c - '0');
		if (value > max) {
			return -ERANGE;
		}
	}
	*ret = (uint32_t)value;
	return 0;
}
