/* SPDX-License-Identifier: MIT */
#include "core/classifier/svm_text.h"

#include <endian.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/scan.h"
#include "core/classifier/svm_header.h"

#define MAX_DEGREE 100
#define MAX_GAMMA 1e9

/*
 * Zeros may be left out, so a short line can stand for a long row: the model may take this many
 * times as much memory as text, and SMALL_SIZE in any case. Vectors of scaled features have hardly
 * any zeros: they take less memory than text.
 */
#define MAX_SIZE_PER_TEXT 16
#define SMALL_SIZE (1 << 20)

/* In the order of enum hk_svm_decision and enum hk_kernel. */
static const char *const decision_names[] = { "c_svc", "c_svc_ovr", NULL };
static const char *const kernel_names[] = { "linear", "polynomial", "rbf", "sigmoid", NULL };

/* What is being read. */
struct svm_reader {
	struct hk_svm_header header;
	struct hk_scan scan;                /* of the lines behind it */
	const struct hk_svm_packed *packed; /* NULL: the vectors are in the text */
	struct hk_svm svm;
};

static int read_kernel(struct svm_reader *reader, struct hk_svm *svm)
{
	uint32_t kernel;
	int r = hk_svm_header_name(&reader->header, KEY_KERNEL_TYPE, kernel_names, &kernel);
	if (r < 0) {
		return r;
	}
	svm->kernel = kernel;
	const struct {
		enum hk_svm_key key;
		bool used;
	} uses[] = {
		{ KEY_DEGREE, kernel == HK_KERNEL_POLYNOMIAL },
		{ KEY_GAMMA, kernel != HK_KERNEL_LINEAR },
		{ KEY_COEF0, kernel == HK_KERNEL_POLYNOMIAL || kernel == HK_KERNEL_SIGMOID },
	};
	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
		r = hk_svm_header_check(
			&reader->header, uses[i].key, uses[i].used, kernel_names[kernel]);
		if (r < 0) {
			return r;
		}
	}
	if (hk_svm_header_has(&reader->header, KEY_DEGREE)) {
		r = hk_svm_header_count(&reader->header, KEY_DEGREE, 0, MAX_DEGREE, &svm->degree);
	}
	if (r == 0 && hk_svm_header_has(&reader->header, KEY_GAMMA)) {
		r = hk_svm_header_real(&reader->header, KEY_GAMMA, 0, MAX_GAMMA, &svm->gamma);
	}
	if (r == 0 && hk_svm_header_has(&reader->header, KEY_COEF0)) {
		r = hk_svm_header_real(
			&reader->header, KEY_COEF0, -HK_SVM_MAX_COEF, HK_SVM_MAX_COEF, &svm->coef0);
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

/* "vectors int16 EXPONENT", which comes together with the second file. */
static int read_packing(struct svm_reader *reader, int *ret_exponent)
{
	const char *why = reader->packed ? "there is a file of packed vectors"
					 : "a model without a file of packed vectors";
	const int r =
		hk_svm_header_check(&reader->header, KEY_VECTORS, reader->packed != NULL, why);
	if (r < 0 || !reader->packed) {
		return r;
	}
	struct hk_span line = reader->header.values[KEY_VECTORS], type, exponent, more;
	double value;
	if (!hk_scan_word(&line, &type) || !hk_span_is(type, "int16") ||
		!hk_scan_word(&line, &exponent) || hk_span_double(exponent, &value) < 0 ||
		!(value >= HK_SVM_MIN_EXPONENT && value <= HK_SVM_MAX_EXPONENT) ||
		value != floor(value) || hk_scan_word(&line, &more)) {
		return hk_svm_header_error(&reader->header, KEY_VECTORS,
			"expected \"int16\" and an exponent from %d to %d", HK_SVM_MIN_EXPONENT,
			HK_SVM_MAX_EXPONENT);
	}
	*ret_exponent = (int)value;
	return 0;
}

/* Does what the counts ask for stand in a sane relation to what the files hold? */
static int check_size(struct svm_reader *reader, size_t length, uint32_t n_classes,
	uint32_t n_vectors, uint32_t n_features)
{
	const double n_values = (double)n_vectors * n_features;
	double size = n_values * sizeof(float);
	if (reader->packed) {
		size = n_values * sizeof(int16_t);
		if ((double)reader->packed->length != size) {
			return hk_diag_set(reader->header.diag, -EINVAL,
				"%s: expected %.0f bytes for %u vectors of %u features, got %zu",
				reader->packed->path, size, n_vectors, n_features,
				reader->packed->length);
		}
		length += reader->packed->length;
	}
	size += (double)n_vectors * n_classes * sizeof(double);
	if (size > SMALL_SIZE && size > (double)length * MAX_SIZE_PER_TEXT) {
		return hk_svm_header_error(&reader->header, KEY_TOTAL_SV,
			"%zu bytes are too few for %u vectors of %u features", length, n_vectors,
			n_features);
	}
	return 0;
}

/* Everything that decides how much memory is needed, checked against the text; then the memory. */
static int read_shape(
	struct svm_reader *reader, size_t length, uint32_t n_features, uint32_t n_labels)
{
	uint32_t decision, n_classes, n_vectors;
	struct hk_svm kernel = { 0 };
	const uint32_t n_lines = count_lines(reader->header.scan.rest);
	int r = hk_svm_header_name(&reader->header, KEY_SVM_TYPE, decision_names, &decision);
	if (r < 0 || (r = read_kernel(reader, &kernel)) < 0 ||
		(r = hk_svm_header_count(
			 &reader->header, KEY_NR_CLASS, 2, HK_MAX_CLASSES, &n_classes)) < 0 ||
		(r = hk_svm_header_count(
			 &reader->header, KEY_TOTAL_SV, 1, UINT32_MAX, &n_vectors)) < 0) {
		return r;
	}
	if (n_classes != n_labels) {
		return hk_svm_header_error(&reader->header, KEY_NR_CLASS,
			"%u, but the bundle has %u labels", n_classes, n_labels);
	}
	if (n_vectors != n_lines) {
		return hk_svm_header_error(&reader->header, KEY_TOTAL_SV,
			"%u, but %u lines follow \"SV\"", n_vectors, n_lines);
	}
	int exponent = 0;
	if ((r = read_packing(reader, &exponent)) < 0 ||
		(r = check_size(reader, length, n_classes, n_vectors, n_features)) < 0) {
		return r;
	}
	r = reader->packed
		? hk_svm_init_packed(&reader->svm, decision, n_classes, n_vectors, n_features)
		: hk_svm_init(&reader->svm, decision, n_classes, n_vectors, n_features);
	if (r < 0) {
		return r;
	}
	reader->svm.exponent = exponent;
	reader->svm.kernel = kernel.kernel;
	reader->svm.degree = kernel.degree;
	reader->svm.gamma = kernel.gamma;
	reader->svm.coef0 = kernel.coef0;
	return 0;
}

static int read_class_counts(struct svm_reader *reader)
{
	struct hk_svm *svm = &reader->svm;
	const bool is_pairwise = svm->decision == HK_SVM_ONE_VS_ONE;
	int r = hk_svm_header_check(
		&reader->header, KEY_NR_SV, is_pairwise, decision_names[svm->decision]);
	if (r < 0 || !is_pairwise) {
		return r;
	}
	r = hk_svm_header_counts(
		&reader->header, KEY_NR_SV, svm->n_classes, svm->n_vectors, svm->class_count);
	if (r < 0) {
		return r;
	}
	uint64_t sum = 0;
	for (uint32_t i = 0; i < svm->n_classes; i++) {
		sum += svm->class_count[i];
	}
	return sum == svm->n_vectors ? 0
				     : hk_svm_header_error(&reader->header, KEY_NR_SV,
					       "sums to %llu, but total_sv is %u",
					       (unsigned long long)sum, svm->n_vectors);
}

static int read_labels(struct svm_reader *reader)
{
	struct hk_svm *svm = &reader->svm;
	int r = hk_svm_header_check(&reader->header, KEY_LABEL, true, "every model has it");
	if (r == 0) {
		r = hk_svm_header_counts(&reader->header, KEY_LABEL, svm->n_classes,
			svm->n_classes - 1, svm->labels);
	}
	bool seen[HK_MAX_CLASSES] = { false };
	for (uint32_t i = 0; r == 0 && i < svm->n_classes; i++) {
		if (seen[svm->labels[i]]) {
			return hk_svm_header_error(
				&reader->header, KEY_LABEL, "%u is there twice", svm->labels[i]);
		}
		seen[svm->labels[i]] = true;
	}
	return r;
}

/* KEY's numbers, one a decision value. */
static int read_decision_reals(struct svm_reader *reader, enum hk_svm_key key, double *ret)
{
	const int r = hk_svm_header_check(&reader->header, key, true, "every model has it");
	return r < 0 ? r
		     : hk_svm_header_reals(
			       &reader->header, key, reader->svm.n_decisions, HK_SVM_MAX_COEF, ret);
}

static int read_probabilities(struct svm_reader *reader)
{
	struct hk_svm *svm = &reader->svm;
	if (!hk_svm_header_has(&reader->header, KEY_PROB_A) &&
		!hk_svm_header_has(&reader->header, KEY_PROB_B)) {
		return 0;
	}
	const bool is_pairwise = svm->decision == HK_SVM_ONE_VS_ONE;
	const char *why =
		is_pairwise ? "probA and probB come together" : decision_names[svm->decision];
	int r = hk_svm_header_check(&reader->header, KEY_PROB_A, is_pairwise, why);
	if (r < 0 || (r = hk_svm_header_check(&reader->header, KEY_PROB_B, is_pairwise, why)) < 0) {
		return r;
	}
	svm->prob_a = calloc(svm->n_decisions, sizeof(*svm->prob_a));
	svm->prob_b = calloc(svm->n_decisions, sizeof(*svm->prob_b));
	if (!svm->prob_a || !svm->prob_b) {
		return -ENOMEM;
	}
	r = read_decision_reals(reader, KEY_PROB_A, svm->prob_a);
	return r < 0 ? r : read_decision_reals(reader, KEY_PROB_B, svm->prob_b);
}

/* "INDEX:VALUE" into ROW; indices ascend, *LAST is the one before. */
static int read_value(
	const struct svm_reader *reader, struct hk_span word, uint32_t *last, float *row)
{
	const struct hk_svm *svm = &reader->svm;
	const char *colon = memchr(word.at, ':', (size_t)(word.end - word.at));
	if (!colon) {
		return hk_scan_error(&reader->scan, reader->header.diag,
			"expected INDEX:VALUE, got \"%.*s\"", HK_SPAN_ARG(word));
	}
	uint32_t index;
	double value;
	const struct hk_span index_part = { word.at, colon }, value_part = { colon + 1, word.end };
	if (hk_span_uint32(index_part, svm->n_features, &index) < 0 || index == 0) {
		return hk_scan_error(&reader->scan, reader->header.diag,
			"expected an index from 1 to %u, got \"%.*s\"", svm->n_features,
			HK_SPAN_ARG(word));
	}
	if (index <= *last) {
		return hk_scan_error(&reader->scan, reader->header.diag,
			"index %u comes after %u: indices must ascend", index, *last);
	}
	if (hk_span_double(value_part, &value) < 0 || fabs(value) > HK_SVM_MAX_VALUE) {
		return hk_scan_error(&reader->scan, reader->header.diag,
			"expected a value from %g to %g, got \"%.*s\"", -HK_SVM_MAX_VALUE,
			HK_SVM_MAX_VALUE, HK_SPAN_ARG(word));
	}
	row[index - 1] = (float)value;
	*last = index;
	return 0;
}

static int read_vector(struct svm_reader *reader, uint32_t i)
{
	struct hk_svm *svm = &reader->svm;
	struct hk_span line, word;
	int r = hk_scan_line(&reader->scan, &line, reader->header.diag);
	if (r < 0) {
		return r;
	}
	for (uint32_t k = 0; k < svm->n_coefs; k++) {
		double *coef = &svm->coefs[(size_t)k * svm->n_vectors + i];
		if (!hk_scan_word(&line, &word)) {
			return hk_scan_error(&reader->scan, reader->header.diag,
				"expected %u coefficients, got %u", svm->n_coefs, k);
		}
		if (hk_span_double(word, coef) < 0 || fabs(*coef) > HK_SVM_MAX_COEF) {
			return hk_scan_error(&reader->scan, reader->header.diag,
				"expected a coefficient from %g to %g, got \"%.*s\"",
				-HK_SVM_MAX_COEF, HK_SVM_MAX_COEF, HK_SPAN_ARG(word));
		}
	}
	if (reader->packed) {
		return hk_scan_word(&line, &word)
			? hk_scan_error(&reader->scan, reader->header.diag,
				  "expected only %u coefficients, since the vectors are packed, got "
				  "\"%.*s\"",
				  svm->n_coefs, HK_SPAN_ARG(word))
			: 0;
	}
	uint32_t last = 0;
	while (r >= 0 && hk_scan_word(&line, &word)) {
		r = read_value(reader, word, &last, svm->vectors + (size_t)i * svm->stride);
	}
	return r < 0 ? r : 0;
}

/* The second file, whose length was checked. */
static void read_packed(struct hk_svm *svm, const char *data)
{
	for (uint32_t i = 0; i < svm->n_vectors; i++) {
		int16_t *row = svm->packed + (size_t)i * svm->stride;
		memcpy(row, data + (size_t)i * svm->n_features * sizeof(*row),
			svm->n_features * sizeof(*row));
		for (uint32_t j = 0; j < svm->n_features; j++) {
			row[j] = (int16_t)le16toh((uint16_t)row[j]);
		}
	}
}

int hk_svm_parse(struct hk_svm *ret, const char *path, const char *text, size_t length,
	const struct hk_svm_packed *packed, uint32_t n_features, uint32_t n_labels,
	struct hk_diag *diag)
{
	struct svm_reader reader = { .packed = packed };
	hk_scan_init(&reader.scan, path, text, length);
	int r = hk_svm_header_read(&reader.header, &reader.scan, diag);
	if (r < 0) {
		return r;
	}
	reader.scan = reader.header.scan;
	r = read_shape(&reader, length, n_features, n_labels);
	if (r < 0) {
		return r;
	}
	if ((r = read_decision_reals(&reader, KEY_RHO, reader.svm.rho)) < 0 ||
		(r = read_class_counts(&reader)) < 0 || (r = read_labels(&reader)) < 0 ||
		(r = read_probabilities(&reader)) < 0) {
		goto fail;
	}
	for (uint32_t i = 0; i < reader.svm.n_vectors; i++) {
		r = read_vector(&reader, i);
		if (r < 0) {
			goto fail;
		}
	}
	if (packed) {
		read_packed(&reader.svm, packed->data);
	}
	*ret = reader.svm;
	return 0;
fail:
	hk_svm_finish(&reader.svm);
	return r;
}
