/* SPDX-License-Identifier: MIT */
/*
 * diag: the text that goes with a negative errno when the input was at fault.
 *
 * A function that reads outside input takes a `struct hk_diag *` and, on failure, leaves one line
 * in it that names the place ("models/home/model.ini:12"), what was found and what was expected.
 * core never prints: the daemon logs the line, the command line tool writes it to stderr. The
 * caller owns the struct; NULL is allowed everywhere and means that nobody wants the text. Any
 * thread; not real-time.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>

#define HK_DIAG_SIZE 512

struct hk_diag {
	char text[HK_DIAG_SIZE]; /* UTF-8, no control characters; cut with "..." when too long */
};

/* Format TEXT into DIAG and return ERROR (a negative errno), so that callers can write
 * `return hk_diag_set(diag, -EINVAL, "%s:%u: ...", path, line);`. */
int hk_diag_set(struct hk_diag *diag, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same with a va_list. */
int hk_diag_vset(struct hk_diag *diag, int error, const char *format, va_list args)
	__attribute__((format(printf, 3, 0)));
