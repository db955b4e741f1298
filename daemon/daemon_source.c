/* SPDX-License-Identifier: MIT */
/* The daemon's source: the capture, the analysis of it, and what the daemon does on each of its
 * changes. */
#include "daemon/daemon_internal.h"
#include "daemon/log/log.h"
#include "daemon/settings/source_settings.h"

static void on_state(void *owner, const struct hk_capture_status *status)
{
	struct hk_daemon *daemon = owner;
	hk_say_state(status, daemon->source_status.state);
	if (status->state == HK_SOURCE_HEARING && daemon->source.kind == HK_SOURCE_PORTAUDIO &&
		!daemon->rights_said) {
		daemon->rights_said = true;
		hk_say_priority(status);
		hk_say_confinement(status);
	}
	if (status->state == HK_SOURCE_ENDED) {
		hk_analysis_expect_end(daemon->analysis);
	}
	if (daemon->analysis) {
		hk_analysis_source_away(daemon->analysis,
			status->state == HK_SOURCE_LOST || status->state == HK_SOURCE_RECOVERING);
	}
	daemon->source_status = *status;
	hk_systemd_status_changed(daemon->life);
	hk_daemon_events_source(daemon->events);
}

static void on_clipping(void *owner, double share)
{
	(void)owner;
	hk_say_clipping(share);
}

static void on_samples(void *owner, const char *text)
{
	(void)owner;
	hk_say_samples(text);
}

static void on_note(void *owner, const char *text)
{
	(void)owner;
	hk_log(HK_LOG_WARNING, "%s", text);
}

/* ---- engines and sources ---- */

int hk_daemon_open_source(struct hk_daemon *daemon, struct hk_capture **ret,
	const struct hk_capture_options *source, const struct hk_setting_origins *origins,
	struct hk_diag *diag)
{
	const struct hk_capture_sink sink = { daemon, on_state, on_clipping, on_samples, on_note };
	return hk_source_open(ret, daemon->event, source, &sink, origins, diag);
}

int hk_daemon_start_analysis(struct hk_daemon *daemon)
{
	const struct hk_analysis_setup setup = {
		.capture = daemon->capture,
		.reports = daemon->reports,
		.engine = daemon->engine,
		.file = daemon->source.kind == HK_SOURCE_FILE,
		.pipe = daemon->source.kind == HK_SOURCE_PIPE,
		.patient = daemon->source.kind == HK_SOURCE_FILE && !daemon->source.realtime,
	};
	const int r = hk_analysis_new(&daemon->analysis, &setup);
	if (r == 0) {
		hk_analysis_want_pictures(daemon->analysis, daemon->pictures_wanted);
		hk_systemd_status_set_analysis(daemon->life, daemon->analysis);
	}
	return r;
}

void hk_daemon_stop_analysis(struct hk_daemon *daemon, enum hk_event_state state)
{
	hk_systemd_status_set_analysis(daemon->life, NULL);
	struct hk_engine *engine = hk_analysis_stop(daemon->analysis, state);
	daemon->analysis = NULL;
	hk_daemon_read_reports(daemon);
	if (engine) {
		daemon->engine = engine;
	}
}
