/* SPDX-License-Identifier: MIT */
/*
 * known: the words that a message names as possible, apart by commas. One that finds no room is left out. Any thread;
 * not real-time.
 */
#pragma once

#include <stddef.h>

#include "core/diag.h"

/* Begun as { .length = 0 }. */
struct hk_known {
	char text[HK_DIAG_SIZE / 2];
	size_t length; /* of text */
};

/* One more word. */
void hk_known_add(struct hk_known *known, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
