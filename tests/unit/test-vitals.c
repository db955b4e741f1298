/* SPDX-License-Identifier: MIT */
/* Each field of the vitals changes its metrics, its members of Status and the STATUS= line, and
 * nothing else. */
#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/features/profiles.h"
#include "daemon/capture-shared/capture_message.h"
#include "daemon/status/metrics.h"

#define LIST_SIZE 2048
#define ALL "all" /* of the metrics: the label `instance` is in every sample */

static char labels[2][HK_LABEL_SIZE] = { "fire_alarm", "music" };
static struct hk_model model = { .name = "home",
	.hash = "abc",
	.n_labels = 2,
	.labels = labels,
	.rate_hz = 16000,
	.n_window_frames = 32000,
	.n_step_frames = 16000 };
static const struct hk_event_record ongoing[2] = { { .label = "fire_alarm" },
	{ .label = "music" } };

static void set_base(struct hk_daemon_status *ret)
{
	*ret = (struct hk_daemon_status){
		.instance = "kitchen",
		.started_us = 1000000,
		.source = { .state = HK_SOURCE_HEARING,
			.device = "mic",
			.rate_hz = 48000,
			.n_channels = 1,
			.ring_capacity = 4096 },
		.source_since_us = 2000000,
		.model = &model,
		.store = { .ok = true, .why = "" },
		.store_path = "/var/lib/hearken/kitchen.db",
		.totals = { .has_clock = true,
			.true_rate_hz = 48000.5,
			.drift_ppm = 10.5,
			.drift_error_ppm = 2.5,
			.jitter_ms = 1.5,
			.r2 = 0.5,
			.n_clock_segments = 1,
			.last_window_us = 3000000,
			.level_dbfs = -40,
			.n_events = { 3, 4 },
			.n_starts = 7,
			.last_label = "music",
			.last_start_us = 3000000 },
		.ongoing = ongoing,
		.n_ongoing = 1,
	};
}

static void break_source(struct hk_daemon_status *vitals)
{
	vitals->source.state = HK_SOURCE_STALLED;
	snprintf(vitals->source.why, sizeof(vitals->source.why), "no audio arrives");
}

static void break_store(struct hk_daemon_status *vitals)
{
	vitals->store.ok = false;
	snprintf(vitals->store.why, sizeof(vitals->store.why), "disk full");
}

/* What a change of a type needs; FIELD is the whole field, in the vitals. */
#define CHANGE(name_, expression_)                                                                 \
	static void name_(struct hk_daemon_status *v)                                              \
	{                                                                                          \
		expression_;                                                                       \
	}

#define MORE(name_, field_) CHANGE(name_, v->field_ += 1)
#define FLIP(name_, field_) CHANGE(name_, v->field_ = !v->field_)
#define TEXT(name_, field_) CHANGE(name_, snprintf(v->field_, sizeof(v->field_), "another"))

CHANGE(instance, v->instance = "attic")
MORE(started_us, started_us)
CHANGE(state, v->source.state = HK_SOURCE_SILENT_DIGITAL)
TEXT(why, source.why)
MORE(since_ns, source.since_ns)
TEXT(device, source.device)
MORE(rate_hz, source.rate_hz)
MORE(n_channels, source.n_channels)
FLIP(realtime, source.realtime)
FLIP(locked, source.locked)
CHANGE(confined, v->source.confined = HK_CONFINED_FILES | HK_CONFINED_NETWORK)
MORE(n_frames, source.n_frames)
MORE(n_lost_frames, source.n_lost_frames)
MORE(n_overruns, source.n_overruns)
MORE(n_dropped_blocks, source.n_dropped_blocks)
MORE(n_restarts, source.n_restarts)
MORE(n_clipped, source.n_clipped)
MORE(n_not_numbers, source.n_not_numbers)
MORE(n_off_scale, source.n_off_scale)
MORE(n_cancelled, source.n_cancelled)
TEXT(note, source.note)
FLIP(clipping, source.clipping)
MORE(ring_fill, source.ring_fill)
MORE(ring_capacity, source.ring_capacity)
MORE(source_since_us, source_since_us)
TEXT(bandwidth_note, bandwidth_note)
CHANGE(has_clock, v->totals.has_clock = false)
MORE(true_rate_hz, totals.true_rate_hz)
MORE(drift_ppm, totals.drift_ppm)
MORE(drift_error_ppm, totals.drift_error_ppm)
MORE(jitter_ms, totals.jitter_ms)
MORE(r2, totals.r2)
MORE(n_clock_segments, totals.n_clock_segments)
CHANGE(store_ok, v->store.ok = false)
TEXT(store_why, store.why)
MORE(store_events, store.n_events)
MORE(store_queued, store.n_queued)
MORE(store_lost, store.n_lost)
MORE(store_damaged, store.n_damaged)
CHANGE(store_path, v->store_path = "/elsewhere.db")
MORE(n_windows, totals.n_windows)
MORE(n_zero_windows, totals.n_zero_windows)
MORE(n_gaps, totals.n_gaps)
MORE(n_gap_frames, totals.n_gap_frames)
CHANGE(last_window_us, v->totals.last_window_us += 1000000)
MORE(level_dbfs, totals.level_dbfs)
MORE(n_analysis, totals.n_analysis[HK_N_ANALYSIS_BUCKETS - 1])
MORE(analysis_s, totals.analysis_s)
MORE(worst_lag_s, totals.worst_lag_s)
MORE(n_events, totals.n_events[1])
MORE(n_starts, totals.n_starts)
TEXT(last_label, totals.last_label)
CHANGE(last_start_us, v->totals.last_start_us += 1000000)
MORE(n_ongoing, n_ongoing)
MORE(n_clients, clients.n_clients)
MORE(n_accepted, clients.n_accepted)
MORE(n_refused, clients.n_refused)
MORE(n_cut_off, clients.n_cut_off)
MORE(n_bad, clients.n_bad)
MORE(n_calls, clients.n_calls)

