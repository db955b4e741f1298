/* SPDX-License-Identifier: MIT */
#include "core/base/params.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/known.h"

static const struct {
	const char *name;
	bool value;
} bool_words[] = {
	{ "yes", true },
	{ "no", false },
	{ "true", true },
	{ "false", false },
	{ "on", true },
	{ "off", false },
	{ "1", true },
	{ "0", false },
};

/* The divisor keeps "250 ms" the same bits as 0.25, which a factor of 0.001 would not. */
static const struct {
	const char *name;
	double factor, divisor;
} duration_units[] = {
	{ "", 1, 1 },
	{ "ms", 1, 1000 },
	{ "s", 1, 1 },
	{ "min", 60, 1 },
	{ "h", 3600, 1 },
	{ "d", 86400, 1 },
};

#define N_ELEMENTS(array_) (sizeof(array_) / sizeof((array_)[0]))

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

static int parse_uint(const struct hk_param *row, const char *text, uint32_t *ret)
{
	uint64_t value;
	const int r = hk_parse_uint64(text, &value);
	if (r < 0) {
		return r;
	}
	const bool below = (double)value < row->min && !(row->or_zero && value == 0);
	if (value > UINT32_MAX || below || (double)value > row->max) {
		return -ERANGE;
	}
	*ret = (uint32_t)value;
	return 0;
}

static int parse_bounded(
	const struct hk_param *row, const char *text, double factor, double divisor, double *ret)
{
	double value;
	const int r = hk_parse_double(text, &value);
	if (r < 0) {
		return r;
	}
	value = value * factor / divisor;
	if (!(value >= row->min && value <= row->max)) {
		return -ERANGE;
	}
	*ret = value;
	return 0;
}

static int parse_bool(const char *text, bool *ret)
{
	for (size_t i = 0; i < N_ELEMENTS(bool_words); i++) {
		if (strcmp(text, bool_words[i].name) == 0) {
			*ret = bool_words[i].value;
			return 0;
		}
	}
	return -EINVAL;
}

static int parse_enum(const struct hk_param *row, const char *text, uint32_t *ret)
{
	for (uint32_t i = 0; row->words[i]; i++) {
		if (strcmp(text, row->words[i]) == 0) {
			*ret = i;
			return 0;
		}
	}
	return -EINVAL;
}

/* Copy the LENGTH bytes at TEXT as a string. */
static int copy_word(const char *text, size_t length, char ret[HK_NUMBER_SIZE])
{
	if (length >= HK_NUMBER_SIZE) {
		return -EINVAL;
	}
	memcpy(ret, text, length);
	ret[length] = '\0';
	return 0;
}

static int parse_duration(const struct hk_param *row, const char *text, double *ret)
{
	size_t length = strlen(text);
	const char *unit = text + length;
	while (unit > text && unit[-1] >= 'a' && unit[-1] <= 'z') {
		unit--;
	}
	length = (size_t)(unit - text);
	while (*unit && length > 0 && is_space(text[length - 1])) {
		length--;
	}
	char number[HK_NUMBER_SIZE];
	const int r = copy_word(text, length, number);
	if (r < 0) {
		return r;
	}
	for (size_t i = 0; i < N_ELEMENTS(duration_units); i++) {
		if (strcmp(unit, duration_units[i].name) == 0) {
			return parse_bounded(row, number, duration_units[i].factor,
				duration_units[i].divisor, ret);
		}
	}
	return -EINVAL;
}

static const char separators[] = " \t,"; /* between the items of a list */

static int parse_words(const struct hk_param *row, const char *text, uint32_t *ret)
{
	uint32_t set = 0;
	if (strcmp(text, "none") == 0) {
		*ret = set;
		return 0;
	}
	for (const char *c = text + strspn(text, separators); *c; c += strspn(c, separators)) {
		char word[HK_NUMBER_SIZE];
		const size_t length = strcspn(c, separators);
		uint32_t i;
		int r = copy_word(c, length, word);
		if (r < 0 || (r = parse_enum(row, word, &i)) < 0) {
			return r;
		}
		if (set & UINT32_C(1) << i) {
			return -EINVAL; /* named twice */
		}
		set |= UINT32_C(1) << i;
		c += length;
	}
	if (set == 0) {
		return -EINVAL;
	}
	*ret = set;
	return 0;
}

