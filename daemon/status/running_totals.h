/* SPDX-License-Identifier: MIT */
/*
 * running_totals: what the daemon has counted since it started, and what its last window was like.
 * GetStatus, GetMetrics and the STATUS= line read it. In the caller's memory, zeroed at first; main
 * thread only.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/model/model.h"
#include "daemon/analysis/analysis_report.h"

/* Upper bounds of the buckets of the analysis time, in seconds; the last bucket has none. */
#define HK_ANALYSIS_BOUNDS_S                                                                       \
	{                                                                                          \
		0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1.0                       \
	}
#define HK_N_ANALYSIS_BUCKETS 11

struct hk_running_totals {
	bool has_clock; /* hk_frame_clock_knows_rate */
	double true_rate_hz, drift_ppm, drift_error_ppm, jitter_ms, r2;
	uint64_t n_clock_segments;
	uint64_t n_windows; /* classified */
	uint64_t n_zero_windows;
	uint64_t n_gaps, n_gap_frames;              /* holes that the analysis saw */
	int64_t last_window_us;                     /* CLOCK_REALTIME; 0: none yet */
	float level_dbfs;                           /* of that window */
	uint64_t n_analysis[HK_N_ANALYSIS_BUCKETS]; /* windows by analysis time */
	double analysis_s;                          /* sum */
	double worst_lag_s;                /* longest time from a block's end to its analysis */
	uint64_t n_events[HK_MAX_CLASSES]; /* starts by label, of the model in use */
	uint64_t n_starts;                 /* events that started, of any model */
	char last_label[HK_LABEL_SIZE];    /* of the latest start; "": none yet */
	int64_t last_start_us;             /* CLOCK_REALTIME */
};

/* HK_ANALYSIS_REPORT_WINDOW. */
void hk_running_totals_add_window(
	struct hk_running_totals *totals, const struct hk_analysis_report_window *window);

/* HK_ANALYSIS_REPORT_GAP: a hole of N_FRAMES. */
void hk_running_totals_add_gap(struct hk_running_totals *totals, uint64_t n_frames);

/* An event of class LABEL (named NAME) started at START_US, CLOCK_REALTIME. Shapes:
 * name[HK_LABEL_SIZE]. */
void hk_running_totals_add_event(
	struct hk_running_totals *totals, uint32_t label, const char *name, int64_t start_us);

/* Another model is in use: its events are counted from 0. */
void hk_running_totals_change_model(struct hk_running_totals *totals);
