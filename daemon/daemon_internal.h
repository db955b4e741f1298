/* SPDX-License-Identifier: MIT */
/*
 * daemon_internal: what the files of the daemon share. Not for others: they use daemon.h. Main
 * thread only.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "daemon/analysis/analysis.h"
#include "daemon/analysis/analysis_report.h"
#include "daemon/analysis/engine.h"
#include "daemon/capture/capture.h"
#include "daemon/daemon_events.h"
#include "daemon/log/exit_codes.h"
#include "daemon/log_messages.h"
#include "daemon/settings/daemon_options.h"
#include "daemon/settings/setting_origin.h"
#include "daemon/systemd_status.h"

struct hk_daemon {
	const struct hk_options *options;
	struct hk_settings settings;
	struct hk_capture_options source;

	sd_event *event;
	struct hk_analysis_reports *reports;
	struct hk_capture *capture;
	struct hk_capture_status source_status; /* at the last change of its state */
	struct hk_analysis *analysis;
	bool pictures_wanted;
	struct hk_engine *engine; /* the analysis' own; what reports speak of */
	struct hk_engine *newest; /* handed over last; the same as `engine` once it was taken */
	struct hk_losses losses;
	uint64_t n_logged_dropped; /* reports that were dropped, as far as the log says so */
	bool rights_said;
	struct hk_systemd_status *life;
	struct hk_daemon_events *events;
	bool stopping; /* what the history reports then changes no status line */
};

/* ---- daemon_reports.c ---- */

/* Act on every report that waits. */
void hk_daemon_read_reports(struct hk_daemon *daemon);

/* ---- daemon_source.c ---- */

/* Open SOURCE, whose states DAEMON follows. Returns as hk_source_open. */
int hk_daemon_open_source(struct hk_daemon *daemon, struct hk_capture **ret,
	const struct hk_capture_options *source, const struct hk_setting_origins *origins,
	struct hk_diag *diag);

/* Analyse daemon->capture by daemon->engine. Returns 0, -ENOMEM, -EAGAIN (no thread). */
int hk_daemon_start_analysis(struct hk_daemon *daemon);

/* Ongoing events end in STATE; what was reported until then is acted on. */
void hk_daemon_stop_analysis(struct hk_daemon *daemon, enum hk_event_state state);

/* ---- daemon_reload.c ---- */

/* Read configuration and model again; systemd and the log get to know what came of it. Returns 0,
 * or a negative errno with DIAG; nothing has changed then. */
int hk_daemon_reload(struct hk_daemon *daemon, struct hk_diag *diag);
