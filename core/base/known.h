/* SPDX-License-Identifier: MIT */
/*
 * known: the words that a message names as possible, separated by commas, and the one that was
 * probably meant. Any thread; not real-time.
 */
#pragma once

#include <stddef.h>

#include "core/base/diag.h"

#define HK_KNOWN_HINT_SIZE 96

/* Begun as { .asked = WORD }; NULL: no hint is wanted. */
struct hk_known {
	const char *asked;             /* the word that is not among them, the caller's */
	char text[HK_DIAG_SIZE / 2];   /* one that finds no room is left out */
	size_t length;                 /* of text */
	char hint[HK_KNOWN_HINT_SIZE]; /* " (did you mean WORD?)", or "" */
	size_t distance;               /* of the word in the hint */
};

/* One more word. */
void hk_known_add(struct hk_known *known, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The same for the NULL-terminated WORDS. */
void hk_known_add_all(struct hk_known *known, const char *const *words);

/*
 * How many letters A and B differ by: one replaced, missing, too much, or two neighbours exchanged
 * counts 1; upper and lower case are the same. Each text counts with its first HK_EDIT_MAX bytes.
 * Source: optimal string alignment.
 */
#define HK_EDIT_MAX 40
size_t hk_edit_distance(const char *a, const char *b);
