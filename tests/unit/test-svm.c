/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "core/classifier/kernel_sums.h"
#include "tests/unit/libsvm-model.h"

#define MAX_PAIRS 45

static const struct libsvm_case cases[] = {
	{ HK_KERNEL_LINEAR, 2, 20, 80, .cost = 1, .probability = true },
	{ HK_KERNEL_LINEAR, 5, 33, 150, .cost = 10, .probability = true },
	{ HK_KERNEL_POLYNOMIAL, 2, 16, 80, .gamma = 0.1, .coef0 = 1, .cost = 1, .degree = 3 },
	{ HK_KERNEL_POLYNOMIAL, 4, 50, 120, .gamma = 0.05, .coef0 = 0.5, .cost = 1, .degree = 2,
		.probability = true },
	{ HK_KERNEL_POLYNOMIAL, 3, 17, 60, .gamma = 0.1, .coef0 = 0, .cost = 1, .degree = 0 },
	{ HK_KERNEL_RBF, 2, 1, 40, .gamma = 1, .cost = 1, .probability = true },
	{ HK_KERNEL_RBF, 10, 200, 200, .gamma = 0.005, .cost = 1, .probability = true },
	{ HK_KERNEL_RBF, 3, 8198, 60, .gamma = 1.0 / 8198, .cost = 100 },
	{ HK_KERNEL_RBF, 3, 100, 90, .gamma = 0.5, .cost = 1 },
	{ HK_KERNEL_SIGMOID, 2, 31, 80, .gamma = 0.01, .coef0 = -0.5, .cost = 1 },
	{ HK_KERNEL_SIGMOID, 4, 64, 120, .gamma = 0.02, .coef0 = 0.1, .cost = 1,
		.probability = true },
};
#define N_CASES (sizeof(cases) / sizeof(cases[0]))

static struct libsvm_model trained[N_CASES];

static int train_all(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_CASES; i++) {
		libsvm_train(&trained[i], &cases[i], 17 + (unsigned)i);
	}
	return 0;
}

static int finish_all(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_CASES; i++) {
		libsvm_finish(&trained[i]);
	}
	return 0;
}

/* Run CHECK on every training row of every model. */
static void for_every_row(void (*check)(const struct libsvm_model *made, const struct svm_node *row,
	const double *decisions, size_t i_case))
{
	for (size_t i = 0; i < N_CASES; i++) {
		const struct libsvm_model *made = &trained[i];
		double *scratch = malloc(hk_svm_scratch_size(&made->svm) * sizeof(double));
		for (int row = 0; row < cases[i].n_rows; row++) {
			double decisions[MAX_PAIRS];
			hk_svm_decisions(&made->svm, made->x + (size_t)row * made->svm.stride,
				scratch, decisions);
			check(made, made->rows[row], decisions, i);
		}
		free(scratch);
	}
}

/* 1e-5 of the larger of 1 and the value: float32 sums; decisions are of the order of 1. */
static void assert_close(double got, double expected, double tolerance, size_t i_case)
{
	if (!(fabs(got - expected) <= tolerance * fmax(1, fabs(expected)))) {
		fail_msg("case %zu: %.17g, expected %.17g", i_case, got, expected);
	}
}

static void compare_decisions(const struct libsvm_model *made, const struct svm_node *row,
	const double *decisions, size_t i_case)
{
	double expected[MAX_PAIRS];
	svm_predict_values(made->model, row, expected);
	for (uint32_t i = 0; i < made->svm.n_decisions; i++) {
		assert_close(decisions[i], expected[i], 1e-5, i_case);
	}
}

static void decision_values_are_libsvms_for_every_kernel(void **state)
{
	(void)state;
	for_every_row(compare_decisions);
}

static void compare_labels(const struct libsvm_model *made, const struct svm_node *row,
	const double *decisions, size_t i_case)
{
	(void)i_case;
	assert_int_equal(hk_svm_label(&made->svm, decisions), (int)svm_predict(made->model, row));
}

