/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/classifier/svm_text.h"
#include "tests/unit/counted-alloc.h"
#include "tests/unit/libsvm-model.h"

static int parse(struct hk_svm *ret, const char *text, uint32_t n_features, uint32_t n_labels,
	struct hk_diag *diag)
{
	return hk_svm_parse(ret, "m", text, strlen(text), NULL, n_features, n_labels, diag);
}

static const struct libsvm_case cases[] = {
	{ HK_KERNEL_LINEAR, 2, 20, 40, .cost = 1, .probability = true },
	{ HK_KERNEL_POLYNOMIAL, 3, 16, 60, .gamma = 0.1, .coef0 = 1, .cost = 1, .degree = 3 },
	{ HK_KERNEL_RBF, 5, 40, 100, .gamma = 1.0 / 3, .cost = 1e-3, .probability = true },
	{ HK_KERNEL_SIGMOID, 4, 33, 80, .gamma = 0.02, .coef0 = -0.1, .cost = 1 },
};
#define N_CASES (sizeof(cases) / sizeof(cases[0]))

static void assert_same_svm(const struct hk_svm *a, const struct hk_svm *b)
{
	assert_int_equal(a->decision, b->decision);
	assert_int_equal(a->kernel, b->kernel);
	assert_true(a->kernel == HK_KERNEL_LINEAR || a->gamma == b->gamma);
	assert_int_equal(a->n_vectors, b->n_vectors);
	assert_int_equal(a->n_coefs, b->n_coefs);
	if (a->class_count) {
		assert_memory_equal(
			a->class_count, b->class_count, a->n_classes * sizeof(uint32_t));
	}
	assert_memory_equal(a->labels, b->labels, a->n_classes * sizeof(uint32_t));
	assert_memory_equal(a->rho, b->rho, a->n_decisions * sizeof(double));
	assert_int_equal(!a->prob_a, !b->prob_a);
	if (a->prob_a) {
		assert_memory_equal(a->prob_a, b->prob_a, a->n_decisions * sizeof(double));
		assert_memory_equal(a->prob_b, b->prob_b, a->n_decisions * sizeof(double));
	}
	assert_memory_equal(a->coefs, b->coefs, (size_t)a->n_coefs * a->n_vectors * sizeof(double));
	assert_memory_equal(
		a->vectors, b->vectors, (size_t)a->n_vectors * a->stride * sizeof(float));
}

static void what_is_printed_reads_back_to_the_same_bits(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_CASES; i++) {
		struct libsvm_model made;
		libsvm_train(&made, &cases[i], 5);
		char *text;
		size_t length;
		struct hk_svm again;
		assert_int_equal(hk_svm_print(&made.svm, &text, &length), 0);
		assert_int_equal(hk_svm_parse(&again, "m", text, length, NULL, made.svm.n_features,
					 made.svm.n_classes, NULL),
			0);
		assert_same_svm(&made.svm, &again);
		free(text);
		hk_svm_finish(&again);
		libsvm_finish(&made);
	}
}

static void libsvm_reads_what_is_printed_and_we_read_what_libsvm_saves(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_CASES; i++) {
		struct libsvm_model made;
		libsvm_train(&made, &cases[i], 6);
		char path[] = "/tmp/hearken-svm-XXXXXX";
		const int fd = mkstemp(path);
		assert_true(fd >= 0);
		char *text;
		size_t length;
		assert_int_equal(hk_svm_print(&made.svm, &text, &length), 0);
		assert_int_equal(write(fd, text, length), length);
		free(text);
		close(fd);
		struct svm_model *libsvm = svm_load_model(path);
		assert_non_null(libsvm);
		for (int row = 0; row < cases[i].n_rows; row++) {
			double got[10], expected[10];
			svm_predict_values(libsvm, made.rows[row], got);
			svm_predict_values(made.model, made.rows[row], expected);
			for (uint32_t k = 0; k < made.svm.n_decisions; k++) {
				/* 9 digits give a float32 back to us, but libsvm a double beside
				 * it */
				assert_true(fabs(got[k] - expected[k]) < 1e-7);
			}
		}
		svm_free_and_destroy_model(&libsvm);

		assert_int_equal(svm_save_model(path, made.model), 0);
		FILE *file = fopen(path, "r");
		char *saved = calloc(1, 1 << 20);
		assert_in_range(fread(saved, 1, 1 << 20, file), 1, (1 << 20) - 1);
		fclose(file);
		unlink(path);
		struct hk_svm svm;
		struct hk_diag diag = { "" };
		if (parse(&svm, saved, made.svm.n_features, made.svm.n_classes, &diag) < 0) {
			fail_msg("%s", diag.text);
		}
		assert_int_equal(svm.n_vectors, made.svm.n_vectors);
		hk_svm_finish(&svm);
		free(saved);
		libsvm_finish(&made);
	}
}

