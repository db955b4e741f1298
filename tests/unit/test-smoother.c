/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/detection/smoother.h"

#define RATE 10
#define WINDOW 20
#define STEP 10
#define N_LABELS 3 /* two that make events, then one that does not */
#define MAX_SLICES 64

static struct {
	size_t n;
	uint64_t first[MAX_SLICES], end[MAX_SLICES];
	bool zeros[MAX_SLICES];
	double raw[MAX_SLICES][N_LABELS], smoothed[MAX_SLICES][N_LABELS];
} told;

static void keep(void *owner, const struct hk_slice *slice)
{
	(void)owner;
	assert_true(told.n < MAX_SLICES);
	told.first[told.n] = slice->first_frame;
	told.end[told.n] = slice->end_frame;
	told.zeros[told.n] = slice->zeros;
	memcpy(told.raw[told.n], slice->raw, sizeof(told.raw[0]));
	memcpy(told.smoothed[told.n++], slice->smoothed, sizeof(told.smoothed[0]));
}

static const struct hk_smoothing usual = { HK_SMOOTHING_HMM, .stay = 3, .lag_s = 2, .cap = 4,
	.gate_dbfs = HK_GATE_OPEN_DBFS, .bias = { 0.5, 0, -0.5 } };

static struct hk_smoother *make(const struct hk_smoothing *smoothing)
{
	static const struct hk_class_rules rules[N_LABELS] = { { .enabled = true, .event = true },
		{ .enabled = true, .event = true }, { .enabled = true } };
	struct hk_smoother *smoother;
	told.n = 0;
	assert_int_equal(hk_smoother_new(&smoother, smoothing, rules, N_LABELS, RATE, WINDOW, STEP,
				 keep, NULL),
		0);
	return smoother;
}

static void push(struct hk_smoother *smoother, uint64_t index, const double *p, float level_dbfs)
{
	hk_smoother_push(smoother,
		&(struct hk_detector_window){ .first_frame = index * STEP,
			.end_frame = index * STEP + WINDOW,
			.zeros = !p,
			.probabilities = p,
			.level_dbfs = level_dbfs });
}

/* By enumeration: the posterior of every state of slice AT over all paths through slices 0..LAST.
 */
static void enumerate(
	double (*evidence)[3], size_t last, size_t at, double stay, double ret_posterior[3])
{
	double sum = 0;
	size_t n_paths = 1;
	memset(ret_posterior, 0, 3 * sizeof(double));
	for (size_t i = 0; i <= last; i++) {
		n_paths *= 3;
	}
	for (size_t path = 0; path < n_paths; path++) {
		double weight = 0;
		size_t rest = path, before = 0, here = 0;
		for (size_t i = 0; i <= last; i++, rest /= 3) {
			const size_t state = rest % 3;
			weight += evidence[i][state] - (i > 0 && state != before ? stay : 0);
			here = i == at ? state : here;
			before = state;
		}
		ret_posterior[here] += exp(weight);
		sum += exp(weight);
	}
	for (size_t s = 0; s < 3; s++) {
		ret_posterior[s] /= sum;
	}
}

static double limited_log_odds(double p)
{
	return fmin(fmax(log(p / (1 - p)), -4), 4);
}

static void the_posterior_is_that_of_all_paths_with_the_lag(void **state)
{
	(void)state;
	enum { N = 7 };
	static const double p[N][N_LABELS] = { { .1, .2, .7 }, { .8, .1, .1 }, { .3, .6, .1 },
		{ .999, .0005, .0005 }, { .4, .4, .2 }, { .05, .9, .05 }, { .2, .2, .6 } };
	double evidence[N + 1][3] = { { 0 } };
	for (int k = 0; k <= N; k++) { /* slice k lies in windows k - 1 and k */
		const int first = k > 0 ? k - 1 : 0, end = k < N ? k + 1 : N;
		for (int w = first; w < end; w++) {
			evidence[k][0] += fmax(limited_log_odds(p[w][2]) - 0.5, 0) / (end - first);
			evidence[k][1] += (limited_log_odds(p[w][0]) + 0.5) / (end - first);
			evidence[k][2] += limited_log_odds(p[w][1]) / (end - first);
		}
	}
	struct hk_smoother *smoother = make(&usual);
	for (uint64_t w = 0; w < N; w++) {
		push(smoother, w, p[w], -30);
		assert_int_equal(told.n, w < 2 ? 0 : w - 1);
	}
	hk_smoother_finish(smoother);
	assert_int_equal(told.n, N + 1);
	for (size_t k = 0; k <= N; k++) {
		double expected[3];
		enumerate(evidence, k + 2 < N ? k + 2 : N, k, 3, expected);
		assert_true(fabs(told.smoothed[k][0] - expected[1]) < 1e-12);
		assert_true(fabs(told.smoothed[k][1] - expected[2]) < 1e-12);
		assert_true(fabs(told.smoothed[k][2] - expected[0]) < 1e-12);
	}
	assert_true(fabs(told.raw[1][0] - 0.45) < 1e-12);
	hk_smoother_free(smoother);
}

