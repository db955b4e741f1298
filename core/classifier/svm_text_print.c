/* SPDX-License-Identifier: MIT */
#include <endian.h>
#include <errno.h>
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/params.h"
#include "core/base/text_buffer.h"
#include "core/classifier/svm_text.h"

#define NUMBER_SIZE 40

static void print_reals(FILE *file, const char *key, const double *values, uint32_t n)
{
	fputs(key, file);
	for (uint32_t i = 0; i < n; i++) {
		char text[NUMBER_SIZE];
		hk_print_double(values[i], text, sizeof(text));
		fprintf(file, " %s", text);
	}
	fputc('\n', file);
}

static void print_counts(FILE *file, const char *key, const uint32_t *values, uint32_t n)
{
	fputs(key, file);
	for (uint32_t i = 0; i < n; i++) {
		fprintf(file, " %u", values[i]);
	}
	fputc('\n', file);
}

/* The keys in libsvm's order. */
static void print_header(FILE *file, const struct hk_svm *svm)
{
	static const char *const kernels[] = { "linear", "polynomial", "rbf", "sigmoid" };
	const bool is_pairwise = svm->decision == HK_SVM_ONE_VS_ONE;
	fprintf(file, "svm_type %s\nkernel_type %s\n", is_pairwise ? "c_svc" : "c_svc_ovr",
		kernels[svm->kernel]);
	if (svm->kernel == HK_KERNEL_POLYNOMIAL) {
		fprintf(file, "degree %u\n", svm->degree);
	}
	if (svm->kernel != HK_KERNEL_LINEAR) {
		print_reals(file, "gamma", &svm->gamma, 1);
	}
	if (svm->kernel == HK_KERNEL_POLYNOMIAL || svm->kernel == HK_KERNEL_SIGMOID) {
		print_reals(file, "coef0", &svm->coef0, 1);
	}
	fprintf(file, "nr_class %u\ntotal_sv %u\n", svm->n_classes, svm->n_vectors);
	print_reals(file, "rho", svm->rho, svm->n_decisions);
	print_counts(file, "label", svm->labels, svm->n_classes);
	if (svm->prob_a && svm->prob_b) {
		print_reals(file, "probA", svm->prob_a, svm->n_decisions);
		print_reals(file, "probB", svm->prob_b, svm->n_decisions);
	}
	if (is_pairwise) {
		print_counts(file, "nr_sv", svm->class_count, svm->n_classes);
	}
	if (svm->packed) {
		fprintf(file, "vectors int16 %d\n", svm->exponent);
	}
	fputs("SV\n", file);
}

static void print_vector(FILE *file, const struct hk_svm *svm, uint32_t i)
{
	for (uint32_t k = 0; k < svm->n_coefs; k++) {
		char text[NUMBER_SIZE];
		hk_print_double(svm->coefs[(size_t)k * svm->n_vectors + i], text, sizeof(text));
		fprintf(file, "%s ", text);
	}
	const float *row = svm->packed ? NULL : svm->vectors + (size_t)i * svm->stride;
	for (uint32_t j = 0; row && j < svm->n_features; j++) {
		if (row[j] != 0) {
			fprintf(file, "%u:%.9g ", j + 1,
				(double)row[j]); /* every bit of a float32 */
		}
	}
	fputc('\n', file);
}

int hk_svm_print(const struct hk_svm *svm, char **ret_text, size_t *ret_length)
{
	struct hk_text_buffer text;
	const int r = hk_text_buffer_begin(&text);
	if (r < 0) {
		return r;
	}
	const locale_t before = uselocale(newlocale(LC_ALL_MASK, "C", (locale_t)0));
	print_header(text.file, svm);
	for (uint32_t i = 0; i < svm->n_vectors; i++) {
		print_vector(text.file, svm, i);
	}
	uselocale(before);
	return hk_text_buffer_end(&text, ret_text, ret_length);
}

int hk_svm_print_packed(const struct hk_svm *svm, char **ret_data, size_t *ret_length)
{
	const size_t row_size = svm->n_features * sizeof(int16_t);
	char *data = malloc(svm->n_vectors * row_size);
	if (!data) {
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < svm->n_vectors; i++) {
		for (uint32_t j = 0; j < svm->n_features; j++) {
			const uint16_t value =
				htole16((uint16_t)svm->packed[(size_t)i * svm->stride + j]);
			memcpy(data + i * row_size + j * sizeof(value), &value, sizeof(value));
		}
	}
	*ret_data = data;
	*ret_length = svm->n_vectors * row_size;
	return 0;
}
