/* SPDX-License-Identifier: MIT */
/*
 * ongoing_events: the events that have started and not ended: their ids, how far each has come, the
 * windows behind it, and what is dated again once the wall clock is right.
 *
 * At most one per class. In the caller's memory; main thread only.
 */
#pragma once

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "core/model/model.h"
#include "daemon/analysis/analysis_report.h"
#include "daemon/publish/event_ids.h"
#include "daemon/publish/event_windows.h"
#include "daemon/publish/redating.h"
#include "daemon/store/event_record.h"
#include "daemon/store/store.h"

struct hk_ongoing_events {
	struct hk_event_ids ids;
	struct hk_redating redating;
	struct hk_recent_windows recent;
	struct hk_event_windows trails[HK_MAX_CLASSES]; /* by label */
	struct hk_event_record records[HK_MAX_CLASSES]; /* by label; id 0: none */
	struct hk_event_record listed[HK_MAX_CLASSES]; /* these side by side, of the last listing */
};

/* ONGOING is zeroed. */
void hk_ongoing_events_init(struct hk_ongoing_events *ongoing);
void hk_ongoing_events_finish(struct hk_ongoing_events *ongoing);

/* RECORD starts or ends an event: gives it its id and the times under which it is published
 * (event_ids.h). STORE: NULL when no history is kept. */
void hk_ongoing_events_identify(
	struct hk_ongoing_events *ongoing, struct hk_store *store, struct hk_event_record *record);

/*
 * Before RECORD is published: a start begins to collect windows, an end leaves the list.
 * Returns the windows as the history keeps them, JSON text, malloc'd; NULL: none, or out of memory
 * (the event goes on without them).
 */
char *hk_ongoing_events_windows(struct hk_ongoing_events *ongoing,
	const struct hk_event_record *record, const struct hk_model *model);

/* RECORD, a start, was published: it is listed from now on. */
void hk_ongoing_events_add(struct hk_ongoing_events *ongoing, const struct hk_event_record *record);

/* HK_ANALYSIS_REPORT_EVENT_SO_FAR. */
void hk_ongoing_events_extend(
	struct hk_ongoing_events *ongoing, const struct hk_analysis_report *report);

/* RECORD is published, and is in the history if it says so. */
void hk_ongoing_events_published(
	struct hk_ongoing_events *ongoing, const struct hk_event_record *record);

void hk_ongoing_events_add_window(
	struct hk_ongoing_events *ongoing, const struct hk_analysis_report_window *window);

/* Another model classifies from now on: older windows explain none of its events. */
void hk_ongoing_events_change_model(struct hk_ongoing_events *ongoing);

/* The wall clock was set forward by STEP_US. */
void hk_ongoing_events_clock_set(struct hk_ongoing_events *ongoing, int64_t step_us);

/* Date again what was dated before the clock was right, if it has just become so, here and in STORE
 * (NULL: no history is kept). Logs what it does. */
void hk_ongoing_events_redate(
	struct hk_ongoing_events *ongoing, struct hk_store *store, const char *store_path);

/* In the order of the labels. Valid until the next call. */
const struct hk_event_record *hk_ongoing_events_list(
	struct hk_ongoing_events *ongoing, size_t *ret_n);

/* Windows so far of the event ID, type []Window of io.hearken.varlink, and how many were left out;
 * NULL: it is not ongoing, or out of memory. New reference. */
json_t *hk_ongoing_events_explain(const struct hk_ongoing_events *ongoing, uint64_t id,
	const struct hk_model *model, uint64_t *ret_omitted);