static void change_model(struct hk_daemon_status *v)
{
	static struct hk_model another;
	another = model;
	snprintf(another.name, sizeof(another.name), "garage");
	v->model = &another;
}

static void change_ongoing(struct hk_daemon_status *v)
{
	v->ongoing = ongoing + 1;
}

/* In the order of the struct. Names that a change shows in, separated by blanks; "": in none. */
static const struct row {
	const char *field;
	size_t offset, size, alignment;
	void (*change)(struct hk_daemon_status *vitals);
	const char *metrics; /* of samples */
	const char *status;  /* members of Status */
	bool line;
	void (*prepare)(struct hk_daemon_status
			*vitals); /* a state in which the field matters; may be NULL */
} rows[] = {
#define FIELD(field_)                                                                              \
	.field = #field_, .offset = offsetof(struct hk_daemon_status, field_),                     \
	.size = sizeof(((struct hk_daemon_status *)0)->field_),                                    \
	.alignment = alignof(__typeof__(((struct hk_daemon_status *)0)->field_))
	{ FIELD(instance), instance, ALL, "instance", false },
	{ FIELD(started_us), started_us, "hearken_start_time_seconds", "", false },
	{ FIELD(source.state), state, "hearken_source_state", "source.state", true },
	{ FIELD(source.why), why, "", "source.why", true, break_source },
	/* shown as source_since_us, which main makes from it */
	{ FIELD(source.since_ns), since_ns, "", "", false },
	{ FIELD(source.device), device, "", "source.device", true },
	{ FIELD(source.rate_hz), rate_hz, "hearken_source_rate_hertz", "source.rate_hz", true },
	{ FIELD(source.n_channels), n_channels, "hearken_source_channels", "source.channels",
		false },
	{ FIELD(source.realtime), realtime, "hearken_capture_realtime", "source.realtime", false },
	{ FIELD(source.locked), locked, "hearken_capture_locked", "source.locked", false },
	{ FIELD(source.confined), confined, "hearken_capture_confined", "source.confined", false },
	{ FIELD(source.n_frames), n_frames, "hearken_frames_total", "source.frames", false },
	{ FIELD(source.n_lost_frames), n_lost_frames, "hearken_lost_frames_total",
		"source.lost_frames", false },
	{ FIELD(source.n_overruns), n_overruns, "hearken_overruns_total", "source.overruns",
		false },
	{ FIELD(source.n_dropped_blocks), n_dropped_blocks, "hearken_dropped_blocks_total",
		"source.dropped_blocks", false },
	{ FIELD(source.n_restarts), n_restarts, "hearken_capture_restarts_total", "source.restarts",
		false },
	{ FIELD(source.n_clipped), n_clipped, "hearken_clipped_frames_total",
		"source.clipped_frames", false },
	{ FIELD(source.clipping), clipping, "hearken_source_clipping", "source.clipping", false },
	{ FIELD(source.n_not_numbers), n_not_numbers, "hearken_not_number_samples_total",
		"source.not_number_samples", false },
	{ FIELD(source.n_off_scale), n_off_scale, "hearken_off_scale_samples_total",
		"source.off_scale_samples", false },
	{ FIELD(source.n_cancelled), n_cancelled, "hearken_cancelled_frames_total",
		"source.cancelled_frames", false },
	{ FIELD(source.note), note, "", "source.samples_note", false },
	{ FIELD(source.ring_fill), ring_fill, "hearken_ring_fill_bytes", "", false },
	{ FIELD(source.ring_capacity), ring_capacity, "hearken_ring_capacity_bytes", "", false },
	{ FIELD(source_since_us), source_since_us, "hearken_source_since_seconds", "", false },
	{ FIELD(bandwidth_note), bandwidth_note, "", "source.bandwidth_note", false },
	{ FIELD(model), change_model, "hearken_model_info", "model.name", true },
	{ FIELD(store.ok), store_ok, "hearken_store_ok", "store.state", true },
	{ FIELD(store.why), store_why, "", "store.state", true, break_store },
	{ FIELD(store.n_events), store_events, "hearken_store_events", "store.events", false },
	{ FIELD(store.n_queued), store_queued, "hearken_store_queued", "store.queued", false },
	{ FIELD(store.n_lost), store_lost, "hearken_store_lost_total", "store.lost", false },
	{ FIELD(store.n_damaged), store_damaged, "hearken_store_damaged_total", "store.damaged",
		false },
	{ FIELD(store_path), store_path, "", "store.path", false },
	{ FIELD(totals.has_clock), has_clock,
		"hearken_clock_rate_hertz hearken_clock_r2 hearken_clock_drift_ppm "
		"hearken_clock_drift_error_ppm "
		"hearken_clock_jitter_seconds",
		"clock", false },
	{ FIELD(totals.true_rate_hz), true_rate_hz, "hearken_clock_rate_hertz",
		"clock.true_rate_hz", false },
	{ FIELD(totals.drift_ppm), drift_ppm, "hearken_clock_drift_ppm", "clock.drift_ppm", false },
	{ FIELD(totals.drift_error_ppm), drift_error_ppm, "hearken_clock_drift_error_ppm",
		"clock.drift_error_ppm", false },
	{ FIELD(totals.jitter_ms), jitter_ms, "hearken_clock_jitter_seconds", "clock.jitter_ms",
		false },
	{ FIELD(totals.r2), r2, "hearken_clock_r2", "clock.r2", false },
	{ FIELD(totals.n_clock_segments), n_clock_segments, "hearken_clock_segments_total",
		"clock.segments", false },
	{ FIELD(totals.n_windows), n_windows, "hearken_windows_total", "windows", false },
	{ FIELD(totals.n_zero_windows), n_zero_windows, "hearken_zero_windows_total",
		"zero_windows", false },
	{ FIELD(totals.n_gaps), n_gaps, "hearken_gaps_total", "gaps", false },
	{ FIELD(totals.n_gap_frames), n_gap_frames, "hearken_gap_frames_total", "gap_frames",
		false },
	{ FIELD(totals.last_window_us), last_window_us, "hearken_last_window_seconds",
		"last_window", false },
	{ FIELD(totals.level_dbfs), level_dbfs, "hearken_level_dbfs", "level_dbfs", false },
	{ FIELD(totals.n_analysis), n_analysis,
		"hearken_analysis_seconds_bucket hearken_analysis_seconds_count", "", false },
	{ FIELD(totals.analysis_s), analysis_s, "hearken_analysis_seconds_sum", "", false },
	{ FIELD(totals.worst_lag_s), worst_lag_s, "hearken_ring_worst_lag_seconds", "worst_lag_s",
		false },
	{ FIELD(totals.n_events), n_events, "hearken_events_total", "", false },
	{ FIELD(totals.n_starts), n_starts, "hearken_event_starts_total", "events", true },
	{ FIELD(totals.last_label), last_label, "", "", true },
	{ FIELD(totals.last_start_us), last_start_us, "hearken_last_event_seconds", "", true },
	{ FIELD(ongoing), change_ongoing, "hearken_events_ongoing", "ongoing", false },
	{ FIELD(n_ongoing), n_ongoing, "hearken_events_ongoing", "ongoing", false },
	{ FIELD(clients.n_clients), n_clients, "hearken_clients", "clients", false },
	{ FIELD(clients.n_accepted), n_accepted, "hearken_clients_accepted_total", "", false },
	{ FIELD(clients.n_refused), n_refused, "hearken_clients_refused_total", "", false },
	{ FIELD(clients.n_cut_off), n_cut_off, "hearken_clients_cut_off_total", "clients_cut_off",
		false },
	{ FIELD(clients.n_bad), n_bad, "hearken_clients_bad_total", "", false },
	{ FIELD(clients.n_calls), n_calls, "hearken_client_calls_total", "", false },
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

/* ---- what differs ---- */

/* Append NAME, of LENGTH, unless it is the last one there. */
static void append(char *list, const char *name, size_t length)
{
	const char *blank = strrchr(list, ' ');
	const char *last = blank ? blank + 1 : list;
	if (strlen(last) == length && strncmp(last, name, length) == 0) {
		return;
	}
	const size_t used = strlen(list);
	assert_true(used + length + 2 < LIST_SIZE);
	snprintf(list + used, LIST_SIZE - used, "%s%.*s", used ? " " : "", (int)length, name);
}

static bool has_line(const char *text, const char *line, size_t length)
{
	for (const char *at = text; *at; at = strchr(at, '\n') + 1) {
		if (strcspn(at, "\n") == length && strncmp(at, line, length) == 0) {
			return true;
		}
	}
	return false;
}

/* Names of the samples of BEFORE that are not in AFTER as they were. */
static void changed_samples(const char *before, const char *after, char *ret_names, size_t *ret_n)
{
	ret_names[0] = '\0';
	*ret_n = 0;
	for (const char *at = before; *at; at = strchr(at, '\n') + 1) {
		const size_t length = strcspn(at, "\n");
		if (*at != '#' && !has_line(after, at, length)) {
			append(ret_names, at, strcspn(at, "{"));
			++*ret_n;
		}
	}
}

static size_t count_samples(const char *text)
{
	size_t n = 0;
	for (const char *at = text; *at; at = strchr(at, '\n') + 1) {
		n += *at != '#';
	}
	return n;
}

/* Members that differ, objects within PREFIX by their own members. */
static void changed_members(json_t *before, json_t *after, const char *prefix, char *ret_names)
{
	const char *key;
	json_t *value;
	char path[128];
	json_object_foreach(after, key, value)
	{
		if (!json_object_get(before, key)) {
			snprintf(path, sizeof(path), "%s%s", prefix, key);
			append(ret_names, path, strlen(path));
		}
	}
	json_object_foreach(before, key, value)
	{
		json_t *now = json_object_get(after, key);
		snprintf(path, sizeof(path), "%s%s", prefix, key);
		if (json_is_object(value) && json_is_object(now)) {
			strcat(path, ".");
			changed_members(value, now, path, ret_names);
		} else if (!json_equal(value, now)) {
			append(ret_names, path, strlen(path));
		}
	}
}

/* ---- tests ---- */

static void every_field_changes_its_metric_and_its_status_and_nothing_else(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ROWS; i++) {
		const struct row *row = &rows[i];
		struct hk_daemon_status vitals;
		set_base(&vitals);
		if (row->prepare) {
			row->prepare(&vitals);
		}
		char *text = hk_metrics_text(&vitals, HK_METRICS_PROMETHEUS);
		json_t *status = hk_daemon_status_status_json(&vitals);
		char line[1024], line_now[1024], names[LIST_SIZE];
		hk_daemon_status_line(&vitals, line, sizeof(line));

		row->change(&vitals);
		char *text_now = hk_metrics_text(&vitals, HK_METRICS_PROMETHEUS);
		json_t *status_now = hk_daemon_status_status_json(&vitals);
		hk_daemon_status_line(&vitals, line_now, sizeof(line_now));
		assert_true(text && status && text_now && status_now);

		print_message("%s\n", row->field);
		size_t n;
		changed_samples(text, text_now, names, &n);
		if (strcmp(row->metrics, ALL) == 0) {
			assert_int_equal(n, count_samples(text));
		} else {
			assert_string_equal(names, row->metrics);
		}
		names[0] = '\0';
		changed_members(status, status_now, "", names);
		assert_string_equal(names, row->status);
		assert_int_equal(strcmp(line, line_now) != 0, row->line);

		free(text);
		free(text_now);
		json_decref(status);
		json_decref(status_now);
	}
}