#define OVR_MODEL                                                                                  \
	"svm_type c_svc_ovr\nkernel_type rbf\ngamma 0.5\nnr_class 3\ntotal_sv 2\n"                 \
	"rho 1 -2 0.5\nlabel 2 0 1\nSV\n1 0 -1 1:0.5 3:-2\n0 2 0 2:1e-3\n"

static void a_one_vs_rest_model_reads_and_prints(void **state)
{
	(void)state;
	struct hk_svm svm, again;
	assert_int_equal(parse(&svm, OVR_MODEL, 3, 3, NULL), 0);
	assert_int_equal(svm.decision, HK_SVM_ONE_VS_REST);
	assert_int_equal(svm.n_decisions, 3);
	assert_int_equal(svm.labels[0], 2);
	assert_null(svm.class_count);
	assert_true(svm.coefs[0] == 1 && svm.coefs[3] == 2 && svm.coefs[4] == -1);
	assert_true(svm.vectors[2] == -2 && svm.vectors[svm.stride + 1] == 1e-3f);
	char *text;
	size_t length;
	assert_int_equal(hk_svm_print(&svm, &text, &length), 0);
	assert_string_equal(text,
		"svm_type c_svc_ovr\nkernel_type rbf\ngamma 0.5\nnr_class 3\ntotal_sv 2\n"
		"rho 1 -2 0.5\nlabel 2 0 1\nSV\n1 0 -1 1:0.5 3:-2 \n0 2 0 2:0.00100000005 \n");
	assert_int_equal(parse(&again, text, 3, 3, NULL), 0);
	assert_same_svm(&svm, &again);
	free(text);
	hk_svm_finish(&svm);
	hk_svm_finish(&again);
}

#define PACKED_HEADER                                                                              \
	"svm_type c_svc_ovr\nkernel_type linear\nnr_class 2\ntotal_sv 2\nrho 0 0\nlabel 0 1\n"
#define PACKED_MODEL PACKED_HEADER "vectors int16 -3\nSV\n1 2 \n3 4 \n"
#define PACKED_VALUES "\x01\x00\xff\xff\x00\x80\xff\x7f\x00\x00\x00\x01" /* 2 rows of 3 */

static int parse_packed(struct hk_svm *ret, const char *text, const char *data, size_t length,
	uint32_t n_features, struct hk_diag *diag)
{
	const struct hk_svm_packed packed = { "v", data, length };
	return hk_svm_parse(ret, "m", text, strlen(text), &packed, n_features, 2, diag);
}

static void a_packed_model_reads_and_prints_both_its_files(void **state)
{
	(void)state;
	static const int16_t expected[2][3] = { { 1, -1, -32768 }, { 32767, 0, 256 } };
	struct hk_svm svm;
	assert_int_equal(parse_packed(&svm, PACKED_MODEL, PACKED_VALUES, 12, 3, NULL), 0);
	assert_null(svm.vectors);
	assert_int_equal(svm.exponent, -3);
	for (uint32_t i = 0; i < 2; i++) {
		assert_memory_equal(svm.packed + i * svm.stride, expected[i], sizeof(expected[i]));
		assert_int_equal(svm.packed[i * svm.stride + 3], 0);
	}
	char *text;
	size_t length;
	assert_int_equal(hk_svm_print(&svm, &text, &length), 0);
	assert_string_equal(text, PACKED_MODEL);
	free(text);
	assert_int_equal(hk_svm_print_packed(&svm, &text, &length), 0);
	assert_int_equal(length, 12);
	assert_memory_equal(text, PACKED_VALUES, 12);
	free(text);
	hk_svm_finish(&svm);
}