static int parse_uint_list(const struct hk_param *row, const char *text, struct hk_uint_list *ret)
{
	struct hk_uint_list list = { 0 };
	for (const char *c = text + strspn(text, separators); *c; c += strspn(c, separators)) {
		char number[HK_NUMBER_SIZE];
		const size_t length = strcspn(c, separators);
		int r = copy_word(c, length, number);
		if (r < 0) {
			return r;
		}
		if (list.n_values == HK_UINT_LIST_MAX) {
			return -ERANGE;
		}
		r = parse_uint(row, number, &list.values[list.n_values]);
		if (r < 0) {
			return r;
		}
		list.n_values++;
		c += length;
	}
	if (list.n_values == 0) {
		return -EINVAL;
	}
	*ret = list;
	return 0;
}

static int parse_k_of_n(const struct hk_param *row, const char *text, struct hk_k_of_n *ret)
{
	const char *of = strstr(text, " of ");
	if (!of) {
		return -EINVAL;
	}
	char number[HK_NUMBER_SIZE];
	int r = copy_word(text, (size_t)(of - text), number);
	uint64_t k, n;
	if (r < 0 || (r = hk_parse_uint64(number, &k)) < 0 ||
		(r = hk_parse_uint64(of + strlen(" of "), &n)) < 0) {
		return r;
	}
	if (k < 1 || k > n || (double)n > row->max || n > UINT32_MAX) {
		return -ERANGE;
	}
	*ret = (struct hk_k_of_n){ .k = (uint32_t)k, .n = (uint32_t)n };
	return 0;
}

static int parse_string(const struct hk_param *row, const char *text, char *ret)
{
	const size_t length = strlen(text);
	if (length >= row->size) {
		return -ERANGE;
	}
	/* The rest of the array too, so that equal settings are equal bytes. */
	memset(ret, 0, row->size);
	memcpy(ret, text, length);
	return 0;
}

static int parse_value(const struct hk_param *row, const char *text, void *value)
{
	switch (row->type) {
	case HK_PARAM_BOOL:
		return parse_bool(text, value);
	case HK_PARAM_UINT:
		return parse_uint(row, text, value);
	case HK_PARAM_DOUBLE:
		return parse_bounded(row, text, 1, 1, value);
	case HK_PARAM_DURATION:
		return parse_duration(row, text, value);
	case HK_PARAM_STRING:
		return parse_string(row, text, value);
	case HK_PARAM_ENUM:
		return parse_enum(row, text, value);
	case HK_PARAM_WORDS:
		return parse_words(row, text, value);
	case HK_PARAM_UINT_LIST:
		return parse_uint_list(row, text, value);
	case HK_PARAM_K_OF_N:
		return parse_k_of_n(row, text, value);
	}
	return -EINVAL;
}

int hk_param_parse(const struct hk_param *row, void *strct, const char *text, struct hk_diag *diag)
{
	const int r = parse_value(row, text, (char *)strct + row->offset);
	if (r < 0) {
		char expected[256];
		struct hk_known known = { .asked = text };
		hk_param_expectation(row, expected, sizeof(expected));
		if (row->type == HK_PARAM_ENUM) {
			hk_known_add_all(&known, row->words);
		}
		return hk_diag_set(diag, r, "%s: expected %s, got \"%s\"%s", row->key, expected,
			text, known.hint);
	}
	return 0;
}

bool hk_param_same(const struct hk_param *row, const void *a, const void *b)
{
	/* a parser writes all of a value, what lies behind a text's end too */
	return memcmp((const char *)a + row->offset, (const char *)b + row->offset, row->size) == 0;
}

void hk_params_defaults(const struct hk_param *table, size_t n_rows, void *strct)
{
	for (size_t i = 0; i < n_rows; i++) {
		if (table[i].fallback) {
			const int r = hk_param_parse(&table[i], strct, table[i].fallback, NULL);
			assert(r == 0);
			(void)r;
		}
	}
}

const struct hk_param *hk_params_find(
	const struct hk_param *table, size_t n_rows, const char *section, const char *key)
{
	for (size_t i = 0; i < n_rows; i++) {
		const bool same_section = !table[i].section || !section
			? table[i].section == section
			: strcmp(table[i].section, section) == 0;
		if (same_section && strcmp(table[i].key, key) == 0) {
			return &table[i];
		}
	}
	return NULL;
}
