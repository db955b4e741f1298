/* SPDX-License-Identifier: MIT */
#include "daemon/daemon.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-event.h>
#include <time.h>

#include "daemon/analysis/analysis.h"
#include "daemon/analysis/analysis_report.h"
#include "daemon/analysis/engine.h"
#include "daemon/daemon_events.h"
#include "daemon/log/log.h"
#include "daemon/log/notify.h"
#include "daemon/log_messages.h"
#include "daemon/settings/setting_origin.h"
#include "daemon/settings/source_settings.h"
#include "daemon/systemd_status.h"
#include "daemon/varlink/waiting_clients.h"

struct daemon {
	const struct hk_options *options;
	struct hk_settings settings;
	struct hk_capture_options source;

	sd_event *event;
	struct hk_reports *reports;
	struct hk_capture *capture;
	struct hk_capture_status source_status; /* at the last change of its state */
	struct hk_analysis *analysis;
	bool pictures_wanted;
	struct hk_engine *engine; /* the analysis' own; what reports speak of */
	struct hk_engine *newest; /* handed over last; the same as `engine` once it was taken */
	struct hk_losses losses;
	bool rights_said;
	struct hk_life *life;
	struct hk_front *front;
};

/* ---- what the analysis reports ---- */

static void on_stream(struct daemon *daemon, uint32_t rate_hz)
{
	struct hk_capture_status status;
	hk_capture_look(daemon->capture); /* so that "hearing" is known as soon as it is true */
	hk_capture_status(daemon->capture, &status);
	hk_say_stream(hk_engine_model(daemon->engine), &status, rate_hz);
	hk_life_heard(daemon->life);
}

static void on_event(struct daemon *daemon, const struct hk_report *report)
{
	struct hk_record record;
	hk_front_event(daemon->front, report, &record);
	if (record.event.state == HK_EVENT_ONGOING) {
		hk_life_changed(daemon->life);
	}
}

static void on_engine(struct daemon *daemon, const struct hk_report *report)
{
	daemon->engine = report->engine.next;
	hk_front_engine(daemon->front, daemon->engine);
	hk_engine_free(report->engine.old);
	hk_life_changed(daemon->life);
}

static void on_report(struct daemon *daemon, const struct hk_report *report)
{
	switch (report->kind) {
	case HK_REPORT_STREAM:
		on_stream(daemon, report->rate_hz);
		break;
	case HK_REPORT_WINDOW:
		hk_front_window(daemon->front, report);
		hk_say_window(hk_engine_model(daemon->engine), report);
		break;
	case HK_REPORT_PICTURE:
		hk_front_picture(daemon->front, report);
		break;
	case HK_REPORT_EVENT_START:
	case HK_REPORT_EVENT_END:
		on_event(daemon, report);
		break;
	case HK_REPORT_EVENT_SO_FAR:
		hk_front_event_so_far(daemon->front, report);
		break;
	case HK_REPORT_CLOCK:
		hk_say_clock(report);
		hk_front_clock(daemon->front, report);
		break;
	case HK_REPORT_GAP:
		hk_front_gap(daemon->front, report);
		hk_losses_add(&daemon->losses, report);
		break;
	case HK_REPORT_REMAINDER:
		hk_say_remainder(report);
		break;
	case HK_REPORT_ENGINE:
		on_engine(daemon, report);
		break;
	case HK_REPORT_END:
		/* Why the source ended was said when it did. */
		sd_event_exit(daemon->event,
			daemon->source_status.why[0] ? HK_EXIT_NO_INPUT : HK_EXIT_OK);
		break;
	case HK_REPORT_FAILED:
		hk_log(HK_LOG_ERR, "analysis cannot go on: %s", strerror(-report->error));
		sd_event_exit(daemon->event, HK_EXIT_FAILURE);
		break;
	case HK_N_REPORT_KINDS:
		break;
	}
}

static int64_t now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static void read_reports(struct daemon *daemon)
{
	struct hk_report report;
	while (hk_reports_read(daemon->reports, &report)) {
		on_report(daemon, &report);
	}
	hk_losses_say(&daemon->losses, now_ns());
	hk_front_check(daemon->front, daemon->reports);
}

