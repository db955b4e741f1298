/* SPDX-License-Identifier: MIT */
#include "core/classifier/svm_header.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>

static const char *const key_names[N_KEYS] = { "svm_type", "kernel_type", "degree", "gamma",
	"coef0", "nr_class", "total_sv", "rho", "label", "probA", "probB", "nr_sv", "vectors" };

int hk_svm_header_error(
	const struct hk_svm_header *header, enum hk_svm_key key, const char *format, ...)
{
	struct hk_scan at = header->scan;
	at.line = header->lines[key];
	struct hk_diag text;
	va_list args;
	va_start(args, format);
	hk_diag_vset(&text, 0, format, args);
	va_end(args);
	return hk_scan_error(&at, header->diag, "%s: %s", key_names[key], text.text);
}

static enum hk_svm_key find_key(struct hk_span name)
{
	enum hk_svm_key key = 0;
	while (key < N_KEYS && !hk_span_is(name, key_names[key])) {
		key++;
	}
	return key;
}

int hk_svm_header_read(struct hk_svm_header *ret, const struct hk_scan *scan, struct hk_diag *diag)
{
	struct hk_svm_header header = { .scan = *scan, .diag = diag };
	struct hk_span line, name;
	for (;;) {
		const int r = hk_scan_line(&header.scan, &line, diag);
		if (r < 0) {
			return r;
		}
		if (r == 0) {
			return hk_scan_error(
				&header.scan, diag, "the file ends before the line \"SV\"");
		}
		hk_scan_word(&line, &name);
		if (hk_span_is(name, "SV")) {
			break;
		}
		const enum hk_svm_key key = find_key(name);
		if (key == N_KEYS) {
			return hk_scan_error(
				&header.scan, diag, "unknown key \"%.*s\"", HK_SPAN_ARG(name));
		}
		if (header.lines[key] > 0) {
			return hk_scan_error(&header.scan, diag,
				"%s is here for the second time (first in line %u)", key_names[key],
				header.lines[key]);
		}
		header.lines[key] = header.scan.line;
		header.values[key] = line;
	}
	if (hk_scan_word(&line, &name)) {
		return hk_scan_error(&header.scan, diag,
			"expected nothing after \"SV\", got \"%.*s\"", HK_SPAN_ARG(name));
	}
	*ret = header;
	return 0;
}

bool hk_svm_header_has(const struct hk_svm_header *header, enum hk_svm_key key)
{
	return header->lines[key] > 0;
}

int hk_svm_header_check(
	const struct hk_svm_header *header, enum hk_svm_key key, bool wanted, const char *why)
{
	if (hk_svm_header_has(header, key) && !wanted) {
		return hk_svm_header_error(header, key, "has no meaning for %s", why);
	}
	if (!hk_svm_header_has(header, key) && wanted) {
		return hk_scan_error(&header->scan, header->diag, "the key %s is missing (%s)",
			key_names[key], why);
	}
	return 0;
}

/* The one word of KEY. */
static int one_word(const struct hk_svm_header *header, enum hk_svm_key key, struct hk_span *ret)
{
	struct hk_span line = header->values[key], more;
	if (!hk_scan_word(&line, ret)) {
		return hk_svm_header_error(header, key, "expected a value");
	}
	if (hk_scan_word(&line, &more)) {
		return hk_svm_header_error(
			header, key, "expected one value, got \"%.*s\" too", HK_SPAN_ARG(more));
	}
	return 0;
}

int hk_svm_header_name(const struct hk_svm_header *header, enum hk_svm_key key,
	const char *const *names, uint32_t *ret)
{
	struct hk_span word;
	int r = hk_svm_header_check(header, key, true, "every model has it");
	if (r == 0) {
		r = one_word(header, key, &word);
	}
	if (r < 0) {
		return r;
	}
	for (uint32_t i = 0; names[i]; i++) {
		if (hk_span_is(word, names[i])) {
			*ret = i;
			return 0;
		}
	}
	return hk_svm_header_error(header, key, "\"%.*s\" is not supported", HK_SPAN_ARG(word));
}

int hk_svm_header_count(const struct hk_svm_header *header, enum hk_svm_key key, uint32_t min,
	uint32_t max, uint32_t *ret)
{
	struct hk_span word;
	int r = hk_svm_header_check(header, key, true, "every model has it");
	if (r == 0) {
		r = one_word(header, key, &word);
	}
	if (r < 0) {
		return r;
	}
	if (hk_span_uint32(word, max, ret) < 0 || *ret < min) {
		return hk_svm_header_error(header, key,
			"expected a whole number from %u to %u, got \"%.*s\"", min, max,
			HK_SPAN_ARG(word));
	}
	return 0;
}

int hk_svm_header_real(const struct hk_svm_header *header, enum hk_svm_key key, double min,
	double max, double *ret)
{
	struct hk_span word;
	const int r = one_word(header, key, &word);
	if (r < 0) {
		return r;
	}
	if (hk_span_double(word, ret) < 0 || !(*ret >= min && *ret <= max)) {
		return hk_svm_header_error(header, key,
			"expected a number from %g to %g, got \"%.*s\"", min, max,
			HK_SPAN_ARG(word));
	}
	return 0;
}

int hk_svm_header_reals(const struct hk_svm_header *header, enum hk_svm_key key, uint32_t n,
	double limit, double *ret)
{
	struct hk_span line = header->values[key], word;
	for (uint32_t i = 0; i < n; i++) {
		if (!hk_scan_word(&line, &word)) {
			return hk_svm_header_error(
				header, key, "expected %u numbers, got %u", n, i);
		}
		if (hk_span_double(word, &ret[i]) < 0 || fabs(ret[i]) > limit) {
			return hk_svm_header_error(header, key,
				"expected numbers from %g to %g, got \"%.*s\"", -limit, limit,
				HK_SPAN_ARG(word));
		}
	}
	return hk_scan_word(&line, &word)
		? hk_svm_header_error(header, key, "expected only %u numbers", n)
		: 0;
}

int hk_svm_header_counts(const struct hk_svm_header *header, enum hk_svm_key key, uint32_t n,
	uint32_t max, uint32_t *ret)
{
	struct hk_span line = header->values[key], word;
	for (uint32_t i = 0; i < n; i++) {
		if (!hk_scan_word(&line, &word)) {
			return hk_svm_header_error(
				header, key, "expected %u numbers, got %u", n, i);
		}
		if (hk_span_uint32(word, max, &ret[i]) < 0) {
			return hk_svm_header_error(header, key,
				"expected whole numbers from 0 to %u, got \"%.*s\"", max,
				HK_SPAN_ARG(word));
		}
	}
	return hk_scan_word(&line, &word)
		? hk_svm_header_error(header, key, "expected only %u numbers", n)
		: 0;
}
