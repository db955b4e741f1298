/* SPDX-License-Identifier: MIT */
#include <libsvm/svm.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "learning/base/parallel.h"
#include "learning/base/random.h"
#include "learning/learners/libsvm_rows.h"
#include "learning/learners/smo.h"

#define N_ROWS 900 /* several working sets */
#define N_FEATURES 12
#define STRIDE 16
#define GAMMA 0.08

static float rows[N_ROWS * STRIDE] __attribute__((aligned(HK_SVM_ALIGNMENT)));
static uint32_t labels[N_ROWS];

/* Two overlapping clouds of different size; every tenth row comes twice. */
static int make_rows(void **state)
{
	(void)state;
	struct hk_random random = hk_random_of(19, 0, 0);
	for (size_t i = 0; i < N_ROWS; i++) {
		labels[i] = i % 3 == 0;
		for (size_t j = 0; j < N_FEATURES; j++) {
			rows[i * STRIDE + j] = (float)(0.7 * labels[i] + hk_random_normal(&random));
		}
		if (i >= 3 && i % 10 == 0) {
			memcpy(rows + i * STRIDE, rows + (i - 3) * STRIDE, STRIDE * sizeof(float));
		}
	}
	return 0;
}

static struct hk_lesson the_lesson(void)
{
	return (struct hk_lesson){
		.rows = rows,
		.labels = labels,
		.n_rows = N_ROWS,
		.n_features = N_FEATURES,
		.stride = STRIDE,
		.n_labels = 2,
		.gamma = GAMMA,
		.memory = 64 << 20,
	};
}

static void solve(struct hk_kernel_rows *kernel_rows, const double costs[2], double tolerance,
	size_t n_held, double *ret_coefs, double *ret_bias)
{
	const struct hk_smo problem = {
		.rows = kernel_rows,
		.labels = labels,
		.n_rows = N_ROWS,
		.label = 1,
		.costs = { costs[0], costs[1] },
		.tolerance = tolerance,
		.n_held = n_held,
	};
	assert_int_equal(hk_smo_solve(&problem, ret_coefs, ret_bias), 0);
}

static void decide(const double *coefs, double bias, double *ret)
{
	for (size_t i = 0; i < N_ROWS; i++) {
		ret[i] = bias;
		for (size_t k = 0; k < N_ROWS; k++) {
			double squares = 0;
			for (size_t j = 0; j < N_FEATURES; j++) {
				const double d =
					(double)rows[i * STRIDE + j] - (double)rows[k * STRIDE + j];
				squares += d * d;
			}
			ret[i] += coefs[k] * exp(-GAMMA * squares);
		}
	}
}

/* libsvm's decisions and sum of |coefficients| with the same problem. */
static double libsvm_decides(const double costs[2], double eps, double *ret)
{
	const struct hk_lesson lesson = the_lesson();
	struct svm_parameter parameters;
	struct hk_nodes nodes;
	double y[N_ROWS], weights[2] = { costs[0], costs[1] }, size = 0;
	int names[2] = { 1, 0 };
	assert_int_equal(hk_svc_parameters(&parameters, &lesson, NULL), 0);
	assert_int_equal(hk_nodes_init(&nodes, &lesson), 0);
	parameters.C = 1;
	parameters.eps = eps;
	parameters.nr_weight = 2;
	parameters.weight_label = names;
	parameters.weight = weights;
	for (size_t i = 0; i < N_ROWS; i++) {
		y[i] = labels[i];
	}
	const struct svm_problem problem = { .l = N_ROWS, .y = y, .x = nodes.rows };
	struct svm_model *model = svm_train(&problem, &parameters);
	for (size_t i = 0; i < N_ROWS; i++) {
		svm_predict_values(model, nodes.rows[i], &ret[i]);
		ret[i] *= model->label[0] == 1 ? 1 : -1;
	}
	for (int i = 0; i < model->l; i++) {
		size += fabs(model->sv_coef[0][i]);
	}
	svm_free_and_destroy_model(&model);
	hk_nodes_finish(&nodes);
	return size;
}

/* Both driven to 1e-6; float32 kernels, ours and libsvm's, leave 1e-4. */
static void it_ends_where_libsvm_ends(void **state)
{
	(void)state;
	static const double costs[][2] = { { 1, 1 }, { 10, 3 }, { 0.01, 0.02 } };
	const struct hk_lesson lesson = the_lesson();
	struct hk_kernel_rows *kernel_rows;
	assert_int_equal(hk_kernel_rows_new(&kernel_rows, &lesson, N_ROWS), 0);
	for (size_t k = 0; k < sizeof(costs) / sizeof(costs[0]); k++) {
		double coefs[N_ROWS], bias, got[N_ROWS], expected[N_ROWS], size = 0;
		solve(kernel_rows, costs[k], 1e-6, 64, coefs, &bias);
		decide(coefs, bias, got);
		const double expected_size = libsvm_decides(costs[k], 1e-6, expected);
		for (size_t i = 0; i < N_ROWS; i++) {
			assert_true(fabs(got[i] - expected[i]) < 1e-4);
			size += fabs(coefs[i]);
		}
		assert_true(fabs(size - expected_size) < 1e-3 * expected_size);
	}
	hk_kernel_rows_free(kernel_rows);
}

