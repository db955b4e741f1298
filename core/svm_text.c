/* SPDX-License-Identifier: MIT */
#include "core/svm_text.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/scan.h"

#define MAX_DEGREE 100
#define MAX_GAMMA 1e9

/*
 * Zeros may be left out, so a short line can stand for a long row: the model may take this many times
 * as much memory as text, and SMALL_SIZE in any case. Vectors of scaled features have hardly any
 * zeros: they take less memory than text.
 */
#define MAX_SIZE_PER_TEXT 16
#define SMALL_SIZE (1 << 20)

enum key {
	KEY_SVM_TYPE,
	KEY_KERNEL_TYPE,
	KEY_DEGREE,
	KEY_GAMMA,
	KEY_COEF0,
	KEY_NR_CLASS,
	KEY_TOTAL_SV,
	KEY_RHO,
	KEY_LABEL,
	KEY_PROB_A,
	KEY_PROB_B,
	KEY_NR_SV,
	N_KEYS,
};

static const char *const key_names[N_KEYS] = { "svm_type", "kernel_type", "degree", "gamma",
	"coef0", "nr_class", "total_sv", "rho", "label", "probA", "probB", "nr_sv" };

/* In the order of enum hk_svm_decision and enum hk_kernel. */
static const char *const decision_names[] = { "c_svc", "c_svc_ovr", NULL };
static const char *const kernel_names[] = { "linear", "polynomial", "rbf", "sigmoid", NULL };

/* The header's lines as they stand; `line` is 0 for a key that did not come. */
struct header {
	struct hk_span values[N_KEYS];
	uint32_t lines[N_KEYS];
};

/* What is being read. */
struct reader {
	struct hk_scan scan;
	struct header header;
	struct hk_svm svm;
	struct hk_diag *diag;
};

/* An error at the line of KEY. */
#define KEY_ERROR(reader_, key_, ...)                                                              \
	((reader_)->scan.line = (reader_)->header.lines[key_],                                     \
		hk_scan_error(&(reader_)->scan, (reader_)->diag, __VA_ARGS__))

static int read_header(struct reader *reader)
{
	struct hk_span line, name;
	for (;;) {
		const int r = hk_scan_line(&reader->scan, &line, reader->diag);
		if (r < 0) {
			return r;
		}
		if (r == 0) {
			return hk_scan_error(&reader->scan, reader->diag,
				"the file ends before the line \"SV\"");
		}
		hk_scan_word(&line, &name);
		if (hk_span_is(name, "SV")) {
			return hk_scan_word(&line, &name)
				? hk_scan_error(&reader->scan, reader->diag,
					  "expected nothing after \"SV\", got \"%.*s\"",
					  HK_SPAN_ARG(name))
				: 0;
		}
		enum key key = 0;
		while (key < N_KEYS && !hk_span_is(name, key_names[key])) {
			key++;
		}
		if (key == N_KEYS) {
			return hk_scan_error(&reader->scan, reader->diag, "unknown key \"%.*s\"",
				HK_SPAN_ARG(name));
		}
		if (reader->header.lines[key] > 0) {
			return hk_scan_error(&reader->scan, reader->diag,
				"%s is here for the second time (first in line %u)", key_names[key],
				reader->header.lines[key]);
		}
		reader->header.lines[key] = reader->scan.line;
		reader->header.values[key] = line;
	}
}

static bool has(const struct reader *reader, enum key key)
{
	return reader->header.lines[key] > 0;
}

/* KEY must be there if WANTED and must not if not; WHY names what decides it. */
static int check_presence(struct reader *reader, enum key key, bool wanted, const char *why)
{
	if (has(reader, key) && !wanted) {
		return KEY_ERROR(reader, key, "%s has no meaning for %s", key_names[key], why);
	}
	if (!has(reader, key) && wanted) {
		return hk_scan_error(&reader->scan, reader->diag, "the key %s is missing (%s)",
			key_names[key], why);
	}
	return 0;
}

/* The one word of KEY. */
static int read_word(struct reader *reader, enum key key, struct hk_span *ret)
{
	struct hk_span line = reader->header.values[key], more;
	if (!hk_scan_word(&line, ret)) {
		return KEY_ERROR(reader, key, "%s has no value", key_names[key]);
	}
	if (hk_scan_word(&line, &more)) {
		return KEY_ERROR(reader, key, "%s: expected one value, got \"%.*s\" too",
			key_names[key], HK_SPAN_ARG(more));
	}
	return 0;
}

