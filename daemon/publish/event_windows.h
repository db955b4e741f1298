/* SPDX-License-Identifier: MIT */
/*
 * event_windows: the windows behind an event: a few before its start, then those of the event
 * itself, of a long one the first and the last HK_EVENT_WINDOWS_HALF. What ExplainEvent shows. In
 * the caller's memory; main thread only.
 */
#pragma once

#include <jansson.h>
#include <stdint.h>

#include "core/model/model.h"
#include "daemon/analysis/analysis_report.h"

#define HK_EVENT_WINDOWS_BEFORE 5 /* windows before the start */
#define HK_EVENT_WINDOWS_HALF 60

/* The last windows, whatever they were. */
struct hk_recent_windows {
	uint64_t n; /* ever; the newest stands at (n - 1) % 64 */
	struct hk_analysis_report_window windows[64];
};

struct hk_event_windows {
	uint64_t n; /* windows so far, those left out included */
	struct hk_analysis_report_window
		*windows; /* 2 * HK_EVENT_WINDOWS_HALF; NULL: no event is open */
};

void hk_recent_windows_add(
	struct hk_recent_windows *recent, const struct hk_analysis_report_window *window);

/* An event begins at START_FRAME. Returns 0, -ENOMEM (the event goes on without its trail). */
int hk_event_windows_start(struct hk_event_windows *trail, const struct hk_recent_windows *recent,
	uint64_t start_frame);

/* The next window, if an event is open. */
void hk_event_windows_add(
	struct hk_event_windows *trail, const struct hk_analysis_report_window *window);

void hk_event_windows_finish(struct hk_event_windows *trail);

/* type Window of io.hearken.varlink; MODEL names the classes. New references; NULL: out of memory.
 */
json_t *hk_window_json(
	const struct hk_analysis_report_window *window, const struct hk_model *model);

/* type []Window, in order. *RET_OMITTED: windows that were left out in the middle. */
json_t *hk_event_windows_json(
	const struct hk_event_windows *trail, const struct hk_model *model, uint64_t *ret_omitted);
