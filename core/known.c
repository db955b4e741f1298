/* SPDX-License-Identifier: MIT */
#include "core/known.h"

#include <stdarg.h>
#include <stdio.h>

void hk_known_add(struct hk_known *known, const char *format, ...)
{
	char word[sizeof(known->text)];
	va_list args;
	va_start(args, format);
	const int n_word = vsnprintf(word, sizeof(word), format, args);
	va_end(args);
	char *end = known->text + known->length;
	const size_t room = sizeof(known->text) - known->length;
	const int n = snprintf(end, room, "%s%s", known->length > 0 ? ", " : "", word);
	if (n_word < 0 || (size_t)n_word >= sizeof(word) || n < 0 || (size_t)n >= room) {
		*end = '\0';
		return;
	}
	known->length += (size_t)n;
}
