/* SPDX-License-Identifier: MIT */
#include "core/params.h"

#include <assert.h>
#include <errno.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_SIZE 40 /* bytes for any number printed with %.17g */

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

/* glibc and musl return one static object for "C": no allocation, nothing to free. */
static locale_t c_locale(void)
{
	return newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

int hk_parse_double(const char *text, double *ret)
{
	/* strtod would also take blanks, hexadecimal, "inf" and "nan". */
	if (text[0] == '\0' || strspn(text, "+-.0123456789eE") != strlen(text)) {
		return -EINVAL;
	}
	char *end;
	const double value = strtod_l(text, &end, c_locale());
	if (*end != '\0') {
		return -EINVAL;
	}
	if (!isfinite(value)) {
		return -ERANGE;
	}
	*ret = value;
	return 0;
}

int hk_parse_uint64(const char *text, uint64_t *ret)
{
	if (text[0] == '\0') {
		return -EINVAL;
	}
	uint64_t value = 0;
	bool overflow = false;
	for (const char *c = text; *c; c++) {
		if (!is_digit(*c)) {
			return -EINVAL;
		}
		overflow |= __builtin_mul_overflow(value, 10, &value);
		overflow |= __builtin_add_overflow(value, (uint64_t)(*c - '0'), &value);
	}
	if (overflow) {
		return -ERANGE;
	}
	*ret = value;
	return 0;
}

int hk_print_double(double value, char *ret_text, size_t size)
{
	char text[NUMBER_SIZE];
	const locale_t before = uselocale(c_locale());
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, value);
		if (digits == 17 || strtod(text, NULL) == value) {
			break;
		}
	}
	uselocale(before);
	if (strlen(text) >= size) {
		return -ENOSPC;
	}
	memcpy(ret_text, text, strlen(text) + 1);
	return 0;
}

