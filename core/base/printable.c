/* SPDX-License-Identifier: MIT */
#include "core/base/printable.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "core/base/normal_form.h"
#include "core/base/utf8.h"

void hk_printable(const char *text, char *ret_text, size_t size)
{
	size_t left = strlen(text), n_out = 0;
	while (left > 0) {
		uint32_t code;
		size_t n = hk_utf8_decode(text, left, &code);
		const bool shown = n > 0 && !hk_is_hiding(code);
		n += n == 0;
		if (n_out + (shown ? n : 1) >= size) {
			break;
		}
		memcpy(ret_text + n_out, shown ? text : "?", shown ? n : 1);
		n_out += shown ? n : 1;
		text += n;
		left -= n;
	}
	ret_text[n_out] = '\0';
	if (left > 0) {
		n_out = n_out < size - 4 ? n_out : size - 4;
		while (n_out > 0 && ((unsigned char)ret_text[n_out] & 0xc0) == 0x80) {
			n_out--; /* not within a character */
		}
		memcpy(ret_text + n_out, "...", 4);
	}
}