static void labels_are_libsvms_for_every_kernel(void **state)
{
	(void)state;
	for_every_row(compare_labels);
}

static void compare_probabilities(const struct libsvm_model *made, const struct svm_node *row,
	const double *decisions, size_t i_case)
{
	double expected[MAX_PAIRS], got[MAX_PAIRS], sum = 0;
	if (!cases[i_case].probability) {
		assert_int_equal(hk_svm_probabilities(&made->svm, decisions, got), -ENODATA);
		return;
	}
	svm_predict_probability(made->model, row, expected);
	assert_int_equal(hk_svm_probabilities(&made->svm, decisions, got), 0);
	for (uint32_t i = 0; i < made->svm.n_classes; i++) {
		/* libsvm's order is its model's, ours the bundle's */
		assert_close(got[made->svm.labels[i]], expected[i], 1e-5, i_case);
		sum += got[i];
	}
	assert_close(sum, 1, 1e-12, i_case);
}

static void probabilities_are_libsvms(void **state)
{
	(void)state;
	for_every_row(compare_probabilities);
}

/* A model of K classes and one vector per class: only its shape is looked at. */
static struct hk_svm shape_of(enum hk_svm_decision decision, uint32_t k)
{
	struct hk_svm svm;
	assert_int_equal(hk_svm_init(&svm, decision, k, k, 3), 0);
	return svm;
}

static void a_tie_of_votes_goes_to_the_class_that_comes_first(void **state)
{
	(void)state;
	struct hk_svm svm = shape_of(HK_SVM_ONE_VS_ONE, 3);
	svm.labels[0] = 2;
	svm.labels[2] = 0;
	const double circle[] = { 1, -1, 1 }; /* 0 beats 1, 2 beats 0, 1 beats 2 */
	assert_int_equal(hk_svm_label(&svm, circle), 2);
	const double zeros[] = { 0, 0, 0 }; /* exactly 0 votes for the second */
	assert_int_equal(hk_svm_label(&svm, zeros), 0);
	hk_svm_finish(&svm);
}

static void the_largest_value_decides_one_vs_rest(void **state)
{
	(void)state;
	struct hk_svm svm = shape_of(HK_SVM_ONE_VS_REST, 3);
	svm.labels[0] = 1;
	svm.labels[1] = 0;
	const double decisions[] = { -0.5, -0.25, -3 };
	assert_int_equal(hk_svm_label(&svm, decisions), 0);
	double scores[3];
	hk_svm_scores(&svm, decisions, scores);
	assert_true(scores[0] == -0.25 && scores[1] == -0.5 && scores[2] == -3);
	hk_svm_finish(&svm);
}

static void one_vs_rest_decisions_are_sums_over_all_vectors(void **state)
{
	(void)state;
	struct hk_svm svm = shape_of(HK_SVM_ONE_VS_REST, 2);
	svm.kernel = HK_KERNEL_LINEAR;
	const float vectors[2][3] = { { 1, 2, 3 }, { -1, 0, 4 } };
	memcpy(svm.vectors, vectors[0], sizeof(vectors[0]));
	memcpy(svm.vectors + svm.stride, vectors[1], sizeof(vectors[1]));
	memcpy(svm.coefs, (const double[]){ 0.5, 0, 2, -1 }, 4 * sizeof(double));
	memcpy(svm.rho, (const double[]){ 1, -1 }, 2 * sizeof(double));
	_Alignas(64) const float x[16] = { 1, 1, 2 };
	double scratch[2], decisions[2];
	hk_svm_decisions(&svm, x, scratch, decisions);
	assert_true(decisions[0] == 0.5 * 9 - 1);
	assert_true(decisions[1] == 2 * 9 - 1 * 7 + 1);
	hk_svm_finish(&svm);
}