static void bad_packed_models_are_refused(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t length;
		const char *message;
	} models[] = {
		{ PACKED_MODEL, 11, "v: expected 12 bytes for 2 vectors of 3 features, got 11" },
		{ PACKED_MODEL, 0, "v: expected 12 bytes for 2 vectors of 3 features, got 0" },
		{ PACKED_HEADER "SV\n1 2\n3 4\n", 12,
			"m:7: the key vectors is missing (there is a file of packed vectors)" },
		{ PACKED_HEADER "vectors int16 -3\nSV\n1 2 1:1\n3 4\n", 12,
			"m:9: expected only 2 coefficients, since the vectors are packed, got "
			"\"1:1\"" },
		{ PACKED_HEADER "vectors int16 -3\nSV\n1\n3 4\n", 12,
			"m:9: expected 2 coefficients, got 1" },
		{ PACKED_HEADER "vectors int8 -3\nSV\n1 2\n3 4\n", 12,
			"m:7: vectors: expected \"int16\" and an exponent from -100 to 15" },
		{ PACKED_HEADER "vectors int16\nSV\n1 2\n3 4\n", 12,
			"m:7: vectors: expected \"int16\" and an exponent from -100 to 15" },
		{ PACKED_HEADER "vectors int16 16\nSV\n1 2\n3 4\n", 12,
			"m:7: vectors: expected \"int16\" and an exponent from -100 to 15" },
		{ PACKED_HEADER "vectors int16 0.5\nSV\n1 2\n3 4\n", 12,
			"m:7: vectors: expected \"int16\" and an exponent from -100 to 15" },
		{ PACKED_HEADER "vectors int16 nan\nSV\n1 2\n3 4\n", 12,
			"m:7: vectors: expected \"int16\" and an exponent from -100 to 15" },
		{ PACKED_HEADER "vectors int16 -3 1\nSV\n1 2\n3 4\n", 12,
			"m:7: vectors: expected \"int16\" and an exponent from -100 to 15" },
	};
	struct hk_svm svm = { 0 };
	struct hk_diag diag;
	for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++) {
		assert_int_equal(parse_packed(&svm, models[i].text, PACKED_VALUES, models[i].length,
					 3, &diag),
			-EINVAL);
		assert_string_equal(diag.text, models[i].message);
	}
	assert_int_equal(parse(&svm, PACKED_MODEL, 3, 2, &diag), -EINVAL);
	assert_string_equal(diag.text,
		"m:7: vectors: has no meaning for a model without a file of packed vectors");
	counted_bytes = 0;
	assert_int_equal(
		parse_packed(&svm, PACKED_MODEL, PACKED_VALUES, 12, UINT32_MAX, &diag), -EINVAL);
	assert_int_equal(counted_bytes, 0);
	assert_null(svm.packed);
}

/* One header line changed, or the vectors, of a model that is good otherwise. */
#define TYPE "svm_type c_svc\nkernel_type rbf\ngamma 0.5\n"
#define COUNTS "nr_class 2\ntotal_sv 2\n"
#define LISTS "rho 0.5\nlabel 0 1\nnr_sv 1 1\n"
#define VECTORS "SV\n1 1:1 2:2\n-1 3:1\n"
#define GOOD TYPE COUNTS LISTS VECTORS

