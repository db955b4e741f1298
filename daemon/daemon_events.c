/* SPDX-License-Identifier: MIT */
#include "daemon/daemon_events.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#include "config/paths.h"
#include "daemon/api/api.h"
#include "daemon/log/log.h"
#include "daemon/log/notify.h"
#include "daemon/publish/event_ids.h"
#include "daemon/publish/event_journal.h"
#include "daemon/publish/event_windows.h"
#include "daemon/publish/publisher.h"
#include "daemon/publish/redating.h"
#include "daemon/store/store.h"

#define JSON_DIGITS 9        /* of reals: more than a float has */
#define SOCKET_MODE 0660     /* the group may ask */
#define LAST_WRITES_MS 30000 /* how long the end waits for a disk that is slow */
#define LAST_STEPS_MS 5000   /* how long all that comes after may take */

struct hk_front {
	struct hk_front_setup setup;
	const struct hk_engine *engine;
	struct hk_store *store; /* NULL: no history is kept */
	char store_path[4096];
	char helper[4096];
	struct hk_publisher *publisher;
	struct hk_api *api;
	struct hk_open_events open;
	struct hk_redating redating;
	struct hk_recent_windows recent;
	struct hk_trail trails[HK_MAX_CLASSES];   /* of the ongoing events, by label */
	struct hk_record ongoing[HK_MAX_CLASSES]; /* by label; id 0: none */
	struct hk_record listed[HK_MAX_CLASSES];  /* the ongoing ones side by side */
	uint64_t n_events[HK_MAX_CLASSES];        /* of this model, by label */
	struct hk_vitals vitals;                  /* the counts; the rest is filled in when asked */
	char last_label[HK_LABEL_SIZE];           /* of the vitals */
	char bandwidth_note[128]; /* "": the source has what the model was trained on */
	uint64_t n_told_dropped;  /* reports of which the log knows */
};

static int64_t now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

static const struct hk_model *model_of(const struct hk_front *front)
{
	return hk_engine_model(front->engine);
}

/* ---- what the api asks ---- */

/* What the source cannot deliver, or NULL. */
static const char *bandwidth_note(struct hk_front *front, uint32_t rate_hz)
{
	const struct hk_model *model = model_of(front);
	if (rate_hz == 0 || rate_hz >= model->rate_hz) {
		return NULL;
	}
	snprintf(front->bandwidth_note, sizeof(front->bandwidth_note),
		"nothing above %" PRIu32 " Hz; the model was trained with sound up to %" PRIu32
		" Hz",
		rate_hz / 2, model->rate_hz / 2);
	return front->bandwidth_note;
}

void hk_front_vitals(struct hk_front *front, struct hk_vitals *ret)
{
	*ret = front->vitals;
	ret->instance = front->setup.instance;
	ret->model = model_of(front);
	front->setup.source(front->setup.owner, &ret->source);
	struct timespec monotonic;
	clock_gettime(CLOCK_MONOTONIC, &monotonic);
	const int64_t age_us = monotonic.tv_sec * INT64_C(1000000) + monotonic.tv_nsec / 1000 -
		(int64_t)(ret->source.since_ns / 1000);
	ret->source_since_us = now_us() - age_us;
	ret->bandwidth_note = bandwidth_note(front, ret->source.rate_hz);
	if (front->store) {
		hk_store_status(front->store, &ret->store);
		ret->store_path = front->store_path;
	}
	ret->n_events = front->n_events;
	ret->last_label = front->last_label;
	ret->ongoing = front->listed;
	for (uint32_t i = 0; i < ret->model->n_labels; i++) {
		if (front->ongoing[i].event.id) {
			front->listed[ret->n_ongoing++] = front->ongoing[i];
		}
	}
	if (front->api) {
		hk_varlink_stats(hk_api_server(front->api), &ret->clients);
	}
}

static void fill_vitals(void *owner, struct hk_vitals *ret)
{
	hk_front_vitals(owner, ret);
}

static json_t *ongoing_trail(void *owner, uint64_t id, uint64_t *ret_omitted)
{
	const struct hk_front *front = owner;
	for (uint32_t i = 0; i < model_of(front)->n_labels; i++) {
		if (front->ongoing[i].event.id == id && front->trails[i].windows) {
			return hk_trail_json(&front->trails[i], model_of(front), ret_omitted);
		}
	}
	return NULL;
}

