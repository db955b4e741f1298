/* SPDX-License-Identifier: MIT */
/* Configuration and model read again while the daemon runs. */
#include <errno.h>
#include <malloc.h>
#include <string.h>

#include "daemon/daemon_internal.h"
#include "daemon/log/log.h"
#include "daemon/settings/source_settings.h"

/* Hear SOURCE with ENGINE from now on. On failure nothing has changed and ENGINE is the caller's.
 */
static int change_source(struct hk_daemon *daemon, const struct hk_capture_options *source,
	struct hk_engine *engine, const struct hk_setting_origins *origins, struct hk_diag *diag)
{
	struct hk_capture *capture = NULL;
	int r = hk_daemon_open_source(daemon, &capture, source, origins, diag);
	if (r < 0) {
		return r;
	}
	hk_daemon_stop_analysis(daemon, HK_EVENT_INTERRUPTED);
	hk_capture_free(daemon->capture);
	hk_daemon_events_engine(daemon->events, engine);
	hk_engine_free(daemon->engine);
	daemon->capture = capture;
	daemon->source = *source;
	daemon->engine = daemon->newest = engine;
	hk_say_model(hk_engine_model(engine));
	hk_capture_status(capture, &daemon->source_status);
	hk_systemd_status_changed(daemon->life);
	r = hk_daemon_start_analysis(daemon);
	if (r < 0) {
		hk_log(HK_LOG_ERR, "cannot start the analysis thread: %s", strerror(-r));
		sd_event_exit(daemon->event, HK_EXIT_FAILURE);
	}
	return 0;
}

static void change_engine(struct hk_daemon *daemon, struct hk_engine *engine)
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
static int check_reloadable(const struct hk_daemon *daemon, const struct hk_settings *wanted,
	const struct hk_setting_origins *origins, struct hk_diag *diag)
{
	const struct hk_param *setting = hk_settings_needs_start(&daemon->settings, wanted);
	if (!setting) {
		return 0;
	}
	char running[HK_DIAG_SIZE] = "...", found[HK_DIAG_SIZE] = "...";
	(void)hk_param_print(setting, &daemon->settings, running, sizeof(running));
	(void)hk_param_print(setting, wanted, found, sizeof(found));
	return hk_setting_origin_refuse(origins, setting->section, setting->key, -EINVAL, diag,
		"takes effect at the next start only: expected \"%s\", as it was started, got \"%s\"",
		running, found);
}

/* SETTINGS and CONFIG from now on, or all stays as it is. */
static int change_settings(struct hk_daemon *daemon, const struct hk_settings *settings,
	const struct hk_config *config, struct hk_diag *diag)
{
	const struct hk_setting_origins origins = { daemon->options, config };
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
	hk_daemon_events_settings(daemon->events, settings);
	hk_log_setup((enum hk_log_level)settings->log.level, daemon->options->instance);
	return 0;
}

static int reload(struct hk_daemon *daemon, struct hk_diag *diag)
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

int hk_daemon_reload(struct hk_daemon *daemon, struct hk_diag *diag)
{
	hk_systemd_status_reloading(daemon->life);
	const int r = reload(daemon, diag);
	if (r < 0) {
		hk_log(HK_LOG_ERR, "reload failed, keeping the current configuration: %s",
			diag->text);
	} else {
		hk_log(HK_LOG_INFO, "configuration and model reloaded");
	}
	malloc_trim(0); /* two models and their text were there: as much again as all else */
	hk_systemd_status_reloaded(daemon->life);
	return r;
}
