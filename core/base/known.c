/* SPDX-License-Identifier: MIT */
#include "core/base/known.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define MIN_BEGINNING 3 /* letters: less of a word could be anything */

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static bool same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

size_t hk_edit_distance(const char *a, const char *b)
{
	const size_t n_a = strnlen(a, HK_EDIT_MAX), n_b = strnlen(b, HK_EDIT_MAX);
	size_t rows[3][HK_EDIT_MAX + 1]; /* of i - 2, i - 1 and i letters of A */
	size_t *two_before = rows[0], *before = rows[1], *now = rows[2];
	for (size_t j = 0; j <= n_b; j++) {
		now[j] = j;
	}
	for (size_t i = 1; i <= n_a; i++) {
		size_t *const oldest = two_before;
		two_before = before;
		before = now;
		now = oldest;
		now[0] = i;
		for (size_t j = 1; j <= n_b; j++) {
			now[j] = least(before[j], now[j - 1]) + 1;
			now[j] = least(now[j], before[j - 1] + !same(a[i - 1], b[j - 1]));
			if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) &&
				same(a[i - 2], b[j - 1])) {
				now[j] = least(now[j], two_before[j - 2] + 1);
			}
		}
	}
	return now[n_b];
}

/* Name WORD in the hint when it is close to what was asked for, and closer than the word that is
 * there. */
static void consider(struct hk_known *known, const char *word)
{
	const size_t n_asked = strlen(known->asked);
	const bool begins =
		n_asked >= MIN_BEGINNING && strncasecmp(known->asked, word, n_asked) == 0;
	const size_t distance = begins ? 1 : hk_edit_distance(known->asked, word);
	/* of a short word half the letters are another word */
	const size_t most = n_asked < 3 ? 0 : n_asked < 6 ? 1 : n_asked / 3;
	if (distance > most || (known->hint[0] && distance >= known->distance)) {
		return;
	}
	char hint[sizeof(known->hint)];
	const int n = snprintf(hint, sizeof(hint), " (did you mean %s?)", word);
	if (n > 0 && (size_t)n < sizeof(hint)) {
		memcpy(known->hint, hint, (size_t)n + 1);
		known->distance = distance;
	}
}

void hk_known_add(struct hk_known *known, const char *format, ...)
{
	char word[sizeof(known->text)];
	va_list args;
	va_start(args, format);
	const int n_word = vsnprintf(word, sizeof(word), format, args);
	va_end(args);
	if (n_word < 0 || (size_t)n_word >= sizeof(word)) {
		return;
	}
	if (known->asked) {
		consider(known, word);
	}
	char *end = known->text + known->length;
	const size_t room = sizeof(known->text) - known->length;
	const int n = snprintf(end, room, "%s%s", known->length > 0 ? ", " : "", word);
	if (n < 0 || (size_t)n >= room) {
		*end = '\0';
		return;
	}
	known->length += (size_t)n;
}

void hk_known_add_all(struct hk_known *known, const char *const *words)
{
	for (; *words; words++) {
		hk_known_add(known, "%s", *words);
	}
}