static int read_name(struct reader *reader, enum key key, const char *const *names, uint32_t *ret)
{
	struct hk_span word;
	int r = check_presence(reader, key, true, "every model has it");
	if (r == 0) {
		r = read_word(reader, key, &word);
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
	return KEY_ERROR(
		reader, key, "%s \"%.*s\" is not supported", key_names[key], HK_SPAN_ARG(word));
}

static int read_count(
	struct reader *reader, enum key key, uint32_t min, uint32_t max, uint32_t *ret)
{
	struct hk_span word;
	int r = check_presence(reader, key, true, "every model has it");
	if (r == 0) {
		r = read_word(reader, key, &word);
	}
	if (r < 0) {
		return r;
	}
	if (hk_span_uint32(word, max, ret) < 0 || *ret < min) {
		return KEY_ERROR(reader, key,
			"%s: expected a whole number from %u to %u, got \"%.*s\"", key_names[key],
			min, max, HK_SPAN_ARG(word));
	}
	return 0;
}

static int read_real(struct reader *reader, enum key key, double min, double max, double *ret)
{
	struct hk_span word;
	const int r = read_word(reader, key, &word);
	if (r < 0) {
		return r;
	}
	if (hk_span_double(word, ret) < 0 || !(*ret >= min && *ret <= max)) {
		return KEY_ERROR(reader, key, "%s: expected a number from %g to %g, got \"%.*s\"",
			key_names[key], min, max, HK_SPAN_ARG(word));
	}
	return 0;
}

/* Exactly N numbers. */
static int read_reals(struct reader *reader, enum key key, uint32_t n, double *ret)
{
	struct hk_span line = reader->header.values[key], word;
	for (uint32_t i = 0; i < n; i++) {
		if (!hk_scan_word(&line, &word)) {
			return KEY_ERROR(reader, key, "%s: expected %u numbers, got %u",
				key_names[key], n, i);
		}
		if (hk_span_double(word, &ret[i]) < 0 || fabs(ret[i]) > HK_SVM_MAX_COEF) {
			return KEY_ERROR(reader, key,
				"%s: expected numbers from %g to %g, got \"%.*s\"", key_names[key],
				-HK_SVM_MAX_COEF, HK_SVM_MAX_COEF, HK_SPAN_ARG(word));
		}
	}
	return hk_scan_word(&line, &word)
		? KEY_ERROR(reader, key, "%s: expected only %u numbers", key_names[key], n)
		: 0;
}

/* Exactly N whole numbers up to MAX. */
static int read_counts(struct reader *reader, enum key key, uint32_t n, uint32_t max, uint32_t *ret)
{
	struct hk_span line = reader->header.values[key], word;
	for (uint32_t i = 0; i < n; i++) {
		if (!hk_scan_word(&line, &word)) {
			return KEY_ERROR(reader, key, "%s: expected %u numbers, got %u",
				key_names[key], n, i);
		}
		if (hk_span_uint32(word, max, &ret[i]) < 0) {
			return KEY_ERROR(reader, key,
				"%s: expected whole numbers from 0 to %u, got \"%.*s\"",
				key_names[key], max, HK_SPAN_ARG(word));
		}
	}
	return hk_scan_word(&line, &word)
		? KEY_ERROR(reader, key, "%s: expected only %u numbers", key_names[key], n)
		: 0;
}

static int read_kernel(struct reader *reader, struct hk_svm *svm)
{
	uint32_t kernel;
	int r = read_name(reader, KEY_KERNEL_TYPE, kernel_names, &kernel);
	if (r < 0) {
		return r;
	}
	svm->kernel = kernel;
	const struct {
		enum key key;
		bool used;
	} uses[] = {
		{ KEY_DEGREE, kernel == HK_KERNEL_POLYNOMIAL },
		{ KEY_GAMMA, kernel != HK_KERNEL_LINEAR },
		{ KEY_COEF0, kernel == HK_KERNEL_POLYNOMIAL || kernel == HK_KERNEL_SIGMOID },
	};
	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
		r = check_presence(reader, uses[i].key, uses[i].used, kernel_names[kernel]);
		if (r < 0) {
			return r;
		}
	}
	if (has(reader, KEY_DEGREE)) {
		r = read_count(reader, KEY_DEGREE, 0, MAX_DEGREE, &svm->degree);
	}
	if (r == 0 && has(reader, KEY_GAMMA)) {
		r = read_real(reader, KEY_GAMMA, 0, MAX_GAMMA, &svm->gamma);
	}
	if (r == 0 && has(reader, KEY_COEF0)) {
		r = read_real(reader, KEY_COEF0, -HK_SVM_MAX_COEF, HK_SVM_MAX_COEF, &svm->coef0);
	}
	return r;
}

