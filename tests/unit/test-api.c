/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/features/profiles.h"
#include "daemon/api/api.h"
#include "daemon/publish/publisher.h"
#include "daemon/status/metrics.h"

#define PATIENCE_USEC (20 * 1000000)

/* A daemon with a history and the api over it, but without ears. */
struct bed {
	char folder[64];
	struct hk_store_options store_options;
	sd_event *event;
	struct hk_store *store;
	struct hk_publisher *publisher;
	struct hk_api *api;
	struct hk_model model;
	char labels[2][HK_LABEL_SIZE];
	bool reload_fails;
	bool pictures_wanted;
	int fd; /* a client */
};

static void fill_vitals(void *owner, struct hk_daemon_status *ret)
{
	struct bed *bed = owner;
	*ret = (struct hk_daemon_status){
		.instance = "test",
		.started_us = 1000000,
		.source = { .state = HK_SOURCE_HEARING, .device = "mic", .rate_hz = 48000 },
		.source_since_us = 2000000,
		.model = &bed->model,
		.totals = { .n_windows = 7,
			.last_window_us = 3000000,
			.level_dbfs = -40,
			.n_analysis = { 1, 2, 3 } },
	};
	hk_store_status(bed->store, &ret->store);
}

static json_t *no_trail(void *owner, uint64_t id, uint64_t *ret_omitted)
{
	(void)owner;
	(void)id;
	(void)ret_omitted;
	return NULL;
}

static int reload(void *owner, struct hk_diag *diag)
{
	const struct bed *bed = owner;
	return bed->reload_fails ? hk_diag_set(diag, -EINVAL, "x.conf:3: bad") : 0;
}

static void want_pictures(void *owner, bool wanted)
{
	((struct bed *)owner)->pictures_wanted = wanted;
}

static void publish_event(void *owner, const struct hk_event_record *record)
{
	hk_api_event(((struct bed *)owner)->api, record);
}

static void on_news(void *owner, enum hk_store_news news, const char *text)
{
	(void)owner;
	(void)news;
	(void)text;
}

static void dial(struct bed *bed)
{
	int fds[2];
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
	assert_int_equal(hk_varlink_serve(hk_api_server(bed->api), fds[1]), 0);
	bed->fd = fds[0];
}

static int set_up(void **state)
{
	struct bed *bed = calloc(1, sizeof(*bed));
	assert_non_null(bed);
	snprintf(bed->folder, sizeof(bed->folder), "/tmp/hearken-api-XXXXXX");
	assert_non_null(mkdtemp(bed->folder));
	snprintf(bed->store_options.path, sizeof(bed->store_options.path), "%s/events.db",
		bed->folder);
	strcpy(bed->labels[0], "fire_alarm");
	strcpy(bed->labels[1], "music");
	bed->model = (struct hk_model){ .name = "home",
		.hash = "abc",
		.n_labels = 2,
		.labels = bed->labels,
		.rate_hz = 16000,
		.n_window_frames = 32000,
		.n_step_frames = 16000 };
	hk_profile_config_init(&bed->model.profile, hk_profiles[0]);
	assert_true(sd_event_new(&bed->event) >= 0);
	const struct hk_store_sink store_sink = { bed, on_news };
	assert_int_equal(
		hk_store_new(&bed->store, bed->event, &bed->store_options, &store_sink), 0);
	const struct hk_publisher_sink publisher_sink = { bed, publish_event };
	assert_int_equal(
		hk_publisher_new(&bed->publisher, bed->event, bed->store, &publisher_sink), 0);
	const struct hk_api_daemon daemon = { bed, fill_vitals, no_trail, reload, want_pictures };
	assert_int_equal(hk_api_new(&bed->api, bed->event, &daemon, bed->store, "/nonexistent"), 0);
	dial(bed);
	*state = bed;
	return 0;
}

static int tear_down(void **state)
{
	struct bed *bed = *state;
	close(bed->fd);
	hk_api_free(bed->api);
	hk_store_free(bed->store, 5000);
	hk_publisher_free(bed->publisher);
	sd_event_unref(bed->event);
	char command[128];
	snprintf(command, sizeof(command), "rm -r %s", bed->folder);
	assert_int_equal(system(command), 0);
	free(bed);
	return 0;
}

