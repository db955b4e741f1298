/* SPDX-License-Identifier: MIT */
/*
 * params: a table of named, typed, bounded values in a struct.
 *
 * One table describes a section of an INI file: the loader, the writer, `hearken help`, the
 * manual's test and the defaults all read the same rows. Used for hearken.conf (config/), the
 * [profile] and [class NAME] sections of model.ini, and nothing is parsed by hand beside it. Tables
 * are constant and last as long as the program. Any thread; not real-time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/base/diag.h"
#include "core/base/number.h"

enum hk_param_type {
	HK_PARAM_BOOL,     /* bool: yes/no, true/false, on/off, 1/0; nothing else */
	HK_PARAM_UINT,     /* uint32_t: decimal digits only, min..max */
	HK_PARAM_DOUBLE,   /* double: C locale, finite, min..max */
	HK_PARAM_DURATION, /* double, seconds: a number with an optional unit ms, s, min, h, d;
			       min..max in seconds */
	HK_PARAM_STRING,   /* char[size]: any text that fits; longer is refused, never cut */
	HK_PARAM_ENUM,     /* uint32_t: index of the word in `words` */
	HK_PARAM_WORDS, /* uint32_t: bit i is set when words[i] is named; each at most once, apart
			       by spaces or commas; "none" alone */
	HK_PARAM_UINT_LIST, /* struct hk_uint_list: numbers separated by spaces or commas */
	HK_PARAM_K_OF_N,    /* struct hk_k_of_n: "K of N", 1 <= K <= N <= max */
};

#define HK_UINT_LIST_MAX 64

struct hk_uint_list {
	uint32_t n_values;
	uint32_t values[HK_UINT_LIST_MAX];
};

struct hk_k_of_n {
	uint32_t k;
	uint32_t n;
};

struct hk_param {
	const char *section; /* NULL: the table describes one section whose name the caller knows */
	const char *key;
	enum hk_param_type type;
	size_t offset;            /* of the value in the struct */
	size_t size;              /* of the value in the struct, in bytes */
	double min, max;          /* inclusive; for numbers */
	bool or_zero;             /* HK_PARAM_UINT: 0 as well, though it lies below min */
	const char *const *words; /* HK_PARAM_ENUM, HK_PARAM_WORDS (32 at most): NULL-terminated */
	const char *fallback; /* the default, as it would be written in the file; NULL: the key must
				 be given */
	bool at_start;    /* a setting that is read when the program starts: no reload changes it */
	const char *unit; /* "Hz", "frames"; "" or NULL: none */
	const char *help; /* one sentence, no full stop */
};

/* Fills `.offset` and `.size` of a row. */
#define HK_PARAM_AT(type_, member_)                                                                \
	.offset = offsetof(type_, member_), .size = sizeof(((type_ *)0)->member_)

/*
 * Set every value of STRUCT that has a default.
 * Defaults that do not parse are programmer's errors and assert.
 */
void hk_params_defaults(const struct hk_param *table, size_t n_rows, void *strct);

/*
 * Find the row of SECTION (may be NULL) and KEY. Returns NULL when there is none.
 */
const struct hk_param *hk_params_find(
	const struct hk_param *table, size_t n_rows, const char *section, const char *key);

/* Do A and B have the same value in ROW? */
bool hk_param_same(const struct hk_param *row, const void *a, const void *b);

/*
 * Parse TEXT into the value that ROW describes.
 * Returns 0; -EINVAL (no such value) or -ERANGE (out of bounds) with DIAG saying `KEY: expected
 * ..., got "..."` (the caller puts file and line before it). STRUCT is untouched on failure.
 */
int hk_param_parse(const struct hk_param *row, void *strct, const char *text, struct hk_diag *diag);

/*
 * Write the value of ROW as the file would have it, so that parsing it again gives the same bits.
 * Returns 0, or -ENOSPC when it does not fit into SIZE bytes.
 */
int hk_param_print(const struct hk_param *row, const void *strct, char *ret_text, size_t size);

/*
 * What ROW accepts, in words for messages and manuals: "a number from 0 to 1", "one of: mix, left".
 * Always NUL-terminated.
 */
void hk_param_expectation(const struct hk_param *row, char *ret_text, size_t size);