static int reload(void *owner, struct hk_diag *diag)
{
	const struct hk_front *front = owner;
	return front->setup.reload(front->setup.owner, diag);
}

static void want_pictures(void *owner, bool wanted)
{
	const struct hk_front *front = owner;
	front->setup.want_pictures(front->setup.owner, wanted);
}

/* ---- the history ---- */

static void on_stored(void *owner, const struct hk_record *record)
{
	const struct hk_front *front = owner;
	hk_publisher_stored(front->publisher, record);
}

static void on_news(void *owner, enum hk_store_news news, const char *text)
{
	const struct hk_front *front = owner;
	const char *path = front->store_path;
	switch (news) {
	case HK_STORE_WORKS:
		hk_log(HK_LOG_INFO, "history %s is written again", path);
		break;
	case HK_STORE_FAILS:
		hk_log(HK_LOG_ERR,
			"history %s cannot be written: %s; events are kept in memory and hearing goes on",
			path, text);
		break;
	case HK_STORE_MOVED_ASIDE:
		hk_log(HK_LOG_ERR, "history %s was damaged and is now %s; a new one begins", path,
			text);
		break;
	case HK_STORE_INTERRUPTED:
		hk_log(HK_LOG_WARNING,
			"%s events were open when the last run ended; they are interrupted now, continuing",
			text);
		break;
	case HK_STORE_FORGOT:
		hk_log(HK_LOG_INFO, "history %s: events forgotten: %s", path, text);
		break;
	case HK_STORE_AHEAD:
		hk_log(HK_LOG_WARNING,
			"history %s: the clock is %s days ahead of the newest events; events older than max_age are kept until it has stayed synchronised for an hour",
			path, text);
		break;
	case HK_STORE_LOSES:
		hk_log(HK_LOG_ERR,
			"history %s: too many events wait to be written, new ones are not kept",
			path);
		break;
	}
	if (news == HK_STORE_WORKS || news == HK_STORE_FAILS) {
		front->setup.on_history(front->setup.owner);
	}
}

/* "auto": NAME SUFFIX in the folder that systemd gave in the environment, if it did. False: none. */
static bool resolve(const char *setting, const char *folder_variable, const char *instance,
	const char *suffix, char *ret_path, size_t size)
{
	if (strcmp(setting, "none") == 0) {
		return false;
	}
	if (strcmp(setting, "auto") != 0) {
		snprintf(ret_path, size, "%s", setting);
		return true;
	}
	const char *folders = getenv(folder_variable);
	if (!folders || folders[0] == '\0') {
		return false;
	}
	/* systemd separates several folders by colons; ours is the first */
	return snprintf(ret_path, size, "%.*s/%s%s", (int)strcspn(folders, ":"), folders, instance,
		       suffix) < (int)size;
}

static int open_history(struct hk_front *front, sd_event *event, const struct hk_settings *settings)
{
	struct hk_store_options options = {
		.max_age_s = settings->history.max_age_s,
		.max_events = settings->history.max_events,
	};
	if (!resolve(settings->history.path, "STATE_DIRECTORY", front->setup.instance, ".db",
		    front->store_path, sizeof(front->store_path))) {
		return 0;
	}
	snprintf(options.path, sizeof(options.path), "%s", front->store_path);
	const struct hk_store_sink sink = { front, on_stored, on_news };
	return hk_store_new(&front->store, event, &options, &sink);
}

/* ---- the socket ---- */

static int open_socket(
	struct hk_front *front, const struct hk_settings *settings, struct hk_diag *diag)
{
	struct hk_varlink_server *server = hk_api_server(front->api);
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
		!resolve(settings->socket.path, "RUNTIME_DIRECTORY", front->setup.instance, ".sock",
			path, sizeof(path))) {
		return 0;
	}
	struct hk_diag what = { "out of memory" };
	const int r = hk_varlink_listen(server, path, SOCKET_MODE, &what);
	return r < 0 ? hk_origin_refuse(front->setup.origins, "socket", "path", r, diag,
			       "socket %s", what.text)
		     : 0;
}