static const struct {
	const char *text, *message;
} bad_models[] = {
	{ "", "m:0: the file ends before the line \"SV\"" },
	{ "\n", "m:1: unknown key \"\"" },
	{ "svm_type c_svc", "m:1: the file ends within this line" },
	{ TYPE COUNTS LISTS, "m:8: the file ends before the line \"SV\"" },
	{ TYPE COUNTS LISTS "SV", "m:9: the file ends within this line" },
	{ TYPE COUNTS LISTS "SV 3\n", "m:9: expected nothing after \"SV\", got \"3\"" },
	{ "svm_typ c_svc\n", "m:1: unknown key \"svm_typ\"" },
	{ TYPE "svm_type c_svc\n" COUNTS LISTS VECTORS,
		"m:4: svm_type is here for the second time (first in line 1)" },
	{ "svm_type nu_svc\nkernel_type rbf\ngamma 0.5\n" COUNTS LISTS VECTORS,
		"m:1: svm_type: \"nu_svc\" is not supported" },
	{ "svm_type c_svc\nkernel_type precomputed\n" COUNTS LISTS VECTORS,
		"m:2: kernel_type: \"precomputed\" is not supported" },
	{ "kernel_type rbf\ngamma 0.5\n" COUNTS LISTS VECTORS,
		"m:8: the key svm_type is missing (every model has it)" },
	{ "svm_type c_svc\ngamma 0.5\n" COUNTS LISTS VECTORS,
		"m:8: the key kernel_type is missing (every model has it)" },
	{ "svm_type c_svc\nkernel_type rbf\n" COUNTS LISTS VECTORS,
		"m:8: the key gamma is missing (rbf)" },
	{ TYPE "degree 3\n" COUNTS LISTS VECTORS, "m:4: degree: has no meaning for rbf" },
	{ TYPE "coef0 3\n" COUNTS LISTS VECTORS, "m:4: coef0: has no meaning for rbf" },
	{ "svm_type c_svc\nkernel_type linear\ngamma 0.5\n" COUNTS LISTS VECTORS,
		"m:3: gamma: has no meaning for linear" },
	{ "svm_type c_svc\nkernel_type polynomial\ngamma 1\ncoef0 0\ndegree 101\n" COUNTS LISTS
			VECTORS,
		"m:5: degree: expected a whole number from 0 to 100, got \"101\"" },
	{ "svm_type c_svc\nkernel_type polynomial\ngamma 1\ncoef0 0\ndegree -1\n" COUNTS LISTS
			VECTORS,
		"m:5: degree: expected a whole number from 0 to 100, got \"-1\"" },
	{ "svm_type c_svc\nkernel_type rbf\ngamma nan\n" COUNTS LISTS VECTORS,
		"m:3: gamma: expected a number from 0 to 1e+09, got \"nan\"" },
	{ "svm_type c_svc\nkernel_type rbf\ngamma -1\n" COUNTS LISTS VECTORS,
		"m:3: gamma: expected a number from 0 to 1e+09, got \"-1\"" },
	{ "svm_type c_svc\nkernel_type rbf\ngamma\n" COUNTS LISTS VECTORS,
		"m:3: gamma: expected a value" },
	{ "svm_type c_svc\nkernel_type rbf\ngamma 1 2\n" COUNTS LISTS VECTORS,
		"m:3: gamma: expected one value, got \"2\" too" },
	{ TYPE "total_sv 2\n" LISTS VECTORS,
		"m:8: the key nr_class is missing (every model has it)" },
	{ TYPE "nr_class 3\ntotal_sv 2\n" LISTS VECTORS,
		"m:4: nr_class: 3, but the bundle has 2 labels" },
	{ TYPE "nr_class -2\ntotal_sv 2\n" LISTS VECTORS,
		"m:4: nr_class: expected a whole number from 2 to 128, got \"-2\"" },
	{ TYPE "nr_class 2147483647\ntotal_sv 2\n" LISTS VECTORS,
		"m:4: nr_class: expected a whole number from 2 to 128, got \"2147483647\"" },
	{ TYPE "nr_class 2\ntotal_sv 2147483647\n" LISTS VECTORS,
		"m:5: total_sv: 2147483647, but 2 lines follow \"SV\"" },
	{ TYPE "nr_class 2\ntotal_sv -1\n" LISTS VECTORS,
		"m:5: total_sv: expected a whole number from 1 to 4294967295, got \"-1\"" },
	{ TYPE "nr_class 2\ntotal_sv 0\nrho 0.5\nlabel 0 1\nnr_sv 0 0\nSV\n",
		"m:5: total_sv: expected a whole number from 1 to 4294967295, got \"0\"" },
	{ TYPE "nr_class 2\ntotal_sv 4294967296\n" LISTS VECTORS,
		"m:5: total_sv: expected a whole number from 1 to 4294967295, got \"4294967296\"" },
	{ TYPE "nr_class 2\ntotal_sv 3\n" LISTS VECTORS,
		"m:5: total_sv: 3, but 2 lines follow \"SV\"" },
	{ TYPE COUNTS "label 0 1\nnr_sv 1 1\n" VECTORS,
		"m:8: the key rho is missing (every model has it)" },
	{ TYPE COUNTS "rho\nlabel 0 1\nnr_sv 1 1\n" VECTORS,
		"m:6: rho: expected 1 numbers, got 0" },
	{ TYPE COUNTS "rho 1 2\nlabel 0 1\nnr_sv 1 1\n" VECTORS,
		"m:6: rho: expected only 1 numbers" },
	{ TYPE COUNTS "rho inf\nlabel 0 1\nnr_sv 1 1\n" VECTORS,
		"m:6: rho: expected numbers from -1e+15 to 1e+15, got \"inf\"" },
	{ TYPE COUNTS "rho 0\nnr_sv 1 1\n" VECTORS,
		"m:8: the key label is missing (every model has it)" },
	{ TYPE COUNTS "rho 0\nlabel 0 0\nnr_sv 1 1\n" VECTORS, "m:7: label: 0 is there twice" },
	{ TYPE COUNTS "rho 0\nlabel 0 2\nnr_sv 1 1\n" VECTORS,
		"m:7: label: expected whole numbers from 0 to 1, got \"2\"" },
	{ TYPE COUNTS "rho 0\nlabel 0 -1\nnr_sv 1 1\n" VECTORS,
		"m:7: label: expected whole numbers from 0 to 1, got \"-1\"" },
	{ TYPE COUNTS "rho 0\nlabel 0 1\n" VECTORS, "m:8: the key nr_sv is missing (c_svc)" },
	{ TYPE COUNTS "rho 0\nlabel 0 1\nnr_sv 1 2\n" VECTORS,
		"m:8: nr_sv: sums to 3, but total_sv is 2" },
	{ TYPE COUNTS "rho 0\nlabel 0 1\nnr_sv 1 4294967295\n" VECTORS,
		"m:8: nr_sv: expected whole numbers from 0 to 2, got \"4294967295\"" },
	{ TYPE COUNTS "rho 0\nlabel 0 1\nnr_sv -1 3\n" VECTORS,
		"m:8: nr_sv: expected whole numbers from 0 to 2, got \"-1\"" },
	{ TYPE COUNTS "rho 0\nlabel 0 1\nnr_sv 2\n" VECTORS,
		"m:8: nr_sv: expected 2 numbers, got 1" },
	{ TYPE COUNTS LISTS "probA 1\n" VECTORS,
		"m:10: the key probB is missing (probA and probB come together)" },
	{ TYPE COUNTS LISTS "probA 1\nprobB 1 2\n" VECTORS,
		"m:10: probB: expected only 1 numbers" },
	{ "svm_type c_svc_ovr\nkernel_type linear\n" COUNTS "rho 0 0\nlabel 0 1\nprobA 1\nprobB 1\n"
	  "SV\n1 1 1:1\n1 1 1:1\n",
		"m:7: probA: has no meaning for c_svc_ovr" },
	{ "svm_type c_svc_ovr\nkernel_type linear\n" COUNTS "rho 0 0\nlabel 0 1\nnr_sv 1 1\n"
	  "SV\n1 1 1:1\n1 1 1:1\n",
		"m:7: nr_sv: has no meaning for c_svc_ovr" },
	{ TYPE COUNTS LISTS "SV\n\n-1 3:1\n", "m:10: expected 1 coefficients, got 0" },
	{ TYPE COUNTS LISTS "SV\nx 1:1\n-1 3:1\n",
		"m:10: expected a coefficient from -1e+15 to 1e+15, got \"x\"" },
	{ TYPE COUNTS LISTS "SV\nnan 1:1\n-1 3:1\n",
		"m:10: expected a coefficient from -1e+15 to 1e+15, got \"nan\"" },
	{ TYPE COUNTS LISTS "SV\n1e300 1:1\n-1 3:1\n",
		"m:10: expected a coefficient from -1e+15 to 1e+15, got \"1e300\"" },
	{ TYPE COUNTS LISTS "SV\n1 1:1\n-1 1\n", "m:11: expected INDEX:VALUE, got \"1\"" },
	{ TYPE COUNTS LISTS "SV\n1 0:1\n-1 3:1\n",
		"m:10: expected an index from 1 to 3, got \"0:1\"" },
	{ TYPE COUNTS LISTS "SV\n1 4:1\n-1 3:1\n",
		"m:10: expected an index from 1 to 3, got \"4:1\"" },
	{ TYPE COUNTS LISTS "SV\n1 -1:1\n-1 3:1\n",
		"m:10: expected an index from 1 to 3, got \"-1:1\"" },
	{ TYPE COUNTS LISTS "SV\n1 4294967297:1\n-1 3:1\n",
		"m:10: expected an index from 1 to 3, got \"4294967297:1\"" },
	{ TYPE COUNTS LISTS "SV\n1 2:1 2:1\n-1 3:1\n",
		"m:10: index 2 comes after 2: indices must ascend" },
	{ TYPE COUNTS LISTS "SV\n1 3:1 2:1\n-1 3:1\n",
		"m:10: index 2 comes after 3: indices must ascend" },
	{ TYPE COUNTS LISTS "SV\n1 2:nan\n-1 3:1\n",
		"m:10: expected a value from -1e+09 to 1e+09, got \"2:nan\"" },
	{ TYPE COUNTS LISTS "SV\n1 2:1e10\n-1 3:1\n",
		"m:10: expected a value from -1e+09 to 1e+09, got \"2:1e10\"" },
	{ TYPE COUNTS LISTS "SV\n1 2:\n-1 3:1\n",
		"m:10: expected a value from -1e+09 to 1e+09, got \"2:\"" },
	{ TYPE COUNTS LISTS "SV\n1 2:1\n-1 3:1", "m:11: the file ends within this line" },
	{ TYPE COUNTS LISTS "SV\n1 2:1\n-1 3:\x1b[2J\n",
		"m:11: expected a value from -1e+09 to 1e+09, got \"3:?[2J\"" },
};

