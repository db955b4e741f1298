/* SPDX-License-Identifier: MIT */
#include "core/base/normal_form.h"

#include "unicode_tables.h"

#define N_ELEMENTS(array_) (sizeof(array_) / sizeof((array_)[0]))

/* Hangul syllables: leading consonant, vowel, trailing consonant (The Unicode Standard, 3.12). */
#define S_BASE 0xac00U
#define L_BASE 0x1100U
#define V_BASE 0x1161U
#define T_BASE 0x11a7U
#define N_L 19U
#define N_V 21U
#define N_T 28U

bool hk_is_letter(uint32_t code)
{
	if (code < 0x80) {
		return (code >= '0' && code <= '9') || (code >= 'A' && code <= 'Z') ||
			(code >= 'a' && code <= 'z');
	}
	for (size_t i = 0; i < N_ELEMENTS(letters) && letters[i].first <= code; i++) {
		if (code <= letters[i].last) {
			return true;
		}
	}
	return false;
}

bool hk_is_mark(uint32_t code)
{
	for (size_t i = 0; i < N_ELEMENTS(marks) && marks[i].first <= code; i++) {
		if (code <= marks[i].last) {
			return true;
		}
	}
	return false;
}

bool hk_is_hiding(uint32_t code)
{
	static const uint32_t ranges[][2] = { { 0, 0x1f }, { 0x7f, 0x9f }, { 0xad, 0xad },
		{ 0x61c, 0x61c }, { 0x180e, 0x180e }, { 0x200b, 0x200b }, { 0x200e, 0x200f },
		{ 0x2028, 0x202e }, { 0x2060, 0x206f }, { 0xfeff, 0xfeff }, { 0xfff9, 0xfffb },
		{ 0xe0000, 0xe007f } };
	for (size_t i = 0; i < N_ELEMENTS(ranges); i++) {
		if (code >= ranges[i][0] && code <= ranges[i][1]) {
			return true;
		}
	}
	return false;
}

/* The canonical combining class; 0: a base. */
static uint32_t class_of(uint32_t code)
{
	for (size_t i = 0; i < N_ELEMENTS(classes) && classes[i].first <= code; i++) {
		if (code <= classes[i].last) {
			return classes[i].class;
		}
	}
	return 0;
}

/* Split CODE once into *RET_FIRST and *RET_SECOND (0: it is replaced). Returns whether it can be.
 */
static bool split(uint32_t code, uint32_t *ret_first, uint32_t *ret_second)
{
	const uint32_t s = code - S_BASE;
	if (code < 0xc0) {
		return false;
	}
	if (code >= S_BASE && s < N_L * N_V * N_T) {
		const uint32_t t = s % N_T;
		*ret_first = t > 0 ? code - t : L_BASE + s / (N_V * N_T);
		*ret_second = t > 0 ? T_BASE + t : V_BASE + s % (N_V * N_T) / N_T;
		return true;
	}
	for (size_t i = 0; i < N_ELEMENTS(decompositions); i++) {
		if (decompositions[i].whole == code) {
			*ret_first = decompositions[i].first;
			*ret_second = decompositions[i].second;
			return true;
		}
	}
	return false;
}

/* FIRST and SECOND as one character; 0: there is none. */
static uint32_t joined(uint32_t first, uint32_t second)
{
	if (first - L_BASE < N_L && second - V_BASE < N_V) {
		return S_BASE + ((first - L_BASE) * N_V + second - V_BASE) * N_T;
	}
	if (first - S_BASE < N_L * N_V * N_T && (first - S_BASE) % N_T == 0 &&
		second - T_BASE - 1 < N_T - 1) {
		return first + second - T_BASE;
	}
	for (size_t i = 0; i < N_ELEMENTS(decompositions); i++) {
		if (decompositions[i].joins && decompositions[i].first == first &&
			decompositions[i].second == second) {
			return decompositions[i].whole;
		}
	}
	return 0;
}

/* Split all, in place. Returns how many there are; 0: more than fit. */
static size_t split_all(uint32_t *codes, size_t n, size_t room)
{
	for (size_t i = 0; i < n;) {
		uint32_t first, second;
		if (!split(codes[i], &first, &second)) {
			i++;
			continue;
		}
		codes[i] = first;
		if (second == 0) {
			continue;
		}
		if (n == room) {
			return 0;
		}
		for (size_t k = n++; k > i + 1; k--) {
			codes[k] = codes[k - 1];
		}
		codes[i + 1] = second;
	}
	return n;
}

/* Marks upon one base by their class; those of one class stay in their order. */
static void sort_marks(uint32_t *codes, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		const uint32_t code = codes[i], class = class_of(code);
		size_t k = i;
		for (; class > 0 && k > 0 && class_of(codes[k - 1]) > class; k--) {
			codes[k] = codes[k - 1];
		}
		codes[k] = code;
	}
}

static size_t join_all(uint32_t *codes, size_t n)
{
	size_t n_out = 0, base = 0;
	bool has_base = false;
	for (size_t i = 0; i < n; i++) {
		const uint32_t class = class_of(codes[i]);
		/* blocked by a character between them with a class as high, or by a base */
		const bool adjacent = has_base && base + 1 == n_out;
		const bool blocked =
			!has_base || (!adjacent && class_of(codes[n_out - 1]) >= class);
		const uint32_t one = blocked ? 0 : joined(codes[base], codes[i]);
		if (one != 0) {
			codes[base] = one;
			continue;
		}
		if (class == 0) {
			base = n_out;
			has_base = true;
		}
		codes[n_out++] = codes[i];
	}
	return n_out;
}

size_t hk_normalise(uint32_t *codes, size_t n, size_t room)
{
	n = split_all(codes, n, room);
	sort_marks(codes, n);
	return join_all(codes, n);
}