static void coefficients_stay_in_their_bounds_and_add_up_to_0(void **state)
{
	(void)state;
	static const double costs[2] = { 2, 0.5 };
	const struct hk_lesson lesson = the_lesson();
	struct hk_kernel_rows *kernel_rows;
	double coefs[N_ROWS], bias, sum = 0;
	size_t n_free = 0;
	assert_int_equal(hk_kernel_rows_new(&kernel_rows, &lesson, N_ROWS), 0);
	solve(kernel_rows, costs, 1e-3, 100, coefs, &bias);
	for (size_t i = 0; i < N_ROWS; i++) {
		assert_true(coefs[i] >= (labels[i] == 1 ? 0 : -costs[1]));
		assert_true(coefs[i] <= (labels[i] == 1 ? costs[0] : 0));
		n_free += coefs[i] != 0 && coefs[i] != costs[0] && coefs[i] != -costs[1];
		sum += coefs[i];
	}
	assert_true(n_free > 10);
	assert_true(fabs(sum) < 1e-9);
	hk_kernel_rows_free(kernel_rows);
}

/* What is kept decides how often rows are computed, never what they are. */
static void little_room_for_kernel_rows_changes_no_bit(void **state)
{
	(void)state;
	static const double costs[2] = { 10, 3 };
	const struct hk_lesson lesson = the_lesson();
	double coefs[2][N_ROWS], bias[2];
	static const size_t n_kept[] = { N_ROWS, 50 };
	for (int k = 0; k < 2; k++) {
		struct hk_kernel_rows *kernel_rows;
		assert_int_equal(hk_kernel_rows_new(&kernel_rows, &lesson, n_kept[k]), 0);
		solve(kernel_rows, costs, 1e-3, 50, coefs[k], &bias[k]);
		hk_kernel_rows_free(kernel_rows);
	}
	assert_memory_equal(coefs[0], coefs[1], sizeof(coefs[0]));
	assert_true(bias[0] == bias[1]);
}

#define N_USERS 8
#define N_HELD 6

struct users {
	struct hk_kernel_rows *rows;
	const float *expected; /* N_ROWS * N_ROWS */
	unsigned n_wrong[N_USERS];
};

static void use(void *owner, size_t index, unsigned worker)
{
	(void)worker;
	struct users *users = owner;
	struct hk_random random = hk_random_of(23, index, 0);
	for (int turn = 0; turn < 200; turn++) {
		size_t indices[N_HELD];
		const float *held[N_HELD];
		const size_t first = hk_random_index(&random, 60);
		for (size_t k = 0; k < N_HELD; k++) {
			indices[k] =
				(first + 7 * k) % 60; /* different ones, that others want, too */
		}
		hk_kernel_rows_hold(users->rows, indices, N_HELD, held);
		for (size_t k = 0; k < N_HELD; k++) {
			users->n_wrong[index] +=
				memcmp(held[k], users->expected + indices[k] * N_ROWS,
					N_ROWS * sizeof(float)) != 0;
		}
		hk_kernel_rows_let_go(users->rows, indices, N_HELD);
	}
}

static void many_threads_get_the_rows_they_ask_for(void **state)
{
	(void)state;
	const struct hk_lesson lesson = the_lesson();
	struct users users = { 0 };
	struct hk_kernel_rows *all;
	float *expected = calloc((size_t)N_ROWS * N_ROWS, sizeof(float));
	assert_non_null(expected);
	assert_int_equal(hk_kernel_rows_new(&all, &lesson, N_ROWS), 0);
	for (size_t i = 0; i < N_ROWS; i++) {
		const float *row;
		hk_kernel_rows_hold(all, &i, 1, &row);
		assert_true(row[i] == 1);
		memcpy(expected + i * N_ROWS, row, N_ROWS * sizeof(float));
		hk_kernel_rows_let_go(all, &i, 1);
	}
	hk_kernel_rows_free(all);
	users.expected = expected;
	assert_int_equal(hk_kernel_rows_new(&users.rows, &lesson, N_USERS * N_HELD), 0);
	hk_parallel_run(N_USERS, N_USERS, use, &users);
	for (int i = 0; i < N_USERS; i++) {
		assert_int_equal(users.n_wrong[i], 0);
	}
	hk_kernel_rows_free(users.rows);
	free(expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_ends_where_libsvm_ends),
		cmocka_unit_test(coefficients_stay_in_their_bounds_and_add_up_to_0),
		cmocka_unit_test(little_room_for_kernel_rows_changes_no_bit),
		cmocka_unit_test(many_threads_get_the_rows_they_ask_for),
	};
	return cmocka_run_group_tests(tests, make_rows, NULL);
}
