/* SPDX-License-Identifier: MIT */
#include "daemon/daemon.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/daemon_internal.h"
#include "daemon/log/log.h"
#include "daemon/log/notify.h"
#include "daemon/settings/source_settings.h"
#include "daemon/varlink/waiting_clients.h"

static int on_hangup(sd_event_source *source, const struct signalfd_siginfo *info, void *owner)
{
	(void)source;
	(void)info;
	struct hk_diag diag = { "out of memory" };
	(void)hk_daemon_reload(owner, &diag);
	return 0;
}

static int on_stop(sd_event_source *source, const struct signalfd_siginfo *info, void *owner)
{
	(void)owner;
	hk_log(HK_LOG_INFO, "stopping on signal %s", sigabbrev_np((int)info->ssi_signo));
	return sd_event_exit(sd_event_source_get_event(source), HK_EXIT_OK);
}

static int on_reports(sd_event_source *source, int fd, uint32_t revents, void *owner)
{
	(void)source;
	(void)fd;
	(void)revents;
	hk_daemon_read_reports(owner);
	return 0;
}

/* ---- what the socket and systemd ask ---- */

static void get_vitals(void *owner, struct hk_daemon_status *ret)
{
	const struct hk_daemon *daemon = owner;
	struct hk_capture_status source = daemon->source_status;
	if (daemon->capture) {
		hk_capture_status(daemon->capture, &source);
	}
	hk_daemon_events_vitals(daemon->events, ret);
	hk_daemon_status_set_source(ret, &source);
}

static json_t *get_trail(void *owner, uint64_t id, uint64_t *ret_omitted)
{
	const struct hk_daemon *daemon = owner;
	return hk_daemon_events_trail(daemon->events, id, ret_omitted);
}

static int reload(void *owner, struct hk_diag *diag)
{
	return hk_daemon_reload(owner, diag);
}

static void want_pictures(void *owner, bool wanted)
{
	struct hk_daemon *daemon = owner;
	daemon->pictures_wanted = wanted;
	if (daemon->analysis) {
		hk_analysis_want_pictures(daemon->analysis, wanted);
	}
}

/* ---- what the events report ---- */

static void on_history(void *owner)
{
	const struct hk_daemon *daemon = owner;
	if (daemon->events && !daemon->stopping) {
		hk_systemd_status_changed(daemon->life);
	}
}

static void on_broken(void *owner, int error)
{
	const struct hk_daemon *daemon = owner;
	hk_log(HK_LOG_ERR, "cannot write an event to stdout: %s", strerror(-error));
	sd_event_exit(daemon->event, HK_EXIT_FAILURE);
}

static int open_events(
	struct hk_daemon *daemon, const struct hk_setting_origins *origins, struct hk_diag *diag)
{
	const struct hk_daemon_events_setup setup = {
		.instance = daemon->options->instance,
		.events_json = daemon->options->events_json,
		.origins = origins,
		.api = { daemon, get_vitals, get_trail, reload, want_pictures },
		.owner = daemon,
		.on_history = on_history,
		.on_broken = on_broken,
	};
	return hk_daemon_events_new(
		&daemon->events, daemon->event, &setup, &daemon->settings, daemon->engine, diag);
}

/* ---- the daemon's life ---- */

/* Before the first thread, which inherits it: these signals come to the loop. Up to here they end
 * us. */
static void block_stop_signals(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static int setup_loop(struct hk_daemon *daemon)
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
		r = hk_analysis_reports_new(&daemon->reports);
	}
	if (r >= 0) {
		r = sd_event_add_io(daemon->event, NULL, hk_analysis_reports_fd(daemon->reports),
			EPOLLIN, on_reports, daemon);
	}
	return r < 0 ? r : 0;
}

static enum hk_exit setup(struct hk_daemon *daemon, const struct hk_config *config)
{
	struct hk_diag diag = { "out of memory" };
	const struct hk_setting_origins origins = { daemon->options, config };
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
		const struct hk_systemd_status_setup life = {
			daemon->settings.daemon.ready_timeout_s, daemon, get_vitals
		};
		r = hk_systemd_status_new(&daemon->life, daemon->event, &life);
	}
	if (r < 0) {
		hk_log(HK_LOG_ERR, "cannot set up the event loop: %s", strerror(-r));
		return HK_EXIT_FAILURE;
	}
	r = open_events(daemon, &origins, &diag);
	if (r < 0) {
		hk_log(HK_LOG_ERR, "%s", diag.text);
		return HK_EXIT_FAILURE;
	}
	r = hk_daemon_open_source(daemon, &daemon->capture, &daemon->source, &origins, &diag);
	if (r < 0) {
		hk_log(HK_LOG_ERR, "%s", diag.text);
		return HK_EXIT_NO_INPUT;
	}
	hk_capture_status(daemon->capture, &daemon->source_status);
	hk_systemd_status_changed(daemon->life);
	r = hk_daemon_start_analysis(daemon);
	if (r < 0) {
		hk_log(HK_LOG_ERR, "cannot start the analysis thread: %s", strerror(-r));
		return HK_EXIT_FAILURE;
	}
	return HK_EXIT_OK;
}

static void finish(struct hk_daemon *daemon)
{
	hk_notify_stopping();
	if (daemon->analysis) {
		hk_daemon_stop_analysis(daemon, HK_EVENT_INTERRUPTED);
	}
	daemon->stopping = true;
	hk_daemon_events_free(daemon->events);
	daemon->events = NULL;
	hk_capture_free(daemon->capture);
	hk_systemd_status_free(daemon->life);
	hk_analysis_reports_free(daemon->reports);
	hk_engine_free(daemon->engine);
	sd_event_unref(daemon->event);
}

enum hk_exit hk_daemon_run(const struct hk_options *options, const struct hk_settings *settings,
	const struct hk_config *config)
{
	struct hk_daemon *daemon = calloc(1, sizeof(*daemon));
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