static uint32_t count_lines(struct hk_span span)
{
	uint32_t n = 0;
	for (const char *at = span.at; at < span.end; n++) {
		const char *newline = memchr(at, '\n', (size_t)(span.end - at));
		at = newline ? newline + 1 : span.end;
	}
	return n;
}

/* Everything that decides how much memory is needed, checked against the text; then the memory. */
static int read_shape(struct reader *reader, size_t length, uint32_t n_features, uint32_t n_labels)
{
	uint32_t decision, n_classes, n_vectors;
	struct hk_svm kernel = { 0 };
	const uint32_t n_lines = count_lines(reader->scan.rest);
	int r = read_name(reader, KEY_SVM_TYPE, decision_names, &decision);
	if (r < 0 || (r = read_kernel(reader, &kernel)) < 0 ||
		(r = read_count(reader, KEY_NR_CLASS, 2, HK_MAX_CLASSES, &n_classes)) < 0 ||
		(r = read_count(reader, KEY_TOTAL_SV, 1, UINT32_MAX, &n_vectors)) < 0) {
		return r;
	}
	if (n_classes != n_labels) {
		return KEY_ERROR(reader, KEY_NR_CLASS,
			"nr_class is %u, but the bundle has %u labels", n_classes, n_labels);
	}
	if (n_vectors != n_lines) {
		return KEY_ERROR(reader, KEY_TOTAL_SV, "total_sv is %u, but %u lines follow \"SV\"",
			n_vectors, n_lines);
	}
	const double size = (double)n_vectors *
		((double)n_features * sizeof(float) + (double)n_classes * sizeof(double));
	if (size > SMALL_SIZE && size > (double)length * MAX_SIZE_PER_TEXT) {
		return KEY_ERROR(reader, KEY_TOTAL_SV,
			"%zu bytes are too few for %u vectors of %u features", length, n_vectors,
			n_features);
	}
	r = hk_svm_init(&reader->svm, decision, n_classes, n_vectors, n_features);
	if (r < 0) {
		return r;
	}
	reader->svm.kernel = kernel.kernel;
	reader->svm.degree = kernel.degree;
	reader->svm.gamma = kernel.gamma;
	reader->svm.coef0 = kernel.coef0;
	return 0;
}

static int read_class_counts(struct reader *reader)
{
	struct hk_svm *svm = &reader->svm;
	const bool is_pairwise = svm->decision == HK_SVM_ONE_VS_ONE;
	int r = check_presence(reader, KEY_NR_SV, is_pairwise, decision_names[svm->decision]);
	if (r < 0 || !is_pairwise) {
		return r;
	}
	r = read_counts(reader, KEY_NR_SV, svm->n_classes, svm->n_vectors, svm->class_count);
	if (r < 0) {
		return r;
	}
	uint64_t sum = 0;
	for (uint32_t i = 0; i < svm->n_classes; i++) {
		sum += svm->class_count[i];
	}
	return sum == svm->n_vectors
		? 0
		: KEY_ERROR(reader, KEY_NR_SV, "nr_sv sums to %llu, but total_sv is %u",
			  (unsigned long long)sum, svm->n_vectors);
}

static int read_labels(struct reader *reader)
{
	struct hk_svm *svm = &reader->svm;
	int r = check_presence(reader, KEY_LABEL, true, "every model has it");
	if (r == 0) {
		r = read_counts(reader, KEY_LABEL, svm->n_classes, svm->n_classes - 1, svm->labels);
	}
	bool seen[HK_MAX_CLASSES] = { false };
	for (uint32_t i = 0; r == 0 && i < svm->n_classes; i++) {
		if (seen[svm->labels[i]]) {
			return KEY_ERROR(
				reader, KEY_LABEL, "label %u is there twice", svm->labels[i]);
		}
		seen[svm->labels[i]] = true;
	}
	return r;
}

static int read_probabilities(struct reader *reader)
{
	struct hk_svm *svm = &reader->svm;
	if (!has(reader, KEY_PROB_A) && !has(reader, KEY_PROB_B)) {
		return 0;
	}
	const bool is_pairwise = svm->decision == HK_SVM_ONE_VS_ONE;
	const char *why =
		is_pairwise ? "probA and probB come together" : decision_names[svm->decision];
	int r = check_presence(reader, KEY_PROB_A, is_pairwise, why);
	if (r < 0 || (r = check_presence(reader, KEY_PROB_B, is_pairwise, why)) < 0) {
		return r;
	}
	svm->prob_a = calloc(svm->n_decisions, sizeof(*svm->prob_a));
	svm->prob_b = calloc(svm->n_decisions, sizeof(*svm->prob_b));
	if (!svm->prob_a || !svm->prob_b) {
		return -ENOMEM;
	}
	r = read_reals(reader, KEY_PROB_A, svm->n_decisions, svm->prob_a);
	return r < 0 ? r : read_reals(reader, KEY_PROB_B, svm->n_decisions, svm->prob_b);
}

