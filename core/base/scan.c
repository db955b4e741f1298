/* SPDX-License-Identifier: MIT */
#include "core/base/scan.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "core/base/params.h"

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

int hk_span_double(struct hk_span span, double *ret)
{
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