static void two_classes_score_plus_and_minus_the_decision(void **state)
{
	(void)state;
	struct hk_svm svm = shape_of(HK_SVM_ONE_VS_ONE, 2);
	svm.labels[0] = 1;
	svm.labels[1] = 0;
	double scores[2];
	hk_svm_scores(&svm, (const double[]){ 0.75 }, scores);
	assert_true(scores[0] == -0.75 && scores[1] == 0.75);
	hk_svm_finish(&svm);
}

static void shapes_that_cannot_be_are_refused(void **state)
{
	(void)state;
	struct hk_svm svm = { 0 };
	assert_int_equal(hk_svm_init(&svm, HK_SVM_ONE_VS_ONE, 1, 1, 1), -EINVAL);
	assert_int_equal(hk_svm_init(&svm, HK_SVM_ONE_VS_ONE, 129, 1, 1), -EINVAL);
	assert_int_equal(hk_svm_init(&svm, HK_SVM_ONE_VS_ONE, 2, 0, 1), -EINVAL);
	assert_int_equal(hk_svm_init(&svm, HK_SVM_ONE_VS_ONE, 2, 1, 0), -EINVAL);
	assert_int_equal(hk_svm_init(&svm, HK_SVM_ONE_VS_ONE, 2, 1, UINT32_MAX), -EINVAL);
	assert_null(svm.vectors);
	hk_svm_finish(&svm);
	hk_svm_finish(NULL);
}

static void the_largest_allowed_values_stay_finite(void **state)
{
	(void)state;
	static const enum hk_kernel kernels[] = { HK_KERNEL_LINEAR, HK_KERNEL_POLYNOMIAL,
		HK_KERNEL_RBF, HK_KERNEL_SIGMOID };
	for (size_t k = 0; k < 4; k++) {
		struct hk_svm svm;
		assert_int_equal(hk_svm_init(&svm, HK_SVM_ONE_VS_REST, 2, 2, 8198), 0);
		svm.kernel = kernels[k];
		svm.degree = 1001;
		svm.gamma = HK_SVM_MAX_COEF;
		svm.coef0 = -HK_SVM_MAX_COEF;
		float *x = aligned_alloc(64, svm.stride * sizeof(float));
		memset(x, 0, svm.stride * sizeof(float));
		for (uint32_t i = 0; i < svm.n_features; i++) {
			x[i] = (float)HK_SVM_MAX_VALUE;
			svm.vectors[i] = (float)HK_SVM_MAX_VALUE;
			svm.vectors[svm.stride + i] = -(float)HK_SVM_MAX_VALUE;
		}
		for (uint32_t i = 0; i < 4; i++) {
			svm.coefs[i] = i % 2 ? HK_SVM_MAX_COEF : -HK_SVM_MAX_COEF;
		}
		double scratch[2], decisions[2];
		hk_svm_decisions(&svm, x, scratch, decisions);
		assert_true(isfinite(decisions[0]) && isfinite(decisions[1]));
		free(x);
		hk_svm_finish(&svm);
	}
}

/* The sums for each instruction set that this processor has. */
static size_t instruction_sets(hk_kernel_sums_fn *ret_sets[3])
{
	size_t n = 0;
	ret_sets[n++] = hk_kernel_sums_baseline;
#ifdef __x86_64__
	if (__builtin_cpu_supports("avx2")) {
		ret_sets[n++] = hk_kernel_sums_avx2;
	}
	if (__builtin_cpu_supports("avx512f")) {
		ret_sets[n++] = hk_kernel_sums_avx512;
	}
#endif
	print_message("%zu instruction sets\n", n);
	return n;
}

