/* SPDX-License-Identifier: MIT */
/*
 * analysis_report: what the analysis thread tells main: fixed-size records through a ring of one
 * writer and one reader, and an eventfd that wakes the reader.
 *
 * Writing never waits. Pictures fill at most a quarter of the ring, windows and events so far half
 * of it, so that a main that is late loses those first; what was given up is counted by kind.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/audio/frame_clock.h"
#include "core/classifier/svm.h"
#include "core/detection/detector.h"
#include "core/detection/event.h"
#include "daemon/analysis/picture_strip.h"

enum hk_analysis_report_kind {
	HK_ANALYSIS_REPORT_STREAM,      /* the first block of audio, or of audio at another rate */
	HK_ANALYSIS_REPORT_WINDOW,      /* a window was analysed */
	HK_ANALYSIS_REPORT_PICTURE,     /* a strip of the live picture is there */
	HK_ANALYSIS_REPORT_EVENT_START, /* event.state ongoing */
	HK_ANALYSIS_REPORT_EVENT_END,
	HK_ANALYSIS_REPORT_EVENT_SO_FAR, /* after each window, of each event that goes on */
	HK_ANALYSIS_REPORT_CLOCK,        /* frames or the wall clock stepped */
	HK_ANALYSIS_REPORT_GAP,          /* frames were lost */
	HK_ANALYSIS_REPORT_REMAINDER, /* frames at the end of a stream that are too few for a window
				       */
	HK_ANALYSIS_REPORT_ENGINE,    /* analysis uses another engine from here on */
	HK_ANALYSIS_REPORT_END,       /* the end of the source, all of it analysed */
	HK_ANALYSIS_REPORT_FAILED,    /* analysis cannot go on */
	HK_N_REPORT_KINDS,
};

#define HK_NO_LABEL UINT32_MAX /* of a window of digital zeros */

struct hk_analysis_report {
	enum hk_analysis_report_kind kind;
	uint32_t rate_hz; /* of the frames below */
	union {
		struct hk_analysis_report_window {
			uint64_t first_frame, end_frame;
			int64_t start_us; /* CLOCK_REALTIME */
			float level_dbfs, peak_dbfs;
			uint32_t label;    /* the most probable; HK_NO_LABEL */
			float probability; /* of that */
			float probabilities[HK_MAX_CLASSES];
			bool is_smoothed;
			float smoothed[HK_MAX_CLASSES]; /* what the detector decided by */
			uint8_t gates[HK_MAX_CLASSES];  /* enum hk_gate */
			float analysis_s; /* from the block that completed it to this report */
			float lag_s; /* longest wait of a block since the last window; 0: its source
					has no clock */
			bool has_clock;
			struct hk_frame_clock_status clock;
		} window;
		struct hk_picture_strip picture;
		struct {
			struct hk_event event;
			int64_t start_us, end_us; /* CLOCK_REALTIME */
			bool file; /* seconds from the start of the source mean something */
		} event;
		struct {
			unsigned changes; /* of enum hk_clock_change */
			struct hk_clock_step step;
		} clock;
		struct {
			uint64_t first_frame, n_frames;
		} span; /* HK_ANALYSIS_REPORT_GAP, HK_ANALYSIS_REPORT_REMAINDER */
		struct {
			struct hk_engine *old;  /* main's again */
			struct hk_engine *next; /* what the reports after this one speak of */
		} engine;
		int error; /* HK_ANALYSIS_REPORT_FAILED: negative errno */
	};
};

struct hk_analysis_reports;

/* Returns 0, -ENOMEM, or the errno of eventfd. */
int hk_analysis_reports_new(struct hk_analysis_reports **ret);
void hk_analysis_reports_free(struct hk_analysis_reports *reports);

/* ---- analysis thread ---- */

/* Returns false when there is no room: try again, or hk_analysis_reports_drop. */
bool hk_analysis_reports_write(
	struct hk_analysis_reports *reports, const struct hk_analysis_report *report);

/* Give REPORT up and count it. */
void hk_analysis_reports_drop(
	struct hk_analysis_reports *reports, const struct hk_analysis_report *report);

/* ---- main thread ---- */

/* Readable when there may be reports. Owner: REPORTS. */
int hk_analysis_reports_fd(const struct hk_analysis_reports *reports);

/* Take the oldest. Returns false when there is none, which makes the descriptor quiet again. */
bool hk_analysis_reports_read(struct hk_analysis_reports *reports, struct hk_analysis_report *ret);

/* How many of KIND were dropped. Any thread. */
uint64_t hk_analysis_reports_dropped(
	const struct hk_analysis_reports *reports, enum hk_analysis_report_kind kind);
