/* SPDX-License-Identifier: MIT */
#include "core/base/label.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "core/base/normal_form.h"
#include "core/base/utf8.h"

#define EXPECTED "expected letters, digits, '_', '-' or '.'"
#define MAX_NAME 255                  /* bytes: of a folder */
#define MAX_CHARACTERS (4 * MAX_NAME) /* no character becomes more than 4 */

static bool is_plain(uint32_t code)
{
	return code == '_' || code == '-' || code == '.';
}

/* May CODE be at INDEX of a label? */
static bool fits(uint32_t code, size_t index)
{
	return is_plain(code) || (hk_is_letter(code) && !(index == 0 && hk_is_mark(code)));
}

/* The characters of TEXT[length <= MAX_NAME]. Returns how many; -EINVAL with DIAG. */
static int decode(const char *text, size_t length, uint32_t ret[MAX_CHARACTERS], size_t *ret_n,
	struct hk_diag *diag)
{
	size_t n = 0;
	for (size_t i = 0, n_bytes; i < length; i += n_bytes) {
		n_bytes = hk_utf8_decode(text + i, length - i, &ret[n]);
		if (n_bytes == 0) {
			return hk_diag_set(diag, -EINVAL, EXPECTED " in UTF-8, got the byte 0x%02x",
				(unsigned char)text[i]);
		}
		n++;
	}
	*ret_n = n;
	return 0;
}

static int check_size(size_t n_bytes, struct hk_diag *diag)
{
	if (n_bytes == 0) {
		return hk_diag_set(diag, -EINVAL, EXPECTED ", got nothing");
	}
	return n_bytes < HK_LABEL_SIZE
		? 0
		: hk_diag_set(diag, -EINVAL, EXPECTED " of at most %d bytes, got %zu",
			  HK_LABEL_SIZE - 1, n_bytes);
}

int hk_label_check(const char *text, size_t length, struct hk_diag *diag)
{
	uint32_t codes[MAX_CHARACTERS], normal[MAX_CHARACTERS];
	size_t n = 0;
	int r = check_size(length, diag);
	r = r < 0 ? r : decode(text, length, codes, &n, diag);
	if (r < 0) {
		return r;
	}
	for (size_t i = 0; i < n; i++) {
		if (!fits(codes[i], i)) {
			return hk_diag_set(
				diag, -EINVAL, EXPECTED ", got the character U+%04X", codes[i]);
		}
	}
	memcpy(normal, codes, n * sizeof(*codes));
	if (hk_normalise(normal, n, MAX_CHARACTERS) != n ||
		memcmp(normal, codes, n * sizeof(*codes)) != 0) {
		return hk_diag_set(diag, -EINVAL,
			"expected a normalised text (Unicode's form NFC): accents as part of their "
			"letters");
	}
	return 0;
}

int hk_label_of(const char *name, char ret[HK_LABEL_SIZE], struct hk_diag *diag)
{
	uint32_t codes[MAX_CHARACTERS];
	char label[4 * MAX_CHARACTERS];
	size_t n = 0, n_bytes = 0;
	const size_t length = strlen(name);
	int r = length > MAX_NAME ? check_size(length, diag)
				  : decode(name, length, codes, &n, diag);
	if (r < 0) {
		return r;
	}
	for (size_t i = 0; i < n; i++) {
		if (hk_is_hiding(codes[i])) {
			return hk_diag_set(diag, -EINVAL,
				EXPECTED ", got the control or invisible character U+%04X",
				codes[i]);
		}
	}
	n = hk_normalise(codes, n, MAX_CHARACTERS);
	for (size_t i = 0; i < n; i++) {
		n_bytes += hk_utf8_encode(fits(codes[i], i) ? codes[i] : '_', label + n_bytes);
	}
	r = check_size(n_bytes, diag);
	if (r == 0) {
		memcpy(ret, label, n_bytes);
		ret[n_bytes] = '\0';
	}
	return r;
}