/* A field that is added to the struct needs a row. */
static void every_field_of_the_vitals_has_a_row(void **state)
{
	(void)state;
	const size_t alignment = alignof(struct hk_daemon_status);
	size_t end = 0;
	for (size_t i = 0; i < N_ROWS; i++) {
		const size_t padded =
			(end + rows[i].alignment - 1) / rows[i].alignment * rows[i].alignment;
		/* a struct within the vitals is aligned as its widest member */
		const size_t widest = (end + alignment - 1) / alignment * alignment;
		if (rows[i].offset != padded && rows[i].offset != widest) {
			fail_msg("no row for what lies before %s", rows[i].field);
		}
		end = rows[i].offset + rows[i].size;
	}
	assert_int_equal(
		(end + alignment - 1) / alignment * alignment, sizeof(struct hk_daemon_status));
}

/* Whoever watches a metric for 0 must not be woken by an instance that is set up to keep none. */
static void an_instance_without_history_has_no_metric_that_says_it_fails(void **state)
{
	(void)state;
	struct hk_daemon_status vitals;
	set_base(&vitals);
	vitals.store_path = NULL;
	vitals.store.ok = false;
	char line[1024];
	hk_daemon_status_line(&vitals, line, sizeof(line));
	assert_null(strstr(line, "history"));
	char *text = hk_metrics_text(&vitals, HK_METRICS_PROMETHEUS);
	assert_null(strstr(text, "hearken_store_ok"));
	free(text);
}

