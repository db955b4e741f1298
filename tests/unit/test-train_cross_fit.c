/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "learning/base/random.h"
#include "learning/validation/calibrate.h"
#include "learning/validation/cross_fit.h"
#include "learning/validation/measures.h"

#define N_ROWS 60
#define N_LABELS 3

static const enum hk_calibration_method methods[] = { HK_CALIBRATION_SOFTMAX,
	HK_CALIBRATION_SIGMOID };

struct kept_out {
	double scores[N_ROWS * N_LABELS];
	uint32_t label[N_ROWS];
	struct hk_out_of_fold oof;
};

/* Splits of 15, 0, 25 and 20 rows; scores that have nothing to do with the labels. */
static void draw(struct kept_out *kept)
{
	struct hk_random random = hk_random_of(7, 1, 8);
	for (size_t i = 0; i < N_ROWS; i++) {
		kept->label[i] = (uint32_t)hk_random_index(&random, N_LABELS);
		for (size_t c = 0; c < N_LABELS; c++) {
			kept->scores[i * N_LABELS + c] = hk_random_normal(&random);
		}
	}
	kept->oof = (struct hk_out_of_fold){
		.n_rows = N_ROWS,
		.n_labels = N_LABELS,
		.label = kept->label,
		.scores = kept->scores,
		.n_splits = 4,
		.split_ends = { 15, 15, 40, 60 },
	};
}

static void probabilities_of_a_split_do_not_know_its_own_labels(void **state)
{
	(void)state;
	struct kept_out kept;
	double before[N_ROWS * N_LABELS], after[N_ROWS * N_LABELS];
	draw(&kept);
	for (size_t m = 0; m < 2; m++) {
		assert_int_equal(hk_cross_fit(before, methods[m], &kept.oof), 0);
		for (size_t i = 15; i < 40; i++) {
			kept.label[i] = (kept.label[i] + 1) % N_LABELS;
		}
		assert_int_equal(hk_cross_fit(after, methods[m], &kept.oof), 0);
		assert_memory_equal(before + 15 * N_LABELS, after + 15 * N_LABELS,
			25 * N_LABELS * sizeof(double));
		/* and those of the others do */
		assert_memory_not_equal(before, after, 15 * N_LABELS * sizeof(double));
		assert_memory_not_equal(before + 40 * N_LABELS, after + 40 * N_LABELS,
			20 * N_LABELS * sizeof(double));
	}
}

/* What is fitted on the rows that it is measured on looks better than it is. */
static void the_figures_are_worse_than_those_of_the_rows_fitted_on(void **state)
{
	(void)state;
	const struct hk_svm shape = { .n_classes = N_LABELS };
	struct kept_out kept;
	draw(&kept);
	for (size_t m = 0; m < 2; m++) {
		struct hk_calibration all;
		struct hk_measures flattering, honest;
		double p[N_ROWS * N_LABELS];
		assert_int_equal(
			hk_calibrate(&all, methods[m], kept.scores, kept.label, N_ROWS, N_LABELS),
			0);
		for (size_t i = 0; i < N_ROWS; i++) {
			hk_calibration_apply(
				&all, &shape, kept.scores + i * N_LABELS, NULL, p + i * N_LABELS);
		}
		hk_measure(&flattering, kept.label, kept.label, p, N_ROWS, N_LABELS);
		assert_int_equal(hk_cross_fit(p, methods[m], &kept.oof), 0);
		hk_measure(&honest, kept.label, kept.label, p, N_ROWS, N_LABELS);
		assert_true(honest.brier > flattering.brier);
	}
}

static void one_split_alone_has_nothing_to_fit_on(void **state)
{
	(void)state;
	struct kept_out kept;
	double p[N_ROWS * N_LABELS];
	draw(&kept);
	kept.oof.n_splits = 1;
	kept.oof.split_ends[0] = N_ROWS;
	assert_int_equal(hk_cross_fit(p, HK_CALIBRATION_SOFTMAX, &kept.oof), -ENODATA);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(probabilities_of_a_split_do_not_know_its_own_labels),
		cmocka_unit_test(the_figures_are_worse_than_those_of_the_rows_fitted_on),
		cmocka_unit_test(one_split_alone_has_nothing_to_fit_on),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