static void say(struct bed *bed, const char *method, json_t *parameters, bool more)
{
	json_t *request = json_pack("{s:s, s:o*}", "method", method, "parameters", parameters);
	if (more) {
		json_object_set_new(request, "more", json_true());
	}
	char *text = json_dumps(request, JSON_COMPACT);
	const size_t length = strlen(text) + 1;
	assert_int_equal(send(bed->fd, text, length, MSG_NOSIGNAL), length);
	free(text);
	json_decref(request);
}

/* The next reply; waits for it. */
static json_t *hear(struct bed *bed)
{
	static char text[1 << 20];
	size_t n = 0;
	for (;;) {
		const ssize_t r = recv(bed->fd, text + n, 1, 0);
		if (r == 1 && text[n] == '\0') {
			break;
		}
		if (r == 1) {
			assert_true(++n < sizeof(text));
			continue;
		}
		assert_int_equal(r, -1);
		assert_int_equal(errno, EAGAIN);
		if (sd_event_run(bed->event, PATIENCE_USEC) <= 0) {
			fail_msg("no reply");
		}
	}
	json_t *reply = json_loads(text, 0, NULL);
	assert_non_null(reply);
	return reply;
}

/* One call, one reply: its parameters, or with ERROR its error's. */
static json_t *ask(struct bed *bed, const char *method, json_t *parameters, const char *error)
{
	say(bed, method, parameters, false);
	json_t *reply = hear(bed);
	const char *name = json_string_value(json_object_get(reply, "error"));
	if ((name || error) && (!name || !error || strcmp(name, error) != 0)) {
		fail_msg("%s: error %s, not %s", method, name ? name : "none",
			error ? error : "none");
	}
	json_t *result = json_incref(json_object_get(reply, "parameters"));
	json_decref(reply);
	return result;
}

static struct hk_event_record record_of(struct bed *bed, const char *label)
{
	struct hk_event_record record = {
		.event = { .id = hk_store_next_id(bed->store), .n_windows = 2, .level_dbfs = -20 },
		.start_us = 1000000,
		.end_us = 3000000,
		.instance = "test",
		.model = "home",
	};
	snprintf(record.label, sizeof(record.label), "%s", label);
	return record;
}

static void end_record(struct hk_event_record *record)
{
	record->event.state = HK_EVENT_ENDED;
	record->end_us += 1000000;
}

static void until_stored(struct bed *bed)
{
	struct hk_store_status status;
	do {
		hk_store_status(bed->store, &status);
	} while (status.n_queued > 0 && sd_event_run(bed->event, PATIENCE_USEC) > 0);
	while (sd_event_run(bed->event, 0) > 0) {}
}

/* ---- the description ---- */

/* TEXT without comments and white space, so that two ways of writing it compare. */
static char *squeeze(const char *text)
{
	char *out = malloc(strlen(text) + 1);
	size_t n = 0;
	for (; *text; text++) {
		if (*text == '#') {
			text += strcspn(text, "\n");
		}
		if (!isspace((unsigned char)*text)) {
			out[n++] = *text;
		}
	}
	out[n] = '\0';
	return out;
}

static void the_description_and_the_table_name_the_same_methods_and_parameters(void **state)
{
	(void)state;
	static const char *const types[] = { "bool", "int", "string", "[]string" };
	char *description = squeeze(hk_api_interface.description);
	size_t n_described = 0;
	for (const char *at = description; (at = strstr(at, "method")); at += 6) {
		n_described++;
	}
	assert_int_equal(n_described, hk_api_interface.n_methods);
	for (size_t i = 0; i < hk_api_interface.n_methods; i++) {
		const struct hk_varlink_method *method = &hk_api_interface.methods[i];
		char expected[512];
		int n = snprintf(expected, sizeof(expected), "method%s(", method->name);
		for (size_t k = 0; k < HK_VARLINK_MAX_PARAMETERS && method->parameters[k].name;
			k++) {
			const struct hk_varlink_parameter *row = &method->parameters[k];
			n += snprintf(expected + n, sizeof(expected) - (size_t)n, "%s%s:%s%s",
				k ? "," : "", row->name, row->required ? "" : "?",
				types[row->type]);
		}
		snprintf(expected + n, sizeof(expected) - (size_t)n, ")->(");
		if (!strstr(description, expected)) {
			fail_msg("not described: %s", expected);
		}
	}
	free(description);
}

