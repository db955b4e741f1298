/* SPDX-License-Identifier: MIT */
#include "core/base/diag.h"

#include <stdio.h>
#include <string.h>

#include "core/base/utf8.h"

int hk_diag_vset(struct hk_diag *diag, int error, const char *format, va_list args)
{
	if (!diag) {
		return error;
	}
	const int length = vsnprintf(diag->text, sizeof(diag->text), format, args);
	if (length >= (int)sizeof(diag->text)) {
		memcpy(diag->text + sizeof(diag->text) - 4, "...", 4);
	}
	/* What was found may be anything: it must not break the line or talk to a terminal. */
	for (char *c = diag->text; *c; c++) {
		*c = (unsigned char)*c < ' ' || *c == '\x7f' ? '?' : *c;
	}
	hk_utf8_repair(diag->text); /* nor make a JSON text of it impossible */
	return error;
}

int hk_diag_set(struct hk_diag *diag, int error, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	hk_diag_vset(diag, error, format, args);
	va_end(args);
	return error;
}