static int on_reports(sd_event_source *source, int fd, uint32_t revents, void *owner)
{
	(void)source;
	(void)fd;
	(void)revents;
	read_reports(owner);
	return 0;
}

/* ---- what the capture says ---- */

static void on_state(void *owner, const struct hk_capture_status *status)
{
	struct daemon *daemon = owner;
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
	hk_life_changed(daemon->life);
	hk_front_source(daemon->front);
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

static int start_capture(struct daemon *daemon, struct hk_capture **ret,
	const struct hk_capture_options *source, const struct hk_origins *origins,
	struct hk_diag *diag)
{
	const struct hk_capture_sink sink = { daemon, on_state, on_clipping, on_samples, on_note };
	return hk_source_open(ret, daemon->event, source, &sink, origins, diag);
}

static int start_analysis(struct daemon *daemon)
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
		hk_life_set_analysis(daemon->life, daemon->analysis);
	}
	return r;
}

static void stop_analysis(struct daemon *daemon, enum hk_event_state state)
{
	hk_life_set_analysis(daemon->life, NULL);
	struct hk_engine *engine = hk_analysis_stop(daemon->analysis, state);
	daemon->analysis = NULL;
	read_reports(daemon);
	if (engine) {
		daemon->engine = engine;
	}
}

/* ---- reload ---- */

/* Hear SOURCE with ENGINE from now on. On failure nothing has changed and ENGINE is the caller's. */
static int change_source(struct daemon *daemon, const struct hk_capture_options *source,
	struct hk_engine *engine, const struct hk_origins *origins, struct hk_diag *diag)
{
	struct hk_capture *capture = NULL;
	int r = start_capture(daemon, &capture, source, origins, diag);
	if (r < 0) {
		return r;
	}
	stop_analysis(daemon, HK_EVENT_INTERRUPTED);
	hk_capture_free(daemon->capture);
	hk_front_engine(daemon->front, engine);
	hk_engine_free(daemon->engine);
	daemon->capture = capture;
	daemon->source = *source;
	daemon->engine = daemon->newest = engine;
	hk_say_model(hk_engine_model(engine));
	hk_capture_status(capture, &daemon->source_status);
	hk_life_changed(daemon->life);
	r = start_analysis(daemon);
	if (r < 0) {
		hk_log(HK_LOG_ERR, "cannot start the analysis thread: %s", strerror(-r));
		sd_event_exit(daemon->event, HK_EXIT_FAILURE);
	}
	return 0;
}

static void change_engine(struct daemon *daemon, struct hk_engine *engine)
{
	if (hk_engine_same(engine, daemon->newest)) {
		hk_engine_free(engine);
		return;
	}
	daemon->newest = engine;
	hk_engine_free(hk_analysis_give(daemon->analysis, engine));
	hk_say_model(hk_engine_model(engine));
}

/* What a reload would not make so is refused, or it would be believed to be so. */
static int check_reloadable(const struct daemon *daemon, const struct hk_settings *wanted,
	const struct hk_origins *origins, struct hk_diag *diag)
{
	const struct hk_param *setting = hk_settings_needs_start(&daemon->settings, wanted);
	if (!setting) {
		return 0;
	}
	char running[HK_DIAG_SIZE] = "...", found[HK_DIAG_SIZE] = "...";
	(void)hk_param_print(setting, &daemon->settings, running, sizeof(running));
	(void)hk_param_print(setting, wanted, found, sizeof(found));
	return hk_origin_refuse(origins, setting->section, setting->key, -EINVAL, diag,
		"takes effect at the next start only: expected \"%s\", as it was started, got \"%s\"",
		running, found);
}

/* SETTINGS and CONFIG from now on, or all stays as it is. */
static int change_settings(struct daemon *daemon, const struct hk_settings *settings,
	const struct hk_config *config, struct hk_diag *diag)
{
	const struct hk_origins origins = { daemon->options, config };
	int r = check_reloadable(daemon, settings, &origins, diag);
	if (r < 0) {
		return r;
	}
	struct hk_engine *engine = NULL;
	r = hk_engine_new(&engine, settings->model.path, &origins, diag);
	struct hk_capture_options source;
	if (r == 0) {
		r = hk_source_options(
			settings, &origins, hk_engine_model(engine)->rate_hz, &source, diag);
	}
	if (r == 0) {
		hk_say_foreign_classes(config, hk_engine_model(engine));
	}
	if (r == 0 && !hk_source_same(&source, &daemon->source)) {
		r = change_source(daemon, &source, engine, &origins, diag);
	} else if (r == 0) {
		change_engine(daemon, engine);
	}
	if (r < 0) {
		hk_engine_free(engine);
		return r;
	}
	daemon->settings = *settings;
	hk_front_settings(daemon->front, settings);
	hk_log_setup((enum hk_log_level)settings->log.level, daemon->options->instance);
	return 0;
}