static void bad_models_are_refused_with_file_and_line(void **state)
{
	(void)state;
	struct hk_svm svm;
	assert_int_equal(parse(&svm, GOOD, 3, 2, NULL), 0);
	hk_svm_finish(&svm);
	for (size_t i = 0; i < sizeof(bad_models) / sizeof(bad_models[0]); i++) {
		struct hk_diag diag = { "" };
		const int r = parse(&svm, bad_models[i].text, 3, 2, &diag);
		if (r != -EINVAL || strcmp(diag.text, bad_models[i].message) != 0) {
			fail_msg(
				"%d \"%s\" instead of \"%s\"", r, diag.text, bad_models[i].message);
		}
		assert_null(svm.vectors);
	}
}

static void every_cut_of_a_good_model_is_refused(void **state)
{
	(void)state;
	char text[] = GOOD;
	for (size_t length = 0; length + 1 < strlen(GOOD); length++) {
		/* a copy of that size, so that the sanitizer sees a read beyond it */
		char *copy = malloc(length + 1);
		memcpy(copy, text, length);
		struct hk_svm svm;
		struct hk_diag diag = { "" };
		assert_int_equal(hk_svm_parse(&svm, "m", copy, length, NULL, 3, 2, &diag), -EINVAL);
		assert_int_equal(strncmp(diag.text, "m:", 2), 0);
		free(copy);
	}
}