/* Every member of OBJECT is a field of type NAME in the description, every field without ? is
 * there. */
static void check_type(const char *name, json_t *object)
{
	char *description = squeeze(hk_api_interface.description);
	char head[64];
	snprintf(head, sizeof(head), "type%s(", name);
	char *fields = strstr(description, head);
	assert_non_null(fields);
	fields += strlen(head);
	size_t n_known = 0;
	for (char *at = fields; *at != ')';) {
		char *colon = strchr(at, ':');
		*colon = '\0';
		const json_t *value = json_object_get(object, at);
		n_known += value != NULL;
		if (!value && colon[1] != '?') {
			fail_msg("%s: %s is missing", name, at);
		}
		at = colon + 1;
		for (int depth = 0; depth > 0 || (*at != ',' && *at != ')'); at++) {
			depth += *at == '(';
			depth -= *at == ')';
		}
		at += *at == ',';
	}
	if (n_known != json_object_size(object)) {
		fail_msg("%s has a member that is not described", name);
	}
	free(description);
}

static void a_status_has_the_fields_that_are_described(void **state)
{
	struct bed *bed = *state;
	json_t *reply = ask(bed, "io.hearken.GetStatus", NULL, NULL);
	json_t *status = json_object_get(reply, "status");
	check_type("Status", status);
	check_type("Source", json_object_get(status, "source"));
	check_type("Model", json_object_get(status, "model"));
	check_type("Store", json_object_get(status, "store"));
	assert_int_equal(json_integer_value(json_object_get(status, "windows")), 7);
	assert_string_equal(json_string_value(json_object_get(status, "last_window")),
		"1970-01-01T00:00:03.000Z");
	json_decref(reply);
	struct hk_event_record record = record_of(bed, "music");
	json_t *event = hk_event_record_json(&record);
	check_type("Event", event);
	json_decref(event);
	end_record(&record);
	record.event.continues = 5;
	event = hk_event_record_json(&record);
	check_type("Event", event);
	assert_non_null(json_object_get(event, "end"));
	json_decref(event);
}

static void metrics_are_open_metrics_text(void **state)
{
	struct bed *bed = *state;
	json_t *reply = ask(bed, "io.hearken.GetMetrics", NULL, NULL);
	const char *text = json_string_value(json_object_get(reply, "text"));
	assert_non_null(strstr(text, "\nhearken_windows_total{instance=\"test\"} 7\n"));
	assert_non_null(strstr(text, "\nhearken_level_dbfs{instance=\"test\"} -40\n"));
	assert_non_null(
		strstr(text, "\nhearken_events_total{instance=\"test\",label=\"fire_alarm\"} 0\n"));
	assert_non_null(strstr(text, ",state=\"hearing\"} 1\n"));
	assert_non_null(strstr(
		text, "hearken_analysis_seconds_bucket{instance=\"test\",le=\"0.002\"} 6\n"));
	assert_non_null(
		strstr(text, "hearken_analysis_seconds_bucket{instance=\"test\",le=\"+Inf\"} 6\n"));
	assert_null(strstr(text, "hearken_clock_drift_ppm")); /* not known yet: not shown */
	assert_string_equal(text + strlen(text) - 6, "# EOF\n");
	/* a metric's name says its unit, and no name comes twice */
	for (size_t i = 0; i < hk_n_metrics; i++) {
		const char *unit = hk_metrics[i].unit;
		const size_t n = strlen(hk_metrics[i].name);
		if (unit[0]) {
			assert_string_equal(hk_metrics[i].name + n - strlen(unit), unit);
		}
		if (hk_metrics[i].type == HK_METRIC_COUNTER) {
			assert_string_equal(hk_metrics[i].name + n - strlen("_total"), "_total");
		}
		for (size_t k = 0; k < i; k++) {
			assert_string_not_equal(hk_metrics[i].name, hk_metrics[k].name);
		}
	}
	json_decref(reply);
}