static void texts_in_labels_are_escaped(void **state)
{
	(void)state;
	struct hk_daemon_status vitals;
	set_base(&vitals);
	vitals.instance = "a\"b\\c\nd";
	char *text = hk_metrics_text(&vitals, HK_METRICS_OPENMETRICS);
	assert_non_null(strstr(text, "{instance=\"a\\\"b\\\\c\\nd\"} 7\n"));
	free(text);
}

/* A FIFO may be called anything. */
static void texts_that_are_no_utf8_do_not_make_the_status_impossible(void **state)
{
	(void)state;
	struct hk_daemon_status vitals;
	set_base(&vitals);
	snprintf(vitals.source.device, sizeof(vitals.source.device), "/run/\xff.fifo");
	snprintf(vitals.source.why, sizeof(vitals.source.why), "/run/\xff.fifo: nothing comes");
	snprintf(vitals.source.note, sizeof(vitals.source.note), "\xc3");
	vitals.store_path = "/var/\xff.db";
	vitals.store.ok = false;
	snprintf(vitals.store.why, sizeof(vitals.store.why), "/var/\xff.db: disk full");
	json_t *status = hk_daemon_status_status_json(&vitals);
	assert_non_null(status);
	const json_t *source = json_object_get(status, "source");
	const json_t *store = json_object_get(status, "store");
	assert_string_equal(
		json_string_value(json_object_get(source, "device")), "/run/\xef\xbf\xbd.fifo");
	assert_string_equal(
		json_string_value(json_object_get(source, "samples_note")), "\xef\xbf\xbd");
	assert_string_equal(
		json_string_value(json_object_get(store, "path")), "/var/\xef\xbf\xbd.db");
	char line[1024];
	hk_daemon_status_line(&vitals, line, sizeof(line));
	assert_non_null(strstr(line, "/run/?.fifo"));
	json_decref(status);
}

static void a_line_that_does_not_fit_is_cut(void **state)
{
	(void)state;
	struct hk_daemon_status vitals;
	set_base(&vitals);
	break_store(&vitals);
	char whole[1024], cut[1024];
	hk_daemon_status_line(&vitals, whole, sizeof(whole));
	for (size_t size = 1; size <= strlen(whole) + 1; size++) {
		hk_daemon_status_line(&vitals, cut, size);
		assert_int_equal(strlen(cut), size - 1);
		assert_memory_equal(cut, whole, size - 1);
	}
}

int main(void)
{
	hk_profile_config_init(&model.profile, hk_profiles[0]);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_changes_its_metric_and_its_status_and_nothing_else),
		cmocka_unit_test(every_field_of_the_vitals_has_a_row),
		cmocka_unit_test(an_instance_without_history_has_no_metric_that_says_it_fails),
		cmocka_unit_test(texts_in_labels_are_escaped),
		cmocka_unit_test(texts_that_are_no_utf8_do_not_make_the_status_impossible),
		cmocka_unit_test(a_line_that_does_not_fit_is_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