/* ---- events on their way out ---- */

static int write_json(const struct hk_record *record)
{
	json_t *json = hk_record_json(record);
	if (!json) {
		return -ENOMEM;
	}
	errno = EIO; /* for a failure that sets none */
	const bool done = json_dumpf(json, stdout, JSON_REAL_PRECISION(JSON_DIGITS)) == 0 &&
		fputc('\n', stdout) != EOF && fflush(stdout) == 0;
	const int r = done ? 0 : -errno;
	json_decref(json);
	return r;
}

static void on_published(void *owner, const struct hk_record *record)
{
	struct hk_front *front = owner;
	int r = hk_journal_event(record);
	if (r < 0) {
		hk_log(HK_LOG_WARNING,
			"cannot write event %" PRIu64 " to the journal: %s, continuing",
			record->event.id, strerror(-r));
	}
	hk_api_event(front->api, record);
	struct hk_record *ongoing = front->ongoing;
	for (uint32_t i = 0; i < model_of(front)->n_labels; i++) {
		if (record->stored && ongoing[i].sequence == record->sequence) {
			ongoing[i].stored = true;
			ongoing[i].cursor = record->cursor;
		}
	}
	if (front->setup.events_json) {
		r = write_json(record);
		if (r < 0) {
			front->setup.on_broken(front->setup.owner, r);
		}
	}
}

static void make_record(
	struct hk_front *front, const struct hk_report *report, struct hk_record *ret_record)
{
	const struct hk_model *model = model_of(front);
	const uint32_t label = report->event.event.label;
	*ret_record = (struct hk_record){
		.event = report->event.event,
		.start_us = report->event.start_us,
		.end_us = report->event.end_us,
		.rate_hz = report->rate_hz,
		.file = report->event.file,
		.priority = hk_engine_rules(front->engine)[label].priority,
	};
	snprintf(ret_record->instance, sizeof(ret_record->instance), "%s", front->setup.instance);
	memcpy(ret_record->label, model->labels[label], sizeof(ret_record->label));
	memcpy(ret_record->model, model->name, sizeof(ret_record->model));
	memcpy(ret_record->model_hash, model->hash, sizeof(ret_record->model_hash));
	const uint64_t id = front->store ? hk_store_next_id(front->store) : (uint64_t)now_us();
	hk_open_events_fill(&front->open, ret_record, (int64_t)id);
}

/* The trail as the history keeps it, malloc'd. */
static char *trail_text(const struct hk_front *front, uint32_t label)
{
	uint64_t n_omitted;
	json_t *windows = hk_trail_json(&front->trails[label], model_of(front), &n_omitted);
	json_t *trail =
		json_pack("{s:o*, s:I}", "windows", windows, "omitted", (json_int_t)n_omitted);
	char *text = trail ? json_dumps(trail, JSON_COMPACT | JSON_REAL_PRECISION(6)) : NULL;
	json_decref(trail);
	return text;
}

void hk_front_event(
	struct hk_front *front, const struct hk_report *report, struct hk_record *ret_record)
{
	const uint32_t label = report->event.event.label;
	make_record(front, report, ret_record);
	if (ret_record->event.state == HK_EVENT_ONGOING) {
		front->n_events[label]++;
		front->vitals.n_starts++;
		front->vitals.last_start_us = ret_record->start_us;
		memcpy(front->last_label, ret_record->label, sizeof(front->last_label));
		/* without memory for it the event goes on unexplained */
		(void)hk_trail_start(
			&front->trails[label], &front->recent, ret_record->event.start_frame);
	}
	char *trail = front->trails[label].windows ? trail_text(front, label) : NULL;
	if (ret_record->event.state != HK_EVENT_ONGOING) {
		front->ongoing[label].event.id = 0;
		hk_trail_finish(&front->trails[label]);
	}
	hk_publish(front->publisher, ret_record, trail);
	if (ret_record->event.state == HK_EVENT_ONGOING) {
		front->ongoing[label] = *ret_record;
	}
}

