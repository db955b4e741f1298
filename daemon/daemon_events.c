/* SPDX-License-Identifier: MIT */
#include "daemon/daemon_events.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "config/paths.h"
#include "daemon/log/notify.h"
#include "daemon/log_messages.h"
#include "daemon/publish/event_outlets.h"
#include "daemon/publish/ongoing_events.h"
#include "daemon/publish/publisher.h"
#include "daemon/settings/runtime_paths.h"
#include "daemon/status/running_totals.h"
#include "daemon/store/store.h"
#include "daemon/store/wall_clock.h"

#define SOCKET_MODE 0660     /* the group may ask */
#define LAST_WRITES_MS 30000 /* how long the end waits for a disk that is slow */
#define LAST_STEPS_MS 5000   /* how long all that comes after may take */

struct hk_daemon_events {
	struct hk_daemon_events_setup setup;
	const struct hk_engine *engine;
	int64_t started_us;     /* CLOCK_REALTIME */
	struct hk_store *store; /* NULL: no history is kept */
	char store_path[4096];
	char helper[4096];
	struct hk_publisher *publisher;
	struct hk_api *api;
	struct hk_event_outlets outlets;
	struct hk_ongoing_events ongoing;
	struct hk_running_totals totals;
};

static const struct hk_model *model_of(const struct hk_daemon_events *events)
{
	return hk_engine_model(events->engine);
}

/* ---- what the daemon reports of itself ---- */

void hk_daemon_events_vitals(struct hk_daemon_events *events, struct hk_daemon_status *ret)
{
	*ret = (struct hk_daemon_status){
		.instance = events->setup.instance,
		.started_us = events->started_us,
		.model = model_of(events),
		.totals = events->totals,
	};
	if (events->store) {
		hk_store_status(events->store, &ret->store);
		ret->store_path = events->store_path;
	}
	ret->ongoing = hk_ongoing_events_list(&events->ongoing, &ret->n_ongoing);
	if (events->api) {
		hk_varlink_stats(hk_api_server(events->api), &ret->clients);
	}
}

json_t *hk_daemon_events_trail(
	const struct hk_daemon_events *events, uint64_t id, uint64_t *ret_omitted)
{
	return hk_ongoing_events_explain(&events->ongoing, id, model_of(events), ret_omitted);
}

/* ---- what the analysis reports ---- */

static void make_record(struct hk_daemon_events *events, const struct hk_analysis_report *report,
	struct hk_event_record *ret)
{
	const struct hk_model *model = model_of(events);
	const uint32_t label = report->event.event.label;
	*ret = (struct hk_event_record){
		.event = report->event.event,
		.start_us = report->event.start_us,
		.end_us = report->event.end_us,
		.rate_hz = report->rate_hz,
		.file = report->event.file,
		.priority = hk_engine_rules(events->engine)[label].priority,
	};
	snprintf(ret->instance, sizeof(ret->instance), "%s", events->setup.instance);
	memcpy(ret->label, model->labels[label], sizeof(ret->label));
	memcpy(ret->model, model->name, sizeof(ret->model));
	memcpy(ret->model_hash, model->hash, sizeof(ret->model_hash));
	hk_ongoing_events_identify(&events->ongoing, events->store, ret);
}

void hk_daemon_events_event(
	struct hk_daemon_events *events, const struct hk_analysis_report *report)
{
	struct hk_event_record record;
	make_record(events, report, &record);
	const bool starts = record.event.state == HK_EVENT_ONGOING;
	if (starts) {
		hk_running_totals_add_event(
			&events->totals, record.event.label, record.label, record.start_us);
	}
	char *trail = hk_ongoing_events_windows(&events->ongoing, &record, model_of(events));
	hk_publish(events->publisher, &record, trail);
	if (starts) {
		hk_ongoing_events_add(&events->ongoing, &record);
	}
}

void hk_daemon_events_event_so_far(
	struct hk_daemon_events *events, const struct hk_analysis_report *report)
{
	hk_ongoing_events_extend(&events->ongoing, report);
}

void hk_daemon_events_window(
	struct hk_daemon_events *events, const struct hk_analysis_report *report)
{
	const struct hk_analysis_report_window *window = &report->window;
	hk_running_totals_add_window(&events->totals, window);
	hk_ongoing_events_redate(&events->ongoing, events->store, events->store_path);
	hk_ongoing_events_add_window(&events->ongoing, window);
	if (hk_api_has_monitors(events->api)) {
		json_t *json = hk_window_json(window, model_of(events));
		hk_api_window(events->api, json);
		json_decref(json);
	}
}

void hk_daemon_events_picture(
	struct hk_daemon_events *events, const struct hk_analysis_report *report)
{
	json_t *json = hk_picture_strip_json(&report->picture, report->rate_hz);
	if (json) { /* else this one is left out: the next shows the present again */
		hk_api_picture(events->api, json);
		json_decref(json);
	}
}

void hk_daemon_events_clock(
	struct hk_daemon_events *events, const struct hk_analysis_report *report)
{
	if (report->clock.changes & HK_CLOCK_SET) {
		hk_ongoing_events_clock_set(
			&events->ongoing, report->clock.step.wall_offset_ns / 1000);
		hk_ongoing_events_redate(&events->ongoing, events->store, events->store_path);
	}
}

void hk_daemon_events_gap(struct hk_daemon_events *events, const struct hk_analysis_report *report)
{
	hk_running_totals_add_gap(&events->totals, report->span.n_frames);
}

/* ---- what changes ---- */

void hk_daemon_events_source(struct hk_daemon_events *events)
{
	hk_api_source(events->api);
}

