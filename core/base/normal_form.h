/* SPDX-License-Identifier: MIT */
/*
 * normal_form: Unicode's normalisation form C (UAX #15): letters and their accents as one character
 * where there is one. And which characters are letters. Tables: unicode_tables.py. Any thread; no
 * allocation.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A letter, a digit or a mark upon a letter, of any script. Not: what is invisible, and
 * compatibility characters (full width, ligatures, superscripts, mathematical letters), which look
 * like others. */
bool hk_is_letter(uint32_t code);

/* A mark upon the letter before it. */
bool hk_is_mark(uint32_t code);

/* A control, or a character that changes how others are shown or is not shown itself: directions,
 * zero widths, tags. Not ZERO WIDTH JOINER and NON-JOINER, which Persian and emojis need. */
bool hk_is_hiding(uint32_t code);

/*
 * Normalise CODES[n], in place. ROOM: as many fit. Returns how many there are now; 0: more than
 * fit. CJK compatibility ideographs, which hk_is_letter refuses, stay.
 */
size_t hk_normalise(uint32_t *codes, size_t n, size_t room);
