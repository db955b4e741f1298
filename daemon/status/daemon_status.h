/* SPDX-License-Identifier: MIT */
/*
 * daemon_status: what the daemon knows of itself at one moment.
 *
 * Main fills one of these on request; GetStatus, GetMetrics and the STATUS= line are made from it and from
 * nothing else, so they cannot disagree. tests/unit/test-vitals.c has a row for each field: which metrics,
 * which members of Status and whether the line change with it.
 * Pointers are borrowed until main's next step. Main thread only.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/model/model.h"
#include "daemon/capture/capture.h"
#include "daemon/store/event_record.h"
#include "daemon/store/store.h"
#include "daemon/varlink/varlink.h"

/* Upper bounds of the buckets of the analysis time, in seconds; the last bucket has none. */
#define HK_ANALYSIS_BOUNDS_S                                                                       \
	{                                                                                          \
		0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1.0                       \
	}
#define HK_N_ANALYSIS_BUCKETS 11

struct hk_vitals {
	const char *instance;
	int64_t started_us; /* CLOCK_REALTIME */
	struct hk_capture_status source;
	int64_t source_since_us;    /* CLOCK_REALTIME of the last change of its state */
	const char *bandwidth_note; /* NULL: the source delivers what the model was trained on */
	const struct hk_model *model;
	bool has_clock; /* the frame clock has seen enough */
	double true_rate_hz, drift_ppm, jitter_ms, r2;
	uint64_t n_clock_segments;
	struct hk_store_status store;
	const char *store_path; /* NULL: no history is kept */
	uint64_t n_windows;     /* classified */
	uint64_t n_zero_windows;
	uint64_t n_gaps, n_gap_frames;              /* holes that the analysis saw */
	int64_t last_window_us;                     /* CLOCK_REALTIME; 0: none yet */
	float level_dbfs;                           /* of that window */
	uint64_t n_analysis[HK_N_ANALYSIS_BUCKETS]; /* windows by analysis time */
	double analysis_s;                          /* sum */
	double worst_lag_s;       /* longest time from a block's end to its analysis */
	const uint64_t *n_events; /* model->n_labels: starts by label, of this model */
	uint64_t n_starts;        /* events that started since the daemon did, of any model */
	const char *last_label;   /* of the latest start; set when n_starts > 0 */
	int64_t last_start_us;    /* CLOCK_REALTIME */
	const struct hk_record *ongoing;
	size_t n_ongoing;
	struct hk_varlink_stats clients;
};

/* type Source and type Status of io.hearken.varlink. New references; NULL: out of memory. */
json_t *hk_vitals_source_json(const struct hk_vitals *vitals);
json_t *hk_vitals_status_json(const struct hk_vitals *vitals);

/* One line for STATUS= of sd_notify, cut to SIZE, in UTF-8. */
void hk_vitals_line(const struct hk_vitals *vitals, char *ret_line, size_t size);