void hk_daemon_events_engine(struct hk_daemon_events *events, const struct hk_engine *engine)
{
	events->engine = engine;
	hk_ongoing_events_change_model(&events->ongoing);
	hk_running_totals_change_model(&events->totals);
}

void hk_daemon_events_settings(struct hk_daemon_events *events, const struct hk_settings *settings)
{
	if (events->store) {
		hk_store_set_retention(
			events->store, settings->history.max_age_s, settings->history.max_events);
	}
}

/* ---- the history and the socket ---- */

static void on_news(void *owner, enum hk_store_news news, const char *text)
{
	const struct hk_daemon_events *events = owner;
	hk_say_history(events->store_path, news, text);
	if (news == HK_STORE_WORKS || news == HK_STORE_FAILS) {
		events->setup.on_history(events->setup.owner);
	}
}

static int open_history(
	struct hk_daemon_events *events, sd_event *event, const struct hk_settings *settings)
{
	struct hk_store_options options = {
		.max_age_s = settings->history.max_age_s,
		.max_events = settings->history.max_events,
	};
	if (!hk_runtime_path_history(settings, events->setup.instance, events->store_path,
		    sizeof(events->store_path))) {
		return 0;
	}
	snprintf(options.path, sizeof(options.path), "%s", events->store_path);
	const struct hk_store_sink sink = { events, on_news };
	return hk_store_new(&events->store, event, &options, &sink);
}

static int open_socket(
	struct hk_daemon_events *events, const struct hk_settings *settings, struct hk_diag *diag)
{
	struct hk_varlink_server *server = hk_api_server(events->api);
	const int n_passed = sd_listen_fds(1);
	for (int i = 0; i < n_passed; i++) {
		const int r = hk_varlink_listen_fd(server, SD_LISTEN_FDS_START + i);
		if (r < 0) {
			return hk_diag_set(
				diag, r, "the socket that systemd passed: %s", strerror(-r));
		}
	}
	char path[sizeof(settings->socket.path) + HK_INSTANCE_SIZE];
	if (n_passed > 0 ||
		!hk_runtime_path_socket(settings, events->setup.instance, path, sizeof(path))) {
		return 0;
	}
	struct hk_diag what = { "out of memory" };
	const int r = hk_varlink_listen(server, path, SOCKET_MODE, &what);
	return r < 0 ? hk_setting_origin_refuse(events->setup.origins, "socket", "path", r, diag,
			       "socket %s", what.text)
		     : 0;
}

static int open_publisher(struct hk_daemon_events *events, sd_event *event)
{
	const struct hk_publisher_sink sink = { &events->outlets, hk_event_outlets_write };
	return hk_publisher_new(&events->publisher, event, events->store, &sink);
}

static int open_api(struct hk_daemon_events *events, sd_event *event)
{
	const int r =
		hk_api_new(&events->api, event, &events->setup.api, events->store, events->helper);
	if (r < 0) {
		return r;
	}
	events->outlets = (struct hk_event_outlets){
		.ongoing = &events->ongoing,
		.api = events->api,
		.json = events->setup.events_json,
		.owner = events->setup.owner,
		.on_broken = events->setup.on_broken,
	};
	return 0;
}

int hk_daemon_events_new(struct hk_daemon_events **ret, sd_event *event,
	const struct hk_daemon_events_setup *setup, const struct hk_settings *settings,
	const struct hk_engine *engine, struct hk_diag *diag)
{
	struct hk_daemon_events *events = calloc(1, sizeof(*events));
	if (!events) {
		return hk_diag_set(diag, -ENOMEM, "out of memory");
	}
	events->setup = *setup;
	events->engine = engine;
	events->started_us = hk_wall_clock_us();
	hk_ongoing_events_init(&events->ongoing);
	int r = open_history(events, event, settings);
	if (r < 0) {
		hk_diag_set(diag, r, "history: %s", strerror(-r));
		goto fail;
	}
	r = open_publisher(events, event);
	if (r < 0) {
		hk_diag_set(diag, r, "out of memory");
		goto fail;
	}
	r = hk_path_capture(events->helper, sizeof(events->helper));
	if (r < 0) {
		hk_diag_set(diag, r, "hearken-capture: %s", strerror(-r));
		goto fail;
	}
	r = open_api(events, event);
	if (r < 0) {
		hk_diag_set(diag, r, "out of memory");
		goto fail;
	}
	r = open_socket(events, settings, diag);
	events->setup.origins = NULL;
	if (r < 0) {
		goto fail;
	}
	*ret = events;
	return 0;

fail:
	hk_daemon_events_free(events);
	return r;
}

void hk_daemon_events_free(struct hk_daemon_events *events)
{
	if (!events) {
		return;
	}
	/* The last events reach the history and are published then, as all others; a disk that
	 * fails anyway is not waited for. */
	struct hk_store_status status = { .ok = true };
	if (events->store) {
		hk_store_status(events->store, &status);
	}
	if (!status.ok) {
		hk_publisher_flush(events->publisher);
	} else if (status.n_queued > 0) {
		hk_notify_status("Stopping when the last events are in the history");
		hk_notify_extend((LAST_WRITES_MS + LAST_STEPS_MS) * UINT64_C(1000));
	}
	const uint64_t n_unwritten = hk_store_stop(events->store, LAST_WRITES_MS);
	if (n_unwritten > 0) {
		hk_publisher_flush(events->publisher); /* they are published all the same */
		hk_say_unwritten(events->store_path, n_unwritten);
	}
	hk_store_free(events->store, 0);
	events->store = NULL;
	hk_publisher_free(events->publisher);
	hk_api_free(events->api);
	hk_ongoing_events_finish(&events->ongoing);
	free(events);
}
