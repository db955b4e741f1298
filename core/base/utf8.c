/* SPDX-License-Identifier: MIT */
#include "core/base/utf8.h"

#include <stdlib.h>
#include <string.h>

#define MAX_CODE 0x10ffff
#define REPLACEMENT 0xfffd
#define MAX_BYTES 4

size_t hk_utf8_decode(const char *text, size_t length, uint32_t *ret_code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	if (length == 0) {
		return 0;
	}
	const unsigned char first = (unsigned char)text[0];
	const size_t n = first < 0x80 ? 1
		: first >> 5 == 0x6   ? 2
		: first >> 4 == 0xe   ? 3
		: first >> 3 == 0x1e  ? 4
				      : 0;
	if (n == 0 || n > length) {
		return 0;
	}
	uint32_t code = n == 1 ? first : first & (0x7fU >> n);
	for (size_t i = 1; i < n; i++) {
		const unsigned char next = (unsigned char)text[i];
		if (next >> 6 != 0x2) {
			return 0;
		}
		code = code << 6 | (next & 0x3fU);
	}
	if (code < least[n] || code > MAX_CODE || (code >= 0xd800 && code <= 0xdfff)) {
		return 0;
	}
	*ret_code = code;
	return n;
}

size_t hk_utf8_encode(uint32_t code, char ret[4])
{
	const size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	static const unsigned char heads[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	for (size_t i = n - 1; i > 0; i--) {
		ret[i] = (char)(0x80 | (code & 0x3f));
		code >>= 6;
	}
	ret[0] = (char)(heads[n] | code);
	return n;
}

char *hk_utf8_valid(const char *text)
{
	size_t left = strlen(text), n_out = 0;
	char *copy = malloc(3 * left + 1); /* U+FFFD takes three bytes */
	while (copy && left > 0) {
		uint32_t code;
		const size_t n = hk_utf8_decode(text, left, &code);
		char bytes[MAX_BYTES];
		const size_t n_bytes = hk_utf8_encode(n > 0 ? code : REPLACEMENT, bytes);
		memcpy(copy + n_out, bytes, n_bytes);
		n_out += n_bytes;
		text += n > 0 ? n : 1;
		left -= n > 0 ? n : 1;
	}
	if (copy) {
		copy[n_out] = '\0';
	}
	return copy;
}

void hk_utf8_repair(char *text)
{
	for (size_t left = strlen(text); left > 0;) {
		uint32_t code;
		size_t n = hk_utf8_decode(text, left, &code);
		if (n == 0) {
			*text = '?';
			n = 1;
		}
		text += n;
		left -= n;
	}
}

size_t hk_utf8_prefix(const char *text, size_t n_characters)
{
	const size_t length = strlen(text);
	size_t at = 0;
	uint32_t code;
	for (; n_characters > 0 && at < length; n_characters--) {
		const size_t n = hk_utf8_decode(text + at, length - at, &code);
		at += n > 0 ? n : 1;
	}
	return at;
}