void hk_front_event_so_far(struct hk_front *front, const struct hk_report *report)
{
	const struct hk_event *event = &report->event.event;
	struct hk_record *ongoing = &front->ongoing[event->label];
	if (ongoing->event.id != 0 && ongoing->event.sequence == event->sequence) {
		hk_open_events_extend(ongoing, event, report->event.end_us);
	}
}

/* ---- what else is reported ---- */

/* Date by STEP what was dated before it. */
static void redate(struct hk_front *front, const struct hk_redating_step *step)
{
	const uint64_t first_id = front->open.first_id;
	hk_open_events_redate(&front->open, step->last_id, step->step_us);
	for (uint32_t i = 0; i < model_of(front)->n_labels; i++) {
		struct hk_record *ongoing = &front->ongoing[i];
		if (ongoing->event.id != 0 && ongoing->event.id <= step->last_id) {
			ongoing->start_us += step->step_us;
			ongoing->end_us += step->step_us;
		}
	}
	if (first_id == 0 || step->last_id < first_id) {
		return;
	}
	hk_log(HK_LOG_INFO, "events heard before the clock was set are dated again by %+.3f s",
		(double)step->step_us / 1e6);
	const int r = front->store
		? hk_store_redate(front->store, first_id, step->last_id, step->step_us)
		: 0;
	if (r < 0) {
		hk_log(HK_LOG_ERR, "history %s: cannot date events again: %s", front->store_path,
			strerror(-r));
	}
}

static void redate_when_right(struct hk_front *front)
{
	if (hk_redating_due(&front->redating)) {
		for (size_t i = 0; i < front->redating.n_steps; i++) {
			redate(front, &front->redating.steps[i]);
		}
	}
}

void hk_front_window(struct hk_front *front, const struct hk_report *report)
{
	const struct hk_report_window *window = &report->window;
	struct hk_vitals *vitals = &front->vitals;
	static const double bounds_s[] = HK_ANALYSIS_BOUNDS_S;
	if (window->label == HK_NO_LABEL) {
		vitals->n_zero_windows++;
	} else {
		vitals->n_windows++;
	}
	size_t bucket = 0;
	while (bucket + 1 < HK_N_ANALYSIS_BUCKETS &&
		(double)window->analysis_s > bounds_s[bucket]) {
		bucket++;
	}
	vitals->n_analysis[bucket]++;
	vitals->analysis_s += (double)window->analysis_s;
	vitals->worst_lag_s = fmax(vitals->worst_lag_s, (double)window->lag_s);
	vitals->last_window_us = window->start_us;
	vitals->level_dbfs = window->level_dbfs;
	vitals->has_clock = window->has_clock;
	if (window->has_clock) {
		vitals->true_rate_hz = window->clock.rate_hz;
		vitals->drift_ppm = window->clock.drift_ppm;
		vitals->jitter_ms = window->clock.residual_rms_s * 1e3;
		vitals->r2 = window->clock.r2;
		vitals->n_clock_segments = window->clock.n_segments;
	}
	hk_recent_windows_add(&front->recent, window);
	redate_when_right(front);
	const struct hk_model *model = model_of(front);
	for (uint32_t i = 0; i < model->n_labels; i++) {
		hk_trail_add(&front->trails[i], window);
	}
	if (hk_api_has_monitors(front->api)) {
		json_t *json = hk_window_json(window, model);
		hk_api_window(front->api, json);
		json_decref(json);
	}
}

void hk_front_picture(struct hk_front *front, const struct hk_report *report)
{
	json_t *json = hk_strip_json(&report->picture, report->rate_hz);
	if (json) { /* else this one is left out: the next shows the present again */
		hk_api_picture(front->api, json);
		json_decref(json);
	}
}

void hk_front_clock(struct hk_front *front, const struct hk_report *report)
{
	if (report->clock.changes & HK_CLOCK_SET) {
		hk_redating_add(&front->redating, front->open.last_id,
			report->clock.step.wall_offset_ns / 1000);
		redate_when_right(front);
	}
}

void hk_front_gap(struct hk_front *front, const struct hk_report *report)
{
	front->vitals.n_gaps++;
	front->vitals.n_gap_frames += report->span.n_frames;
}

void hk_front_source(struct hk_front *front)
{
	hk_api_source(front->api);
}