static int parse_uint(const struct hk_param *row, const char *text, uint32_t *ret)
{
	uint64_t value;
	const int r = hk_parse_uint64(text, &value);
	if (r < 0) {
		return r;
	}
	if (value > UINT32_MAX || (double)value < row->min || (double)value > row->max) {
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
static int copy_word(const char *text, size_t length, char ret[NUMBER_SIZE])
{
	if (length >= NUMBER_SIZE) {
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
	char number[NUMBER_SIZE];
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
		char word[NUMBER_SIZE];
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
		char number[NUMBER_SIZE];
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
	char number[NUMBER_SIZE];
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
		hk_param_expectation(row, expected, sizeof(expected));
		return hk_diag_set(
			diag, r, "%s: expected %s, got \"%s\"", row->key, expected, text);
	}
	return 0;
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

/* Append to TEXT, whose length is *LENGTH; returns -ENOSPC when it does not fit. */
__attribute__((format(printf, 4, 5))) static int append(
	char *text, size_t size, size_t *length, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	const int n = vsnprintf(text + *length, size - *length, format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= size - *length) {
		return -ENOSPC;
	}
	*length += (size_t)n;
	return 0;
}

static int print_list(const struct hk_uint_list *list, char *ret_text, size_t size)
{
	size_t length = 0;
	for (uint32_t i = 0; i < list->n_values; i++) {
		const int r =
			append(ret_text, size, &length, "%s%u", i > 0 ? " " : "", list->values[i]);
		if (r < 0) {
			return r;
		}
	}
	return 0;
}

static int print_words(const char *const *words, uint32_t set, char *ret_text, size_t size)
{
	size_t length = 0;
	if (set == 0) {
		return append(ret_text, size, &length, "none");
	}
	for (uint32_t i = 0; words[i]; i++) {
		if ((set & UINT32_C(1) << i) == 0) {
			continue;
		}
		const int r =
			append(ret_text, size, &length, "%s%s", length > 0 ? " " : "", words[i]);
		if (r < 0) {
			return r;
		}
	}
	return 0;
}

int hk_param_print(const struct hk_param *row, const void *strct, char *ret_text, size_t size)
{
	if (size == 0) {
		return -ENOSPC;
	}
	const void *value = (const char *)strct + row->offset;
	char number[NUMBER_SIZE];
	size_t length = 0;
	ret_text[0] = '\0';
	switch (row->type) {
	case HK_PARAM_BOOL:
		return append(ret_text, size, &length, "%s", *(const bool *)value ? "yes" : "no");
	case HK_PARAM_UINT:
		return append(ret_text, size, &length, "%u", *(const uint32_t *)value);
	case HK_PARAM_DOUBLE:
		return hk_print_double(*(const double *)value, ret_text, size);
	case HK_PARAM_DURATION:
		hk_print_double(*(const double *)value, number, sizeof(number));
		return append(ret_text, size, &length, "%s s", number);
	case HK_PARAM_STRING:
		return append(ret_text, size, &length, "%s", (const char *)value);
	case HK_PARAM_ENUM:
		return append(ret_text, size, &length, "%s", row->words[*(const uint32_t *)value]);
	case HK_PARAM_WORDS:
		return print_words(row->words, *(const uint32_t *)value, ret_text, size);
	case HK_PARAM_UINT_LIST:
		return print_list(value, ret_text, size);
	case HK_PARAM_K_OF_N:
		return append(ret_text, size, &length, "%u of %u",
			((const struct hk_k_of_n *)value)->k, ((const struct hk_k_of_n *)value)->n);
	}
	return -EINVAL;
}

/* " from MIN to MAX UNIT", leaving out bounds that no value can cross. */
static void append_range(
	const struct hk_param *row, const char *unit, char *text, size_t size, size_t *length)
{
	char min[NUMBER_SIZE], max[NUMBER_SIZE];
	const bool has_max = row->max < (double)UINT32_MAX;
	const bool has_min = row->min > -DBL_MAX;
	hk_print_double(row->min, min, sizeof(min));
	hk_print_double(row->max, max, sizeof(max));
	if (has_min && has_max) {
		append(text, size, length, " from %s to %s", min, max);
	} else if (has_min) {
		append(text, size, length, " of at least %s", min);
	} else if (has_max) {
		append(text, size, length, " of at most %s", max);
	}
	if (unit && unit[0] != '\0') {
		append(text, size, length, " %s", unit);
	}
}

static void append_words(const char *const *words, char *text, size_t size, size_t *length)
{
	for (uint32_t i = 0; words[i]; i++) {
		append(text, size, length, "%s %s", i > 0 ? "," : "", words[i]);
	}
}

void hk_param_expectation(const struct hk_param *row, char *ret_text, size_t size)
{
	if (size == 0) {
		return;
	}
	size_t length = 0;
	ret_text[0] = '\0';
	switch (row->type) {
	case HK_PARAM_BOOL:
		append(ret_text, size, &length, "yes or no");
		break;
	case HK_PARAM_UINT:
		append(ret_text, size, &length, "a whole number");
		append_range(row, row->unit, ret_text, size, &length);
		break;
	case HK_PARAM_DOUBLE:
		append(ret_text, size, &length, "a number");
		append_range(row, row->unit, ret_text, size, &length);
		break;
	case HK_PARAM_DURATION:
		append(ret_text, size, &length, "a duration");
		append_range(row, "s", ret_text, size, &length);
		append(ret_text, size, &length, " (units: ms, s, min, h, d)");
		break;
	case HK_PARAM_STRING:
		append(ret_text, size, &length, "a text of at most %zu bytes", row->size - 1);
		break;
	case HK_PARAM_ENUM:
		append(ret_text, size, &length, "one of:");
		append_words(row->words, ret_text, size, &length);
		break;
	case HK_PARAM_WORDS:
		append(ret_text, size, &length, "none, or some of:");
		append_words(row->words, ret_text, size, &length);
		break;
	case HK_PARAM_UINT_LIST:
		append(ret_text, size, &length, "1 to %d whole numbers", HK_UINT_LIST_MAX);
		append_range(row, row->unit, ret_text, size, &length);
		append(ret_text, size, &length, ", apart by spaces or commas");
		break;
	case HK_PARAM_K_OF_N:
		append(ret_text, size, &length, "\"K of N\" with 1 <= K <= N <= %.0f", row->max);
		break;
	}
}
