/* SPDX-License-Identifier: MIT */
#include "core/base/params.h"

#include <errno.h>
#include <float.h>
#include <stdarg.h>
#include <string.h>

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
	char number[HK_NUMBER_SIZE];
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
	char min[HK_NUMBER_SIZE], max[HK_NUMBER_SIZE];
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
		append(ret_text, size, &length, "%sa whole number", row->or_zero ? "0 or " : "");
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
		append(ret_text, size, &length, ", separated by spaces or commas");
		break;
	case HK_PARAM_K_OF_N:
		append(ret_text, size, &length, "\"K of N\" with 1 <= K <= N <= %.0f", row->max);
		break;
	}
}
