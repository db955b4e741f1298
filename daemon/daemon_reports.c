/* SPDX-License-Identifier: MIT */
/* What the daemon does on each report of the analysis. */
#include <string.h>

#include "daemon/capture-shared/clock.h"
#include "daemon/daemon_internal.h"
#include "daemon/log/log.h"

static void on_stream(struct hk_daemon *daemon, uint32_t rate_hz)
{
	struct hk_capture_status status;
	hk_capture_look(daemon->capture); /* so that "hearing" is known as soon as it is true */
	hk_capture_status(daemon->capture, &status);
	hk_say_stream(hk_engine_model(daemon->engine), &status, rate_hz);
	hk_systemd_status_heard(daemon->life);
}

static void on_event(struct hk_daemon *daemon, const struct hk_analysis_report *report)
{
	hk_daemon_events_event(daemon->events, report);
	if (report->event.event.state == HK_EVENT_ONGOING) {
		hk_systemd_status_changed(daemon->life);
	}
}

static void on_engine(struct hk_daemon *daemon, const struct hk_analysis_report *report)
{
	daemon->engine = report->engine.next;
	hk_daemon_events_engine(daemon->events, daemon->engine);
	hk_engine_free(report->engine.old);
	hk_systemd_status_changed(daemon->life);
}

static void on_report(struct hk_daemon *daemon, const struct hk_analysis_report *report)
{
	switch (report->kind) {
	case HK_ANALYSIS_REPORT_STREAM:
		on_stream(daemon, report->rate_hz);
		break;
	case HK_ANALYSIS_REPORT_WINDOW:
		hk_daemon_events_window(daemon->events, report);
		hk_say_window(hk_engine_model(daemon->engine), report);
		break;
	case HK_ANALYSIS_REPORT_PICTURE:
		hk_daemon_events_picture(daemon->events, report);
		break;
	case HK_ANALYSIS_REPORT_EVENT_START:
	case HK_ANALYSIS_REPORT_EVENT_END:
		on_event(daemon, report);
		break;
	case HK_ANALYSIS_REPORT_EVENT_SO_FAR:
		hk_daemon_events_event_so_far(daemon->events, report);
		break;
	case HK_ANALYSIS_REPORT_CLOCK:
		hk_say_clock(report);
		hk_daemon_events_clock(daemon->events, report);
		break;
	case HK_ANALYSIS_REPORT_GAP:
		hk_daemon_events_gap(daemon->events, report);
		hk_losses_add(&daemon->losses, report);
		break;
	case HK_ANALYSIS_REPORT_REMAINDER:
		hk_say_remainder(report);
		break;
	case HK_ANALYSIS_REPORT_ENGINE:
		on_engine(daemon, report);
		break;
	case HK_ANALYSIS_REPORT_END:
		/* Why the source ended was said when it did. */
		sd_event_exit(daemon->event,
			daemon->source_status.why[0] ? HK_EXIT_NO_INPUT : HK_EXIT_OK);
		break;
	case HK_ANALYSIS_REPORT_FAILED:
		hk_log(HK_LOG_ERR, "analysis cannot go on: %s", strerror(-report->error));
		sd_event_exit(daemon->event, HK_EXIT_FAILURE);
		break;
	case HK_N_REPORT_KINDS:
		break;
	}
}

/* Log what the reports had to drop since the last time. */
static void check_dropped(struct hk_daemon *daemon)
{
	uint64_t n_dropped = 0;
	for (int kind = 0; kind < HK_N_REPORT_KINDS; kind++) {
		n_dropped += hk_analysis_reports_dropped(
			daemon->reports, (enum hk_analysis_report_kind)kind);
	}
	if (n_dropped != daemon->n_logged_dropped) {
		hk_say_dropped(n_dropped,
			hk_analysis_reports_dropped(
				daemon->reports, HK_ANALYSIS_REPORT_EVENT_START) +
				hk_analysis_reports_dropped(
					daemon->reports, HK_ANALYSIS_REPORT_EVENT_END));
		daemon->n_logged_dropped = n_dropped;
	}
}

void hk_daemon_read_reports(struct hk_daemon *daemon)
{
	struct hk_analysis_report report;
	while (hk_analysis_reports_read(daemon->reports, &report)) {
		on_report(daemon, &report);
	}
	hk_losses_say(&daemon->losses, hk_clock_ns());
	check_dropped(daemon);
}
