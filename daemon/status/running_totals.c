/* SPDX-License-Identifier: MIT */
#include "daemon/status/running_totals.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static size_t bucket_of(double analysis_s)
{
	static const double bounds_s[] = HK_ANALYSIS_BOUNDS_S;
	size_t bucket = 0;
	while (bucket + 1 < HK_N_ANALYSIS_BUCKETS && analysis_s > bounds_s[bucket]) {
		bucket++;
	}
	return bucket;
}

static void take_clock(
	struct hk_running_totals *totals, const struct hk_analysis_report_window *window)
{
	totals->has_clock = window->has_clock && hk_frame_clock_knows_rate(&window->clock);
	if (window->has_clock) {
		totals->true_rate_hz = window->clock.rate_hz;
		totals->drift_ppm = window->clock.drift_ppm;
		totals->drift_error_ppm = window->clock.drift_error_ppm;
		totals->jitter_ms = window->clock.residual_rms_s * 1e3;
		totals->r2 = window->clock.r2;
		totals->n_clock_segments = window->clock.n_segments;
	}
}

void hk_running_totals_add_window(
	struct hk_running_totals *totals, const struct hk_analysis_report_window *window)
{
	if (window->label == HK_NO_LABEL) {
		totals->n_zero_windows++;
	} else {
		totals->n_windows++;
	}
	totals->n_analysis[bucket_of((double)window->analysis_s)]++;
	totals->analysis_s += (double)window->analysis_s;
	totals->worst_lag_s = fmax(totals->worst_lag_s, (double)window->lag_s);
	totals->last_window_us = window->start_us;
	totals->level_dbfs = window->level_dbfs;
	take_clock(totals, window);
}

void hk_running_totals_add_gap(struct hk_running_totals *totals, uint64_t n_frames)
{
	totals->n_gaps++;
	totals->n_gap_frames += n_frames;
}

void hk_running_totals_add_event(
	struct hk_running_totals *totals, uint32_t label, const char *name, int64_t start_us)
{
	assert(label < HK_MAX_CLASSES);
	totals->n_events[label]++;
	totals->n_starts++;
	totals->last_start_us = start_us;
	memcpy(totals->last_label, name, sizeof(totals->last_label));
}

void hk_running_totals_change_model(struct hk_running_totals *totals)
{
	memset(totals->n_events, 0, sizeof(totals->n_events));
}