static void slices_follow_each_other_to_the_end_of_the_last_window(void **state)
{
	(void)state;
	static const double p[N_LABELS] = { .2, .3, .5 };
	struct hk_smoother *smoother = make(&usual);
	for (int stream = 0; stream < 2; stream++) {
		told.n = 0;
		for (uint64_t w = 0; w < 4; w++) {
			push(smoother, w + 100, p, -30);
		}
		hk_smoother_finish(smoother);
		assert_int_equal(told.n, 5);
		assert_int_equal(told.first[0], 1000);
		for (size_t k = 0; k + 1 < told.n; k++) {
			assert_int_equal(told.end[k], told.first[k + 1]);
		}
		assert_int_equal(told.end[4], 1050);
	}
	hk_smoother_finish(smoother); /* of an empty stream */
	assert_int_equal(told.n, 5);
	hk_smoother_free(smoother);
}

static void certainty_is_limited_and_nothing_is_lost_to_it(void **state)
{
	(void)state;
	static const double sure[N_LABELS] = { 1, 0, 0 }, other[N_LABELS] = { 0, 1, 0 };
	struct hk_smoother *smoother = make(&usual);
	for (uint64_t w = 0; w < 20; w++) {
		push(smoother, w, w < 10 ? sure : other, -30);
	}
	hk_smoother_finish(smoother);
	for (size_t k = 0; k < told.n; k++) {
		double sum = 0;
		for (int i = 0; i < 2; i++) {
			assert_true(isfinite(told.smoothed[k][i]));
			sum += told.smoothed[k][i];
		}
		assert_true(sum <= 1 + 1e-12);
	}
	assert_true(told.smoothed[5][0] > 0.99 && told.smoothed[15][1] > 0.99);
	hk_smoother_free(smoother);
}

static void one_wild_window_changes_nothing(void **state)
{
	(void)state;
	static const double calm[N_LABELS] = { .02, .03, .95 }, wild[N_LABELS] = { .9, .05, .05 };
	struct hk_smoothing smoothing = usual;
	smoothing.stay = 6;
	struct hk_smoother *smoother = make(&smoothing);
	for (uint64_t w = 0; w < 10; w++) {
		push(smoother, w, w == 5 ? wild : calm, -30);
	}
	hk_smoother_finish(smoother);
	for (size_t k = 0; k < told.n; k++) {
		assert_true(told.smoothed[k][0] < 0.05);
	}
	hk_smoother_free(smoother);
}

static void what_is_below_the_gate_or_digital_zeros_speaks_against_all(void **state)
{
	(void)state;
	static const double loud[N_LABELS] = { .95, .03, .02 };
	struct hk_smoothing smoothing = usual;
	smoothing.gate_dbfs = -50;
	struct hk_smoother *smoother = make(&smoothing);
	for (uint64_t w = 0; w < 6; w++) {
		push(smoother, w, loud, -50.1F);
	}
	hk_smoother_finish(smoother);
	assert_true(told.smoothed[3][0] < 0.01);
	told.n = 0;
	for (uint64_t w = 0; w < 6; w++) {
		push(smoother, w, w == 3 || w == 4 ? NULL : loud, -50);
	}
	hk_smoother_finish(smoother);
	assert_true(told.smoothed[1][0] > 0.9);
	assert_true(!told.zeros[3] && told.zeros[4] && !told.zeros[5]); /* both windows are zeros */
	hk_smoother_free(smoother);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_posterior_is_that_of_all_paths_with_the_lag),
		cmocka_unit_test(slices_follow_each_other_to_the_end_of_the_last_window),
		cmocka_unit_test(certainty_is_limited_and_nothing_is_lost_to_it),
		cmocka_unit_test(one_wild_window_changes_nothing),
		cmocka_unit_test(what_is_below_the_gate_or_digital_zeros_speaks_against_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
