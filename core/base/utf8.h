/* SPDX-License-Identifier: MIT */
/*
 * utf8: characters (Unicode code points) from UTF-8 and back. Any thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Bytes of the character at TEXT[length], 1 to 4, with its code point; 0: no valid UTF-8 (overlong,
 * surrogate, cut). */
size_t hk_utf8_decode(const char *text, size_t length, uint32_t *ret_code);

/* Write CODE to RET. Returns how many bytes. */
size_t hk_utf8_encode(uint32_t code, char ret[4]);

/*
 * A copy of TEXT that is valid UTF-8: a byte that is none becomes U+FFFD.
 * Returns it (malloc'd, the caller's); NULL: out of memory.
 */
char *hk_utf8_valid(const char *text);

/* The same in place, where there is no room: a byte that is no UTF-8 becomes '?'. */
void hk_utf8_repair(char *text);

/* Bytes of the first N_CHARACTERS of TEXT, or of all of it; a byte that is no UTF-8 counts as one.
 */
size_t hk_utf8_prefix(const char *text, size_t n_characters);