void hk_front_engine(struct hk_front *front, const struct hk_engine *engine)
{
	front->engine = engine;
	front->recent.n = 0; /* its windows were classified by another model */
	memset(front->n_events, 0, sizeof(front->n_events));
}

void hk_front_settings(struct hk_front *front, const struct hk_settings *settings)
{
	if (front->store) {
		hk_store_set_retention(
			front->store, settings->history.max_age_s, settings->history.max_events);
	}
}

void hk_front_check(struct hk_front *front, const struct hk_reports *reports)
{
	uint64_t n_dropped = 0;
	for (int kind = 0; kind < HK_N_REPORT_KINDS; kind++) {
		n_dropped += hk_reports_dropped(reports, (enum hk_report_kind)kind);
	}
	if (n_dropped != front->n_told_dropped) {
		hk_log(HK_LOG_WARNING,
			"the main thread was late: %" PRIu64
			" reports were dropped so far, %" PRIu64 " of them events; continuing",
			n_dropped,
			hk_reports_dropped(reports, HK_REPORT_EVENT_START) +
				hk_reports_dropped(reports, HK_REPORT_EVENT_END));
		front->n_told_dropped = n_dropped;
	}
}

/* ---- life ---- */

int hk_front_new(struct hk_front **ret, sd_event *event, const struct hk_front_setup *setup,
	const struct hk_settings *settings, const struct hk_engine *engine, struct hk_diag *diag)
{
	struct hk_front *front = calloc(1, sizeof(*front));
	if (!front) {
		return hk_diag_set(diag, -ENOMEM, "out of memory");
	}
	front->setup = *setup;
	front->engine = engine;
	front->vitals.started_us = now_us();
	hk_open_events_init(&front->open, 0);
	hk_redating_init(&front->redating);
	int r = open_history(front, event, settings);
	if (r < 0) {
		hk_diag_set(diag, r, "history: %s", strerror(-r));
		goto fail;
	}
	const struct hk_publisher_sink publisher_sink = { front, on_published };
	r = hk_publisher_new(&front->publisher, event, front->store, &publisher_sink);
	if (r < 0) {
		hk_diag_set(diag, r, "out of memory");
		goto fail;
	}
	r = hk_path_capture(front->helper, sizeof(front->helper));
	if (r < 0) {
		hk_diag_set(diag, r, "hearken-capture: %s", strerror(-r));
		goto fail;
	}
	const struct hk_api_daemon api_daemon = { front, fill_vitals, ongoing_trail, reload,
		want_pictures };
	r = hk_api_new(&front->api, event, &api_daemon, front->store, front->helper);
	if (r < 0) {
		hk_diag_set(diag, r, "out of memory");
		goto fail;
	}
	r = open_socket(front, settings, diag);
	front->setup.origins = NULL;
	if (r < 0) {
		goto fail;
	}
	*ret = front;
	return 0;

fail:
	hk_front_free(front);
	return r;
}

void hk_front_free(struct hk_front *front)
{
	if (!front) {
		return;
	}
	/* The last events reach the history and then the world, as all others; a disk that fails anyway
	 * is not waited for. */
	struct hk_store_status status = { .ok = true };
	if (front->store) {
		hk_store_status(front->store, &status);
	}
	if (!status.ok) {
		hk_publisher_flush(front->publisher);
	} else if (status.n_queued > 0) {
		hk_notify_status("Stopping when the last events are in the history");
		hk_notify_extend((LAST_WRITES_MS + LAST_STEPS_MS) * UINT64_C(1000));
	}
	const uint64_t n_unwritten = hk_store_stop(front->store, LAST_WRITES_MS);
	if (n_unwritten > 0) {
		hk_publisher_flush(front->publisher); /* the world hears of them all the same */
		hk_log(HK_LOG_ERR, "history %s: %" PRIu64 " records were never written",
			front->store_path, n_unwritten);
	}
	hk_store_free(front->store, 0);
	hk_publisher_free(front->publisher);
	hk_api_free(front->api);
	for (size_t i = 0; i < HK_MAX_CLASSES; i++) {
		hk_trail_finish(&front->trails[i]);
	}
	free(front);
}