/* "INDEX:VALUE" into ROW; indices ascend, *LAST is the one before. */
static int read_value(const struct reader *reader, struct hk_span word, uint32_t *last, float *row)
{
	const struct hk_svm *svm = &reader->svm;
	const char *colon = memchr(word.at, ':', (size_t)(word.end - word.at));
	if (!colon) {
		return hk_scan_error(&reader->scan, reader->diag,
			"expected INDEX:VALUE, got \"%.*s\"", HK_SPAN_ARG(word));
	}
	uint32_t index;
	double value;
	const struct hk_span index_part = { word.at, colon }, value_part = { colon + 1, word.end };
	if (hk_span_uint32(index_part, svm->n_features, &index) < 0 || index == 0) {
		return hk_scan_error(&reader->scan, reader->diag,
			"expected an index from 1 to %u, got \"%.*s\"", svm->n_features,
			HK_SPAN_ARG(word));
	}
	if (index <= *last) {
		return hk_scan_error(&reader->scan, reader->diag,
			"index %u comes after %u: indices must ascend", index, *last);
	}
	if (hk_span_double(value_part, &value) < 0 || fabs(value) > HK_SVM_MAX_VALUE) {
		return hk_scan_error(&reader->scan, reader->diag,
			"expected a value from %g to %g, got \"%.*s\"", -HK_SVM_MAX_VALUE,
			HK_SVM_MAX_VALUE, HK_SPAN_ARG(word));
	}
	row[index - 1] = (float)value;
	*last = index;
	return 0;
}

static int read_vector(struct reader *reader, uint32_t i)
{
	struct hk_svm *svm = &reader->svm;
	struct hk_span line, word;
	int r = hk_scan_line(&reader->scan, &line, reader->diag);
	if (r < 0) {
		return r;
	}
	for (uint32_t k = 0; k < svm->n_coefs; k++) {
		double *coef = &svm->coefs[(size_t)k * svm->n_vectors + i];
		if (!hk_scan_word(&line, &word)) {
			return hk_scan_error(&reader->scan, reader->diag,
				"expected %u coefficients, got %u", svm->n_coefs, k);
		}
		if (hk_span_double(word, coef) < 0 || fabs(*coef) > HK_SVM_MAX_COEF) {
			return hk_scan_error(&reader->scan, reader->diag,
				"expected a coefficient from %g to %g, got \"%.*s\"",
				-HK_SVM_MAX_COEF, HK_SVM_MAX_COEF, HK_SPAN_ARG(word));
		}
	}
	uint32_t last = 0;
	while (r >= 0 && hk_scan_word(&line, &word)) {
		r = read_value(reader, word, &last, svm->vectors + (size_t)i * svm->stride);
	}
	return r < 0 ? r : 0;
}

int hk_svm_parse(struct hk_svm *ret, const char *path, const char *text, size_t length,
	uint32_t n_features, uint32_t n_labels, struct hk_diag *diag)
{
	struct reader reader = { .diag = diag };
	hk_scan_init(&reader.scan, path, text, length);
	int r = read_header(&reader);
	if (r < 0) {
		return r;
	}
	struct hk_scan body = reader.scan;
	r = read_shape(&reader, length, n_features, n_labels);
	if (r < 0) {
		return r;
	}
	if ((r = check_presence(&reader, KEY_RHO, true, "every model has it")) < 0 ||
		(r = read_reals(&reader, KEY_RHO, reader.svm.n_decisions, reader.svm.rho)) < 0 ||
		(r = read_class_counts(&reader)) < 0 || (r = read_labels(&reader)) < 0 ||
		(r = read_probabilities(&reader)) < 0) {
		goto fail;
	}
	reader.scan = body;
	for (uint32_t i = 0; i < reader.svm.n_vectors; i++) {
		r = read_vector(&reader, i);
		if (r < 0) {
			goto fail;
		}
	}
	*ret = reader.svm;
	return 0;
fail:
	hk_svm_finish(&reader.svm);
	return r;
}