static int reload(struct daemon *daemon, struct hk_diag *diag)
{
	struct hk_settings settings;
	struct hk_config *config = NULL;
	enum hk_options_fault fault;
	int r = hk_options_settings(daemon->options, &settings, &config, &fault, diag);
	if (r == 0) {
		r = change_settings(daemon, &settings, config, diag);
		hk_config_free(config);
	}
	return r;
}

/* Reload, and say what came of it to systemd and the log. */
static int reload_loudly(void *owner, struct hk_diag *diag)
{
	struct daemon *daemon = owner;
	hk_life_reloading(daemon->life);
	const int r = reload(daemon, diag);
	if (r < 0) {
		hk_log(HK_LOG_ERR, "reload refused, all stays as it was: %s", diag->text);
	} else {
		hk_log(HK_LOG_INFO, "configuration and model read again");
	}
	malloc_trim(0); /* two models and their text were there: as much again as all else */
	hk_life_reloaded(daemon->life);
	return r;
}

static int on_hangup(sd_event_source *source, const struct signalfd_siginfo *info, void *owner)
{
	(void)source;
	(void)info;
	struct hk_diag diag = { "out of memory" };
	(void)reload_loudly(owner, &diag);
	return 0;
}

static int on_stop(sd_event_source *source, const struct signalfd_siginfo *info, void *owner)
{
	(void)owner;
	hk_log(HK_LOG_INFO, "stopping on signal %s", sigabbrev_np((int)info->ssi_signo));
	return sd_event_exit(sd_event_source_get_event(source), HK_EXIT_OK);
}

/* ---- what the front asks ---- */

static void get_source(void *owner, struct hk_capture_status *ret)
{
	const struct daemon *daemon = owner;
	*ret = daemon->source_status;
	if (daemon->capture) {
		hk_capture_status(daemon->capture, ret);
	}
}

static void get_vitals(void *owner, struct hk_vitals *ret)
{
	const struct daemon *daemon = owner;
	hk_front_vitals(daemon->front, ret);
}

static void on_history(void *owner)
{
	const struct daemon *daemon = owner;
	if (daemon->front) {
		hk_life_changed(daemon->life);
	}
}

static void want_pictures(void *owner, bool wanted)
{
	struct daemon *daemon = owner;
	daemon->pictures_wanted = wanted;
	if (daemon->analysis) {
		hk_analysis_want_pictures(daemon->analysis, wanted);
	}
}

static void on_broken(void *owner, int error)
{
	const struct daemon *daemon = owner;
	hk_log(HK_LOG_ERR, "cannot write an event to stdout: %s", strerror(-error));
	sd_event_exit(daemon->event, HK_EXIT_FAILURE);
}

static int open_front(struct daemon *daemon, const struct hk_origins *origins, struct hk_diag *diag)
{
	const struct hk_front_setup setup = {
		.instance = daemon->options->instance,
		.events_json = daemon->options->events_json,
		.origins = origins,
		.owner = daemon,
		.source = get_source,
		.reload = reload_loudly,
		.want_pictures = want_pictures,
		.on_history = on_history,
		.on_broken = on_broken,
	};
	return hk_front_new(
		&daemon->front, daemon->event, &setup, &daemon->settings, daemon->engine, diag);
}

/* ---- the daemon's life ---- */