static void metrics_come_in_the_format_that_is_asked_for(void **state)
{
	struct bed *bed = *state;
	json_t *reply = ask(
		bed, "io.hearken.GetMetrics", json_pack("{s:s}", "format", "openmetrics"), NULL);
	const char *text = json_string_value(json_object_get(reply, "text"));
	assert_non_null(strstr(text, "# TYPE hearken_windows counter\n"));
	json_decref(reply);
	reply = ask(bed, "io.hearken.GetMetrics", json_pack("{s:s}", "format", "prometheus"), NULL);
	text = json_string_value(json_object_get(reply, "text"));
	assert_non_null(strstr(text, "# TYPE hearken_windows_total counter\n"));
	json_decref(reply);
	json_decref(ask(bed, "io.hearken.GetMetrics", json_pack("{s:s}", "format", "xml"),
		"io.hearken.BadValue"));
}

/* qemu-user's posix_spawn succeeds whatever it is to run. */
static bool spawn_tells_what_is_missing(void)
{
	char name[] = "nonexistent";
	char *argv[] = { name, NULL };
	pid_t pid;
	if (posix_spawn(&pid, "/nonexistent", NULL, NULL, argv, NULL) != 0) {
		return true;
	}
	waitpid(pid, NULL, 0);
	return false;
}

static void a_helper_that_cannot_run_is_told_by_name(void **state)
{
	if (!spawn_tells_what_is_missing()) {
		print_message("skipped: posix_spawn of a missing program succeeds here\n");
		skip();
	}
	struct bed *bed = *state;
	json_t *reply = ask(bed, "io.hearken.ListDevices", NULL, "io.hearken.DevicesUnavailable");
	assert_non_null(
		strstr(json_string_value(json_object_get(reply, "reason")), "/nonexistent"));
	json_decref(reply);
}

/* ---- history ---- */

static void events_are_listed_page_by_page(void **state)
{
	struct bed *bed = *state;
	for (int i = 0; i < 5; i++) {
		struct hk_event_record record = record_of(bed, i % 2 ? "music" : "fire_alarm");
		hk_publish(bed->publisher, &record, NULL);
	}
	until_stored(bed);
	json_int_t last = 0;
	int n = 0;
	bool has_more = true;
	while (has_more) {
		json_t *reply = ask(bed, "io.hearken.ListEvents",
			json_pack("{s:I, s:i}", "after_id", last, "limit", 2), NULL);
		size_t i;
		json_t *event;
		json_array_foreach(json_object_get(reply, "events"), i, event)
		{
			const json_int_t id = json_integer_value(json_object_get(event, "id"));
			assert_true(id > last);
			last = id;
			n++;
		}
		has_more = json_is_true(json_object_get(reply, "has_more"));
		json_decref(reply);
	}
	assert_int_equal(n, 5);
	json_t *reply = ask(bed, "io.hearken.ListEvents",
		json_pack("{s:[s], s:s, s:s, s:b}", "labels", "music", "since",
			"1970-01-01T00:00:02Z", "state", "ongoing", "newest_first", 1),
		NULL);
	assert_int_equal(json_array_size(json_object_get(reply, "events")), 2);
	json_decref(reply);
}