/* Against plain loops in double. */
static void every_instruction_set_gives_the_same_exact_bits(void **state)
{
	(void)state;
	hk_kernel_sums_fn *sets[3];
	const size_t n_sets = instruction_sets(sets);
	static const uint32_t sizes[] = { 1, 15, 16, 17, 31, 32, 33, 255, 256, 257, 556, 8198 };
	unsigned seed = 23;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		enum { N = 5 };
		struct hk_svm svm;
		assert_int_equal(hk_svm_init(&svm, HK_SVM_ONE_VS_REST, 2, N, sizes[i]), 0);
		float *x = aligned_alloc(64, svm.stride * sizeof(float));
		memset(x, 0, svm.stride * sizeof(float));
		double products[N] = { 0 }, squares[N] = { 0 };
		for (uint32_t j = 0; j < sizes[i]; j++) {
			x[j] = (float)(10 * uniform(&seed) - 5);
			for (uint32_t v = 0; v < N; v++) {
				const float value = (float)(10 * uniform(&seed) - 5);
				svm.vectors[v * svm.stride + j] = value;
				products[v] += (double)x[j] * (double)value;
				squares[v] += pow((double)x[j] - (double)value, 2);
			}
		}
		double first[2][N], sums[N];
		sets[0](&svm, x, HK_KERNEL_SUM_PRODUCTS, first[0]);
		sets[0](&svm, x, HK_KERNEL_SUM_SQUARES, first[1]);
		for (size_t k = 1; k < n_sets; k++) {
			sets[k](&svm, x, HK_KERNEL_SUM_PRODUCTS, sums);
			assert_memory_equal(sums, first[0], sizeof(sums));
			sets[k](&svm, x, HK_KERNEL_SUM_SQUARES, sums);
			assert_memory_equal(sums, first[1], sizeof(sums));
		}
		for (uint32_t v = 0; v < N; v++) {
			/* double sums of up to 8198 products of up to 25 */
			assert_true(fabs(first[0][v] - products[v]) < 1e-10);
			/* the difference, counted twice, and its square: three roundings of 2^-24
			 */
			assert_true(fabs(first[1][v] - squares[v]) <= 2e-7 * squares[v]);
		}
		free(x);
		hk_svm_finish(&svm);
	}
}

/* The float32 model that PACKED stands for; the caller finishes both. */
static struct hk_svm unpacked(const struct hk_svm *packed)
{
	struct hk_svm svm;
	assert_int_equal(hk_svm_init(&svm, packed->decision, packed->n_classes, packed->n_vectors,
				 packed->n_features),
		0);
	for (uint32_t i = 0; i < svm.n_vectors; i++) {
		hk_svm_vector(packed, i, svm.vectors + (size_t)i * svm.stride);
	}
	return svm;
}

static void a_packed_matrix_sums_to_the_bits_of_its_values_in_float32(void **state)
{
	(void)state;
	hk_kernel_sums_fn *sets[3];
	const size_t n_sets = instruction_sets(sets);
	static const uint32_t sizes[] = { 1, 16, 33, 257, 8198 };
	unsigned seed = 29;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		enum { N = 5 };
		struct hk_svm packed;
		assert_int_equal(
			hk_svm_init_packed(&packed, HK_SVM_ONE_VS_REST, 2, N, sizes[i]), 0);
		packed.exponent = -13;
		float *x = aligned_alloc(64, packed.stride * sizeof(float));
		memset(x, 0, packed.stride * sizeof(float));
		for (uint32_t j = 0; j < sizes[i]; j++) {
			x[j] = (float)(10 * uniform(&seed) - 5);
			for (uint32_t v = 0; v < N; v++) {
				packed.packed[v * packed.stride + j] =
					(int16_t)(rand_r(&seed) % 65536 - 32768);
			}
		}
		struct hk_svm svm = unpacked(&packed);
		for (size_t k = 0; k < n_sets; k++) {
			for (enum hk_kernel_sum sum = HK_KERNEL_SUM_PRODUCTS;
				sum <= HK_KERNEL_SUM_SQUARES; sum++) {
				double expected[N], sums[N];
				sets[k](&svm, x, sum, expected);
				sets[k](&packed, x, sum, sums);
				assert_memory_equal(sums, expected, sizeof(sums));
			}
		}
		free(x);
		hk_svm_finish(&svm);
		hk_svm_finish(&packed);
	}
}

