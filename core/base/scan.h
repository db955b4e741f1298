/* SPDX-License-Identifier: MIT */
/*
 * scan: lines, words and numbers of a text that lies in memory and is not trusted. Nothing is
 * copied or allocated, the text may hold any bytes and needs no NUL at its end. Any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/diag.h"

struct hk_span {
	const char *at;
	const char *end;
};

struct hk_scan {
	const char *path; /* for messages */
	struct hk_span rest;
	uint32_t line; /* number of the line that came last, from 1 */
};

void hk_scan_init(struct hk_scan *scan, const char *path, const char *text, size_t length);

/*
 * Next line, without its newline. Returns 1, 0 at the end of the text, -EINVAL with DIAG when the
 * last line has no newline (the file was cut).
 */
int hk_scan_line(struct hk_scan *scan, struct hk_span *ret, struct hk_diag *diag);

/* "PATH:LINE: TEXT" into DIAG; returns -EINVAL. */
int hk_scan_error(const struct hk_scan *scan, struct hk_diag *diag, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Next word of LINE, separated by blanks. Returns false when there is none left. */
bool hk_scan_word(struct hk_span *line, struct hk_span *ret);

/* For "%.*s": a span as it can stand in a message. */
#define HK_SPAN_ARG(span_)                                                                         \
	(int)((span_).end - (span_).at < 40 ? (span_).end - (span_).at : 40), (span_).at

bool hk_span_is(struct hk_span span, const char *text);

/*
 * The whole of SPAN as a number: C locale, finite, exact to the last bit. Returns 0, -EINVAL,
 * -ERANGE.
 */
int hk_span_double(struct hk_span span, double *ret);

/* The whole of SPAN as decimal digits, at most MAX. Returns 0, -EINVAL, -ERANGE. */
int hk_span_uint32(struct hk_span span, uint32_t max, uint32_t *ret);