static void a_bad_question_is_told_what_was_expected(void **state)
{
	struct bed *bed = *state;
	static const struct {
		const char *parameters;
		const char *error;
		const char *parameter;
	} cases[] = {
		{ "{\"limit\":0}", "io.hearken.BadValue", "limit" },
		{ "{\"limit\":1001}", "io.hearken.BadValue", "limit" },
		{ "{\"after_id\":-1}", "io.hearken.BadValue", "after_id" },
		{ "{\"state\":\"over\"}", "io.hearken.BadValue", "state" },
		{ "{\"since\":\"soon\"}", "io.hearken.BadValue", "since" },
		{ "{\"until\":\"\"}", "io.hearken.BadValue", "until" },
		{ "{\"labels\":[\"dog\"]}", "io.hearken.NoSuchLabel", NULL },
		{ "{\"since\":5}", "org.varlink.service.InvalidParameter", "since" },
		{ "{\"nonsense\":5}", "org.varlink.service.InvalidParameter", "nonsense" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *reply = ask(bed, "io.hearken.ListEvents",
			json_loads(cases[i].parameters, 0, NULL), cases[i].error);
		if (cases[i].parameter) {
			assert_string_equal(json_string_value(json_object_get(reply, "parameter")),
				cases[i].parameter);
		} else {
			assert_int_equal(json_array_size(json_object_get(reply, "labels")), 2);
		}
		json_decref(reply);
	}
	json_decref(ask(bed, "io.hearken.ExplainEvent", json_pack("{s:i}", "id", 5),
		"io.hearken.NoSuchEvent"));
	json_decref(ask(bed, "io.hearken.FollowEvents", NULL, "org.varlink.service.ExpectedMore"));
}

static void an_event_is_explained_by_its_windows(void **state)
{
	struct bed *bed = *state;
	struct hk_event_record record = record_of(bed, "music");
	hk_publish(bed->publisher, &record,
		strdup("{\"windows\":[{\"start_frame\":1}],\"omitted\":3}"));
	until_stored(bed);
	json_t *reply = ask(bed, "io.hearken.ExplainEvent",
		json_pack("{s:I}", "id", (json_int_t)record.event.id), NULL);
	assert_int_equal(json_array_size(json_object_get(reply, "windows")), 1);
	assert_int_equal(json_integer_value(json_object_get(reply, "omitted")), 3);
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(reply, "event"), "label")),
		"music");
	json_decref(reply);
}

static void a_reload_that_fails_says_why(void **state)
{
	struct bed *bed = *state;
	json_decref(ask(bed, "io.hearken.Reload", NULL, NULL));
	bed->reload_fails = true;
	json_t *reply = ask(bed, "io.hearken.Reload", NULL, "io.hearken.ReloadFailed");
	assert_string_equal(json_string_value(json_object_get(reply, "reason")), "x.conf:3: bad");
	json_decref(reply);
}

/* ---- streams ---- */

/* The next followed event's cursor. */
static uint64_t hear_cursor(struct bed *bed)
{
	json_t *reply = hear(bed);
	json_t *event = json_object_get(json_object_get(reply, "parameters"), "event");
	assert_non_null(event);
	assert_true(json_is_true(json_object_get(reply, "continues")));
	const uint64_t cursor = (uint64_t)json_integer_value(json_object_get(event, "cursor"));
	json_decref(reply);
	return cursor;
}

static void what_happens_is_followed_and_only_that(void **state)
{
	struct bed *bed = *state;
	struct hk_event_record record = record_of(bed, "music");
	hk_publish(bed->publisher, &record, NULL);
	until_stored(bed);
	say(bed, "io.hearken.FollowEvents",
		json_pack("{s:[s], s:b}", "labels", "music", "sources", 1), true);
	json_t *present = hear(bed);
	check_type("Source", json_object_get(json_object_get(present, "parameters"), "source"));
	json_decref(present);
	while (sd_event_run(bed->event, 0) > 0) {}
	struct hk_event_record other = record_of(bed, "fire_alarm");
	hk_publish(bed->publisher, &other, NULL);
	end_record(&record);
	hk_publish(bed->publisher, &record, NULL);
	assert_int_equal(hear_cursor(bed), record.cursor);
	hk_api_source(bed->api);
	json_t *reply = hear(bed);
	check_type("Source", json_object_get(json_object_get(reply, "parameters"), "source"));
	json_decref(reply);
}

/*
 * A thousand connections, each going on from where the last one was cut off, while events start and
 * end: every change of every event arrives exactly once and in order.
 */