/* Before the first thread, which inherits it: these signals come to the loop. Up to here they end us. */
static void block_stop_signals(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static int setup_loop(struct daemon *daemon)
{
	block_stop_signals();
	int r = sd_event_new(&daemon->event);
	if (r >= 0) {
		r = sd_event_add_signal(daemon->event, NULL, SIGTERM, on_stop, daemon);
	}
	if (r >= 0) {
		r = sd_event_add_signal(daemon->event, NULL, SIGINT, on_stop, daemon);
	}
	if (r >= 0) {
		r = sd_event_add_signal(daemon->event, NULL, SIGHUP, on_hangup, daemon);
	}
	if (r >= 0) {
		r = hk_reports_new(&daemon->reports);
	}
	if (r >= 0) {
		r = sd_event_add_io(daemon->event, NULL, hk_reports_fd(daemon->reports), EPOLLIN,
			on_reports, daemon);
	}
	return r < 0 ? r : 0;
}

static enum hk_exit setup(struct daemon *daemon, const struct hk_config *config)
{
	struct hk_diag diag = { "out of memory" };
	const struct hk_origins origins = { daemon->options, config };
	int r = hk_engine_new(&daemon->engine, daemon->settings.model.path, &origins, &diag);
	if (r < 0) {
		hk_log(HK_LOG_ERR, "%s", diag.text);
		return HK_EXIT_CONFIG;
	}
	daemon->newest = daemon->engine;
	const struct hk_model *model = hk_engine_model(daemon->engine);
	r = hk_source_options(&daemon->settings, &origins, model->rate_hz, &daemon->source, &diag);
	if (r < 0) {
		hk_log(HK_LOG_ERR, "%s", diag.text);
		return HK_EXIT_CONFIG;
	}
	hk_log(HK_LOG_INFO, "hearkend " HK_VERSION ", instance %s", daemon->options->instance);
	hk_say_model(model);
	hk_say_foreign_classes(config, model);

	r = setup_loop(daemon);
	if (r == 0) {
		const struct hk_life_setup life = { daemon->settings.daemon.ready_timeout_s, daemon,
			get_vitals };
		r = hk_life_new(&daemon->life, daemon->event, &life);
	}
	if (r < 0) {
		hk_log(HK_LOG_ERR, "cannot set up the event loop: %s", strerror(-r));
		return HK_EXIT_FAILURE;
	}
	r = open_front(daemon, &origins, &diag);
	if (r < 0) {
		hk_log(HK_LOG_ERR, "%s", diag.text);
		return HK_EXIT_FAILURE;
	}
	r = start_capture(daemon, &daemon->capture, &daemon->source, &origins, &diag);
	if (r < 0) {
		hk_log(HK_LOG_ERR, "%s", diag.text);
		return HK_EXIT_NO_INPUT;
	}
	hk_capture_status(daemon->capture, &daemon->source_status);
	hk_life_changed(daemon->life);
	r = start_analysis(daemon);
	if (r < 0) {
		hk_log(HK_LOG_ERR, "cannot start the analysis thread: %s", strerror(-r));
		return HK_EXIT_FAILURE;
	}
	return HK_EXIT_OK;
}

static void finish(struct daemon *daemon)
{
	hk_notify_stopping();
	if (daemon->analysis) {
		stop_analysis(daemon, HK_EVENT_INTERRUPTED);
	}
	struct hk_front *front = daemon->front;
	daemon->front = NULL; /* what the history reports at the end changes no status line */
	hk_front_free(front);
	hk_capture_free(daemon->capture);
	hk_life_free(daemon->life);
	hk_reports_free(daemon->reports);
	hk_engine_free(daemon->engine);
	sd_event_unref(daemon->event);
}

enum hk_exit hk_daemon_run(const struct hk_options *options, const struct hk_settings *settings,
	const struct hk_config *config)
{
	struct daemon *daemon = calloc(1, sizeof(*daemon));
	if (!daemon) {
		hk_log(HK_LOG_ERR, "out of memory");
		return HK_EXIT_FAILURE;
	}
	daemon->options = options;
	daemon->settings = *settings;
	enum hk_exit code = setup(daemon, config);
	if (code != HK_EXIT_OK) {
		hk_waiting_refuse(options->instance, hk_log_last_error());
	} else {
		const int r = sd_event_loop(daemon->event);
		if (r < 0) {
			hk_log(HK_LOG_ERR, "the event loop failed: %s", strerror(-r));
		}
		code = r < 0 ? HK_EXIT_FAILURE : (enum hk_exit)r;
	}
	finish(daemon);
	free(daemon);
	return code;
}
