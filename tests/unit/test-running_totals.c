/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/status/running_totals.h"

static void a_window_counts_by_whether_it_was_classified(void **state)
{
	(void)state;
	struct hk_running_totals totals = { 0 };
	const struct hk_analysis_report_window classified = {
		.label = 1, .start_us = 5, .level_dbfs = -30
	};
	const struct hk_analysis_report_window zeros = { .label = HK_NO_LABEL, .start_us = 6 };
	hk_running_totals_add_window(&totals, &classified);
	assert_int_equal(totals.last_window_us, 5);
	assert_true(totals.level_dbfs == -30.0f);
	hk_running_totals_add_window(&totals, &zeros);
	hk_running_totals_add_window(&totals, &zeros);
	assert_int_equal(totals.n_windows, 1);
	assert_int_equal(totals.n_zero_windows, 2);
	assert_int_equal(totals.last_window_us, 6);
}

static void analysis_times_fall_into_the_bucket_whose_bound_they_do_not_exceed(void **state)
{
	(void)state;
	static const double bounds_s[] = HK_ANALYSIS_BOUNDS_S;
	for (size_t i = 0; i < HK_N_ANALYSIS_BUCKETS; i++) {
		struct hk_running_totals totals = { 0 };
		const double s = i + 1 < HK_N_ANALYSIS_BUCKETS ? bounds_s[i] * 0.99 : 7.0;
		hk_running_totals_add_window(
			&totals, &(struct hk_analysis_report_window){ .analysis_s = (float)s });
		for (size_t k = 0; k < HK_N_ANALYSIS_BUCKETS; k++) {
			assert_int_equal(totals.n_analysis[k], k == i);
		}
	}
}

static void the_worst_lag_stays_and_the_clock_keeps_its_last_values(void **state)
{
	(void)state;
	struct hk_running_totals totals = { 0 };
	hk_running_totals_add_window(&totals,
		&(struct hk_analysis_report_window){ .lag_s = 0.5f,
			.has_clock = true,
			.clock = { .rate_hz = 48001, .residual_rms_s = 0.002 } });
	hk_running_totals_add_window(
		&totals, &(struct hk_analysis_report_window){ .lag_s = 0.25f });
	assert_true(totals.worst_lag_s == 0.5);
	assert_false(totals.has_clock);
	assert_true(totals.true_rate_hz == 48001);
	assert_true(totals.jitter_ms == 2.0);
}

static void another_model_counts_its_events_from_0_and_the_daemon_goes_on(void **state)
{
	(void)state;
	struct hk_running_totals totals = { 0 };
	static const char names[2][HK_LABEL_SIZE] = { "fire_alarm", "music" };
	hk_running_totals_add_event(&totals, 0, names[0], 10);
	hk_running_totals_add_event(&totals, 1, names[1], 20);
	hk_running_totals_add_gap(&totals, 480);
	assert_int_equal(totals.n_events[1], 1);
	hk_running_totals_change_model(&totals);
	assert_int_equal(totals.n_events[0], 0);
	assert_int_equal(totals.n_events[1], 0);
	assert_int_equal(totals.n_starts, 2);
	assert_int_equal(totals.last_start_us, 20);
	assert_string_equal(totals.last_label, "music");
	assert_int_equal(totals.n_gaps, 1);
	assert_int_equal(totals.n_gap_frames, 480);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_window_counts_by_whether_it_was_classified),
		cmocka_unit_test(
			analysis_times_fall_into_the_bucket_whose_bound_they_do_not_exceed),
		cmocka_unit_test(the_worst_lag_stays_and_the_clock_keeps_its_last_values),
		cmocka_unit_test(another_model_counts_its_events_from_0_and_the_daemon_goes_on),
	};
	return cmocka_run_group_tests_name("running_totals", tests, NULL, NULL);
}