static void a_thousand_reconnects_lose_and_double_nothing(void **state)
{
	struct bed *bed = *state;
	const unsigned seed = getenv("HEARKEN_TEST_SEED")
		? (unsigned)atoi(getenv("HEARKEN_TEST_SEED"))
		: 20261122;
	print_message("seed %u\n", seed);
	srand(seed);
	enum { N_EVENTS = 1500 };
	struct hk_event_record open[N_EVENTS];
	uint64_t last[N_EVENTS] = { 0 };  /* cursor of the newest change that was published */
	uint64_t heard[N_EVENTS] = { 0 }; /* and that was heard */
	size_t n_started = 0;
	size_t n_ended = 0;
	uint64_t cursor = 0;
	for (int connection = 0; connection < 1000 || n_ended < n_started; connection++) {
		close(bed->fd);
		dial(bed);
		say(bed, "io.hearken.FollowEvents",
			json_pack("{s:I}", "after_cursor", (json_int_t)cursor), true);
		for (int steps = rand() % 8; steps > 0; steps--) {
			switch (rand() % 3) {
			case 0:
				if (n_started < N_EVENTS && connection < 1000) {
					open[n_started] = record_of(bed, "music");
					hk_publish(bed->publisher, &open[n_started], NULL);
					last[n_started] = open[n_started].cursor;
					n_started++;
				}
				break;
			case 1:
				if (n_ended < n_started) {
					end_record(&open[n_ended]);
					hk_publish(bed->publisher, &open[n_ended], NULL);
					last[n_ended] = open[n_ended].cursor;
					n_ended++;
				}
				break;
			default:
				sd_event_run(bed->event, 1000);
			}
		}
		/* hear some of what has come, then hang up in the middle */
		char byte;
		while (rand() % 16 && recv(bed->fd, &byte, 1, MSG_PEEK) == 1) {
			json_t *reply = hear(bed);
			json_t *event =
				json_object_get(json_object_get(reply, "parameters"), "event");
			const uint64_t id =
				(uint64_t)json_integer_value(json_object_get(event, "id"));
			const uint64_t got =
				(uint64_t)json_integer_value(json_object_get(event, "cursor"));
			assert_true(got > cursor); /* in order, nothing twice */
			cursor = got;
			size_t i = 0;
			while (i < n_started && open[i].event.id != id) {
				i++;
			}
			assert_true(i < n_started);
			heard[i] = got;
			json_decref(reply);
		}
	}
	until_stored(bed);
	close(bed->fd);
	dial(bed);
	say(bed, "io.hearken.FollowEvents", json_pack("{s:I}", "after_cursor", (json_int_t)cursor),
		true);
	size_t n_missing = 0;
	for (size_t i = 0; i < n_started; i++) {
		n_missing += heard[i] != last[i];
	}
	for (; n_missing > 0; n_missing--) {
		json_t *reply = hear(bed);
		json_t *event = json_object_get(json_object_get(reply, "parameters"), "event");
		const uint64_t id = (uint64_t)json_integer_value(json_object_get(event, "id"));
		for (size_t i = 0; i < n_started; i++) {
			if (open[i].event.id == id) {
				heard[i] = (uint64_t)json_integer_value(
					json_object_get(event, "cursor"));
			}
		}
		json_decref(reply);
	}
	assert_true(n_started > 100);
	for (size_t i = 0; i < n_started; i++) {
		assert_int_equal(heard[i], last[i]);
	}
}

static void following_from_an_id_shows_the_past_then_every_change(void **state)
{
	struct bed *bed = *state;
	struct hk_event_record records[500];
	for (int i = 0; i < 500; i++) {
		records[i] = record_of(bed, "music");
		hk_publish(bed->publisher, &records[i], NULL);
	}
	until_stored(bed);
	say(bed, "io.hearken.FollowEvents",
		json_pack("{s:I}", "after_id", (json_int_t)records[99].event.id), true);
	/* the first page is there: what it shows is fixed. Now an event on it and one before it
	 * change */
	assert_int_equal(hear_cursor(bed), records[100].cursor);
	end_record(&records[10]);
	hk_publish(bed->publisher, &records[10], NULL);
	end_record(&records[120]);
	hk_publish(bed->publisher, &records[120], NULL);
	size_t n_past = 1;
	uint64_t cursor;
	while ((cursor = hear_cursor(bed)) <= records[499].cursor) {
		n_past++;
	}
	assert_int_equal(n_past, 400);
	assert_int_equal(cursor, records[10].cursor);
	assert_int_equal(hear_cursor(bed), records[120].cursor);
}