static void packing_rounds_to_one_fifteenth_bit_of_the_largest_value(void **state)
{
	(void)state;
	static const float largest[] = { 0, 1e-20F, 1e-3F, 1, 2.99F, 3, 32767, 32767.5F, 32768,
		(float)HK_SVM_MAX_VALUE };
	for (size_t i = 0; i < sizeof(largest) / sizeof(largest[0]); i++) {
		struct hk_svm svm;
		assert_int_equal(hk_svm_init(&svm, HK_SVM_ONE_VS_REST, 2, 3, 20), 0);
		for (uint32_t j = 0; j < 20; j++) {
			svm.vectors[j] = largest[i] * (float)j / 19;
			svm.vectors[svm.stride + j] = -largest[i] * (float)j / 19;
		}
		float before[3 * 32];
		memcpy(before, svm.vectors, sizeof(before));
		assert_int_equal(hk_svm_pack(&svm), 0);
		assert_null(svm.vectors);
		struct hk_svm back = unpacked(&svm);
		for (size_t j = 0; j < 3 * 32; j++) {
			/* half a step, which is at most largest / 2^14 */
			assert_true(fabsf(back.vectors[j] - before[j]) <= largest[i] / 32767);
		}
		/* packed values pack to themselves */
		struct hk_svm twice = unpacked(&svm);
		assert_int_equal(hk_svm_pack(&twice), 0);
		struct hk_svm again = unpacked(&twice);
		assert_memory_equal(again.vectors, back.vectors, sizeof(before));
		assert_int_equal(hk_svm_pack(&twice), 0); /* and stay */
		hk_svm_finish(&svm);
		hk_svm_finish(&back);
		hk_svm_finish(&twice);
		hk_svm_finish(&again);
	}
}

static void packed_models_decide_nearly_as_before(void **state)
{
	(void)state;
	struct libsvm_model made;
	libsvm_train(&made, &cases[6], 31);
	double *scratch = malloc(hk_svm_scratch_size(&made.svm) * sizeof(double));
	double before[MAX_PAIRS], after[MAX_PAIRS];
	hk_svm_decisions(&made.svm, made.x, scratch, before);
	assert_int_equal(hk_svm_pack(&made.svm), 0);
	hk_svm_decisions(&made.svm, made.x, scratch, after);
	for (uint32_t i = 0; i < made.svm.n_decisions; i++) {
		assert_close(after[i], before[i], 1e-4, 6);
	}
	free(scratch);
	libsvm_finish(&made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decision_values_are_libsvms_for_every_kernel),
		cmocka_unit_test(labels_are_libsvms_for_every_kernel),
		cmocka_unit_test(probabilities_are_libsvms),
		cmocka_unit_test(a_tie_of_votes_goes_to_the_class_that_comes_first),
		cmocka_unit_test(the_largest_value_decides_one_vs_rest),
		cmocka_unit_test(one_vs_rest_decisions_are_sums_over_all_vectors),
		cmocka_unit_test(two_classes_score_plus_and_minus_the_decision),
		cmocka_unit_test(shapes_that_cannot_be_are_refused),
		cmocka_unit_test(the_largest_allowed_values_stay_finite),
		cmocka_unit_test(every_instruction_set_gives_the_same_exact_bits),
		cmocka_unit_test(a_packed_matrix_sums_to_the_bits_of_its_values_in_float32),
		cmocka_unit_test(packing_rounds_to_one_fifteenth_bit_of_the_largest_value),
		cmocka_unit_test(packed_models_decide_nearly_as_before),
	};
	return cmocka_run_group_tests_name("svm", tests, train_all, finish_all);
}