/* Parse a text that claims much and say how much memory that took. */
static size_t bytes_to_refuse(const char *text, size_t length, uint32_t n_features)
{
	struct hk_svm svm;
	struct hk_diag diag = { "" };
	counted_bytes = 0;
	assert_int_equal(
		hk_svm_parse(&svm, "m", text, length, NULL, n_features, 2, &diag), -EINVAL);
	assert_string_not_equal(diag.text, "");
	return counted_bytes;
}

static void a_small_file_never_makes_the_loader_reserve_much(void **state)
{
	(void)state;
	/* 2 GB in under a kilobyte: the count does not match the lines */
	assert_int_equal(bytes_to_refuse(TYPE "nr_class 2\ntotal_sv 65000\n" LISTS VECTORS,
				 strlen(TYPE "nr_class 2\ntotal_sv 65000\n" LISTS VECTORS), 8198),
		0);
	/* the count matches, but 100,000 short lines stand for 3 GB */
	enum { N = 100000 };
	char *text = malloc(N * 2 + 1000);
	size_t length = (size_t)sprintf(text, TYPE "nr_class 2\ntotal_sv %d\n" LISTS "SV\n", N);
	for (int i = 0; i < N; i++) {
		text[length++] = '1';
		text[length++] = '\n';
	}
	assert_int_equal(bytes_to_refuse(text, length, 8198), 0);
	/* a feature count gone mad */
	assert_int_equal(bytes_to_refuse(text, length, UINT32_MAX), 0);
	free(text);
	/* what is allocated before a late error stays a small multiple of the text */
	assert_in_range(bytes_to_refuse(TYPE COUNTS LISTS "SV\n1 1:1\n-1 0:1\n",
				strlen(TYPE COUNTS LISTS "SV\n1 1:1\n-1 0:1\n"), 8198),
		1, 1 << 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_printed_reads_back_to_the_same_bits),
		cmocka_unit_test(libsvm_reads_what_is_printed_and_we_read_what_libsvm_saves),
		cmocka_unit_test(a_one_vs_rest_model_reads_and_prints),
		cmocka_unit_test(a_packed_model_reads_and_prints_both_its_files),
		cmocka_unit_test(bad_packed_models_are_refused),
		cmocka_unit_test(bad_models_are_refused_with_file_and_line),
		cmocka_unit_test(every_cut_of_a_good_model_is_refused),
		cmocka_unit_test(a_small_file_never_makes_the_loader_reserve_much),
	};
	return cmocka_run_group_tests_name("svm_text", tests, NULL, NULL);
}