static void windows_and_pictures_are_watched(void **state)
{
	struct bed *bed = *state;
	assert_false(hk_api_has_monitors(bed->api));
	say(bed, "io.hearken.Monitor", json_pack("{s:b}", "pictures", 1), true);
	while (sd_event_run(bed->event, 0) > 0) {}
	assert_true(hk_api_has_monitors(bed->api));
	assert_true(bed->pictures_wanted);
	json_t *window = json_pack("{s:i}", "start_frame", 5);
	hk_api_window(bed->api, window);
	hk_api_picture(bed->api, window);
	json_decref(window);
	json_t *reply = hear(bed);
	assert_non_null(json_object_get(json_object_get(reply, "parameters"), "window"));
	json_decref(reply);
	reply = hear(bed);
	assert_non_null(json_object_get(json_object_get(reply, "parameters"), "picture"));
	json_decref(reply);
	shutdown(bed->fd, SHUT_RDWR);
	close(bed->fd);
	while (sd_event_run(bed->event, 0) > 0) {}
	assert_false(hk_api_has_monitors(bed->api));
	assert_false(bed->pictures_wanted);
	dial(bed);
}

static void an_alarm_does_not_wait_for_a_dead_disk(void **state)
{
	struct bed *bed = *state;
	hk_api_free(bed->api);
	hk_store_free(bed->store, 5000);
	hk_publisher_free(bed->publisher);
	close(bed->fd);
	snprintf(bed->store_options.path, sizeof(bed->store_options.path), "%s/gone/events.db",
		bed->folder);
	const struct hk_store_sink store_sink = { bed, on_news };
	assert_int_equal(
		hk_store_new(&bed->store, bed->event, &bed->store_options, &store_sink), 0);
	const struct hk_publisher_sink publisher_sink = { bed, publish_event };
	assert_int_equal(
		hk_publisher_new(&bed->publisher, bed->event, bed->store, &publisher_sink), 0);
	const struct hk_api_daemon daemon = { bed, fill_vitals, no_trail, reload, want_pictures };
	assert_int_equal(hk_api_new(&bed->api, bed->event, &daemon, bed->store, "/nonexistent"), 0);
	dial(bed);
	say(bed, "io.hearken.FollowEvents", NULL, true);
	while (sd_event_run(bed->event, 0) > 0) {}
	struct hk_event_record record = record_of(bed, "fire_alarm");
	hk_publish(bed->publisher, &record, NULL);
	json_t *reply = hear(bed);
	json_t *event = json_object_get(json_object_get(reply, "parameters"), "event");
	assert_true(json_is_false(json_object_get(event, "stored")));
	json_decref(reply);
	/* when the disk comes back the event is stored, and nobody hears it twice */
	char folder[128];
	snprintf(folder, sizeof(folder), "%s/gone", bed->folder);
	assert_int_equal(mkdir(folder, 0700), 0);
	until_stored(bed);
	char byte;
	assert_int_equal(recv(bed->fd, &byte, 1, 0), -1);
	close(bed->fd);
	dial(bed);
	reply = ask(bed, "io.hearken.ListEvents", NULL, NULL);
	assert_int_equal(json_array_size(json_object_get(reply, "events")), 1);
	json_decref(reply);
}

#define TEST(name_) cmocka_unit_test_setup_teardown(name_, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			the_description_and_the_table_name_the_same_methods_and_parameters),
		TEST(a_status_has_the_fields_that_are_described),
		TEST(metrics_are_open_metrics_text),
		TEST(metrics_come_in_the_format_that_is_asked_for),
		TEST(a_helper_that_cannot_run_is_told_by_name),
		TEST(events_are_listed_page_by_page),
		TEST(a_bad_question_is_told_what_was_expected),
		TEST(an_event_is_explained_by_its_windows),
		TEST(a_reload_that_fails_says_why),
		TEST(what_happens_is_followed_and_only_that),
		TEST(following_from_an_id_shows_the_past_then_every_change),
		TEST(a_thousand_reconnects_lose_and_double_nothing),
		TEST(windows_and_pictures_are_watched),
		TEST(an_alarm_does_not_wait_for_a_dead_disk),
	};
	return cmocka_run_group_tests_name("api", tests, NULL, NULL);
}
