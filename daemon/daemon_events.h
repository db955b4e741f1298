/* SPDX-License-Identifier: MIT */
/*
 * daemon_events: takes what the analysis reports of events and windows, and owns what it goes
 * through: the running totals, the ongoing events, the history, the publisher, the outlets and the
 * socket.
 *
 * Main thread only.
 */
#pragma once

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "config/settings.h"
#include "core/base/diag.h"
#include "daemon/analysis/analysis_report.h"
#include "daemon/analysis/engine.h"
#include "daemon/api/api.h"
#include "daemon/settings/setting_origin.h"
#include "daemon/status/daemon_status.h"
#include "daemon/store/event_record.h"

struct hk_daemon_events_setup {
	const char *instance;                     /* must stay */
	bool events_json;                         /* to stdout */
	const struct hk_setting_origins *origins; /* of the settings; need not stay */
	struct hk_api_daemon api; /* what the methods on the socket need of the daemon */
	void *owner;
	/* Whether the history can be written has changed. */
	void (*on_history)(void *owner);
	/* stdout cannot be written any more. */
	void (*on_broken)(void *owner, int error);
};

struct hk_daemon_events;

/* SETTINGS: where the history is kept and the socket lies. ENGINE: until hk_daemon_events_engine.
 * Returns 0; a negative errno with DIAG: the socket cannot be bound, -ENOMEM. */
int hk_daemon_events_new(struct hk_daemon_events **ret, sd_event *event,
	const struct hk_daemon_events_setup *setup, const struct hk_settings *settings,
	const struct hk_engine *engine, struct hk_diag *diag);

/* Ends with what is queued written, or given up after some seconds, which is logged. */
void hk_daemon_events_free(struct hk_daemon_events *events);

/* Reports come from another engine from here on. */
void hk_daemon_events_engine(struct hk_daemon_events *events, const struct hk_engine *engine);

/* After a reload: what can change while it runs (how long history is kept). */
void hk_daemon_events_settings(struct hk_daemon_events *events, const struct hk_settings *settings);

/* HK_ANALYSIS_REPORT_EVENT_START and _END: publish it. */
void hk_daemon_events_event(
	struct hk_daemon_events *events, const struct hk_analysis_report *report);

/* HK_ANALYSIS_REPORT_EVENT_SO_FAR: what status, lists and explanations show of it from now on. */
void hk_daemon_events_event_so_far(
	struct hk_daemon_events *events, const struct hk_analysis_report *report);

void hk_daemon_events_window(
	struct hk_daemon_events *events, const struct hk_analysis_report *report);
void hk_daemon_events_picture(
	struct hk_daemon_events *events, const struct hk_analysis_report *report);

/* HK_ANALYSIS_REPORT_CLOCK: the wall clock was set. */
void hk_daemon_events_clock(
	struct hk_daemon_events *events, const struct hk_analysis_report *report);
void hk_daemon_events_gap(struct hk_daemon_events *events, const struct hk_analysis_report *report);

/* All of the vitals but the source; the pointers are EVENTS', valid until its next call. */
void hk_daemon_events_vitals(struct hk_daemon_events *events, struct hk_daemon_status *ret);

/* For hk_api_daemon.trail: as hk_ongoing_events_explain. */
json_t *hk_daemon_events_trail(
	const struct hk_daemon_events *events, uint64_t id, uint64_t *ret_omitted);

/* The source's state changed. */
void hk_daemon_events_source(struct hk_daemon_events *events);
