/* SPDX-License-Identifier: MIT */
/*
 * analysis: the thread that hears: takes blocks from the capture, feeds the engine, reports what
 * came of it. It shares nothing with main but the reports, a mailbox for the next engine, whether
 * pictures are wanted, and the counters of hk_analysis_pulse.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "daemon/analysis/analysis_report.h"
#include "daemon/analysis/engine.h"
#include "daemon/capture/capture.h"

struct hk_analysis_setup {
	struct hk_capture *capture;          /* must outlive the thread */
	struct hk_analysis_reports *reports; /* must outlive the thread */
	struct hk_engine
		*engine; /* the thread's until an HK_ANALYSIS_REPORT_ENGINE or hk_analysis_stop */
	bool file;       /* the source is a file: seconds from its start mean something */
	bool pipe;       /* the source is a pipe: it may be fed faster than sound */
	bool patient; /* the source waits for us (a file): wait for room rather than drop a report
		       */
};

/* Life signs. */
struct hk_pulse {
	uint64_t n_turns;   /* of the thread's loop, two a second at least */
	uint64_t n_windows; /* analysed, digital zeros included */
	bool overdue;       /* enough audio came for a window, and no window was analysed */
};

struct hk_analysis;

/* Start the thread. Returns 0, -ENOMEM, or the error of pthread_create. Main thread. */
int hk_analysis_new(struct hk_analysis **ret, const struct hk_analysis_setup *setup);

/*
 * Stop the thread; open events end as STATE and are reported. Returns the engine, which is the
 * caller's again. ANALYSIS may be NULL. Main thread.
 */
struct hk_engine *hk_analysis_stop(struct hk_analysis *analysis, enum hk_event_state state);

/*
 * Hand over the next engine; the one before comes back by HK_ANALYSIS_REPORT_ENGINE, its open
 * events ended as interrupted. Returns an engine that was handed over but not taken yet, else NULL:
 * it is the caller's. Main thread.
 */
struct hk_engine *hk_analysis_give(struct hk_analysis *analysis, struct hk_engine *engine);

/* Nothing more will be written into the ring: report the end when it is empty. Main thread. */
void hk_analysis_expect_end(struct hk_analysis *analysis);

/* The source went away, or is back (as at first): while it is away, events that it tore end. Main
 * thread. */
void hk_analysis_source_away(struct hk_analysis *analysis, bool away);

/* Report HK_ANALYSIS_REPORT_PICTURE from now on, or no more (as at first). Main thread. */
void hk_analysis_want_pictures(struct hk_analysis *analysis, bool wanted);

void hk_analysis_pulse(const struct hk_analysis *analysis, struct hk_pulse *ret);
