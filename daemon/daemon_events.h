/* SPDX-License-Identifier: MIT */
/*
 * daemon_events: what the world sees of the daemon: the events it publishes (history, journal, stdout,
 * followers), the socket, and the counts behind status and metrics.
 *
 * The daemon tells it what the analysis and the capture report. Main thread only.
 */
#pragma once

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "config/settings.h"
#include "core/base/diag.h"
#include "daemon/analysis/analysis_report.h"
#include "daemon/analysis/engine.h"
#include "daemon/capture/capture.h"
#include "daemon/status/daemon_status.h"
#include "daemon/store/event_record.h"

struct hk_front_setup {
	const char *instance;             /* must stay */
	bool events_json;                 /* to stdout */
	const struct hk_origins *origins; /* of the settings; need not stay */
	void *owner;
	void (*source)(void *owner, struct hk_capture_status *ret);
	int (*reload)(void *owner, struct hk_diag *diag);
	void (*want_pictures)(void *owner, bool wanted);
	/* Whether the history can be written has changed. */
	void (*on_history)(void *owner);
	/* stdout cannot be written any more. */
	void (*on_broken)(void *owner, int error);
};

struct hk_front;

/* SETTINGS: where the history is kept and the socket lies. ENGINE: until hk_front_engine.
 * Returns 0; a negative errno with DIAG: the socket cannot be bound, -ENOMEM. */
int hk_front_new(struct hk_front **ret, sd_event *event, const struct hk_front_setup *setup,
	const struct hk_settings *settings, const struct hk_engine *engine, struct hk_diag *diag);

/* Ends with what is queued written, or given up and said after some seconds. */
void hk_front_free(struct hk_front *front);

/* Another engine speaks from here on. */
void hk_front_engine(struct hk_front *front, const struct hk_engine *engine);

/* After a reload: what can change while it runs (how long history is kept). */
void hk_front_settings(struct hk_front *front, const struct hk_settings *settings);

/* HK_REPORT_EVENT_START and _END; *ret_record is what will be published. */
void hk_front_event(
	struct hk_front *front, const struct hk_report *report, struct hk_record *ret_record);

/* HK_REPORT_EVENT_SO_FAR: what status, lists and explanations show of it from now on. */
void hk_front_event_so_far(struct hk_front *front, const struct hk_report *report);

void hk_front_window(struct hk_front *front, const struct hk_report *report);
void hk_front_picture(struct hk_front *front, const struct hk_report *report);

/* HK_REPORT_CLOCK: the wall clock was set. */
void hk_front_clock(struct hk_front *front, const struct hk_report *report);
void hk_front_gap(struct hk_front *front, const struct hk_report *report);

/* What is known now; the texts are FRONT's, valid until its next call. */
void hk_front_vitals(struct hk_front *front, struct hk_vitals *ret);

/* The source's state changed. */
void hk_front_source(struct hk_front *front);

/* Log what REPORTS had to drop since the last time. */
void hk_front_check(struct hk_front *front, const struct hk_reports *reports);
