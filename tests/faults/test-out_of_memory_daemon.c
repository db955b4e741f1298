/* SPDX-License-Identifier: MIT */
/* Memory runs out anywhere in the daemon's parts: it loses what it has counted as lost, and nothing
 * else. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/analysis/engine.h"
#include "daemon/api/api.h"
#include "daemon/publish/event_windows.h"
#include "daemon/publish/publisher.h"
#include "tests/faults/failing-alloc.h"
#include "tests/unit/bundle.h"

#define WAIT_USEC 5000
#define MAX_WAITS 400

static int load_engine(void *data)
{
	const struct bundle *bundle = data;
	struct hk_engine *engine = NULL;
	const struct hk_options options = { .instance = "test" };
	const struct hk_config config = { 0 };
	const struct hk_setting_origins origins = { &options, &config };
	struct hk_diag diag = { "" };
	const int r = hk_engine_new(&engine, bundle->folder, &origins, &diag);
	assert_true(r == 0 || diag.text[0] != '\0');
	hk_engine_free(engine);
	return r;
}

static void an_engine_is_made_or_not(void **state)
{
	alloc_sweep("hk_engine_new", ALLOC_ANY, load_engine, *state);
}

/* ---- the history ---- */

struct history {
	char path[128];
	sd_event *event;
	struct hk_store *store;
	uint64_t next_id;
	uint64_t told[4]; /* ids that were told to be stored in this run */
	size_t n_told;
};

static struct hk_event_record record_of(uint64_t id, enum hk_event_state state)
{
	return (struct hk_event_record){
		.event = { .id = id, .state = state, .n_windows = 2, .level_dbfs = -20 },
		.cursor = 2 * id + (state != HK_EVENT_ONGOING),
		.start_us = 1000000,
		.end_us = 3000000,
		.instance = "test",
		.label = "music",
		.model = "home",
	};
}

static int count_row(void *owner, const struct hk_event_record *record)
{
	(void)record;
	(*(size_t *)owner)++;
	return 0;
}

static int write_and_read(struct hk_store_db *db, uint64_t id, struct hk_diag *diag)
{
	const struct hk_event_record record = record_of(id, HK_EVENT_ONGOING);
	int r = hk_store_db_begin(db, diag);
	if (r == 0) {
		r = hk_store_db_put(db, &record, "{\"windows\": []}", diag);
	}
	if (r == 0) {
		r = hk_store_db_commit(db, diag);
	}
	if (r < 0) {
		hk_store_db_rollback(db);
		return r;
	}
	size_t n_rows = 0;
	alloc_spare(true);
	json_t *labels = json_pack("[s]", "music");
	alloc_spare(false);
	const struct hk_store_query query = { .labels = labels, .limit = 1000 };
	struct hk_event_record found;
	char *trail = NULL;
	r = hk_store_db_query(db, &query, count_row, &n_rows, diag);
	json_decref(labels);
	if (r == 0) {
		assert_true(n_rows > 0);
		r = hk_store_db_explain(db, id, &found, &trail, diag);
		free(trail);
	}
	return r;
}

static int use_db(void *data)
{
	struct history *history = data;
	struct hk_store_db *db = NULL;
	struct hk_diag diag = { "" };
	uint64_t n_interrupted;
	struct hk_store_forgotten forgotten;
	int r = hk_store_db_open(&db, history->path, &diag);
	if (r == 0) {
		r = write_and_read(db, ++history->next_id, &diag);
	}
	if (r == 0) {
		r = hk_store_db_interrupt(db, 1000 * history->next_id, &n_interrupted, &diag);
	}
	if (r == 0) {
		r = hk_store_db_prune(db, 1e-6, 5, &forgotten, &diag);
	}
	assert_true(r == 0 || diag.text[0] != '\0');
	hk_store_db_close(db);
	return r;
}

static void a_history_is_read_and_written_or_not(void **state)
{
	struct bundle *bundle = *state;
	struct history history = { .next_id = 0 };
	snprintf(history.path, sizeof(history.path), "%s/events.db", bundle->root);
	alloc_sweep("hk_store_db", ALLOC_ANY, use_db, &history);
}

static void on_stored(void *owner, const struct hk_event_record *record)
{
	struct history *history = owner;
	assert_true(history->n_told < 4);
	history->told[history->n_told++] = record->event.id;
}

static void on_news(void *owner, enum hk_store_news news, const char *text)
{
	(void)owner;
	(void)text;
	assert_true(news != HK_STORE_MOVED_ASIDE);
}

static void on_answer(void *owner, const struct hk_store_answer *answer)
{
	(void)answer;
	*(bool *)owner = true;
}

/* Until the records are stored or the store says that it cannot. */
static void wait_for_store(struct history *history, size_t n_written)
{
	for (int i = 0; i < MAX_WAITS; i++) {
		struct hk_store_status status;
		hk_store_status(history->store, &status);
		if (history->n_told + status.n_lost == n_written || !status.ok) {
			return;
		}
		sd_event_run(history->event, WAIT_USEC);
	}
	fail_msg("the store neither stores nor says that it cannot");
}

/* Every event that was told to be stored is in the file. */
static void check_stored(const struct history *history)
{
	struct hk_store_db *db = NULL;
	struct hk_diag diag = { "" };
	if (hk_store_db_open(&db, history->path, &diag) < 0) {
		fail_msg("%s", diag.text);
	}
	for (size_t i = 0; i < history->n_told; i++) {
		struct hk_event_record record;
		char *trail = NULL;
		assert_int_equal(
			hk_store_db_explain(db, history->told[i], &record, &trail, &diag), 0);
		free(trail);
	}
	hk_store_db_close(db);
}

static int use_store(void *data)
{
	struct history *history = data;
	struct hk_store_options options = { .max_events = 10 };
	const struct hk_store_sink sink = { history, on_news };
	snprintf(options.path, sizeof(options.path), "%s", history->path);
	history->n_told = 0;
	int r = sd_event_new(&history->event);
	if (r < 0) {
		return r;
	}
	r = hk_store_new(&history->store, history->event, &options, &sink);
	if (r < 0) {
		sd_event_unref(history->event);
		return r;
	}
	hk_store_watch_written(history->store, on_stored, history);
	struct hk_event_record records[] = { record_of(++history->next_id, HK_EVENT_ONGOING),
		record_of(++history->next_id, HK_EVENT_ENDED) };
	const uint64_t n_refused = !hk_store_write(history->store, &records[0], NULL) +
		!hk_store_write(history->store, &records[1], NULL);
	wait_for_store(history, 2);
	const struct hk_store_query query = { .limit = 10 };
	bool answered = false;
	r = hk_store_ask(history->store, &query, on_answer, &answered, NULL);
	for (int i = 0; r == 0 && !answered && i < MAX_WAITS; i++) {
		sd_event_run(history->event, WAIT_USEC);
	}
	assert_true(answered || r == -ENOMEM);
	struct hk_store_status status;
	hk_store_status(history->store, &status);
	const uint64_t n_unwritten = hk_store_free(history->store, 10000);
	sd_event_unref(history->event);
	assert_int_equal(status.n_lost, n_refused);
	assert_int_equal(history->n_told + status.n_lost + n_unwritten, 2);
	alloc_spare(true);
	check_stored(history);
	alloc_spare(false);
	return r;
}

static void what_the_store_tells_to_be_stored_is_and_the_rest_is_counted(void **state)
{
	struct bundle *bundle = *state;
	struct history history = { .next_id = 0 };
	snprintf(history.path, sizeof(history.path), "%s/events.db", bundle->root);
	alloc_sweep("hk_store", ALLOC_ANY, use_store, &history);
}

/* ---- the socket ---- */

struct house {
	const struct hk_model *model;
	struct hk_event_record ongoing;
	struct hk_event_windows trail;
};

static void fill_vitals(void *owner, struct hk_daemon_status *ret)
{
	const struct house *house = owner;
	*ret = (struct hk_daemon_status){
		.instance = "test",
		.source = { .state = HK_SOURCE_HEARING, .device = "mic", .rate_hz = 48000 },
		.model = house->model,
		.ongoing = &house->ongoing,
		.n_ongoing = 1,
		.totals.has_clock = true,
	};
}

static json_t *ongoing_trail(void *owner, uint64_t id, uint64_t *ret_omitted)
{
	const struct house *house = owner;
	(void)id;
	return hk_event_windows_json(&house->trail, house->model, ret_omitted);
}

static int reload(void *owner, struct hk_diag *diag)
{
	(void)owner;
	return hk_diag_set(diag, -EINVAL, "no");
}

static void want_pictures(void *owner, bool wanted)
{
	(void)owner;
	(void)wanted;
}

static int dial(struct hk_api *api, int *ret_fd)
{
	int fds[2];
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
	*ret_fd = fds[0];
	const int r = hk_varlink_serve(hk_api_server(api), fds[1]);
	if (r < 0) {
		close(fds[0]);
	}
	return r;
}

static void say(int fd, const char *method, const char *rest)
{
	char text[256];
	const int n = snprintf(text, sizeof(text), "{\"method\":\"%s\"%s}", method, rest);
	(void)!send(fd, text, (size_t)n + 1, MSG_NOSIGNAL);
}

static void turn(sd_event *event)
{
	while (sd_event_run(event, 0) > 0) {}
}

/* Every method once; what they cannot answer ends the connection or is an error, no more. */
static int ask_everything(struct hk_api *api, sd_event *event, const struct house *house)
{
	static const struct {
		const char *method, *rest;
	} calls[] = {
		{ "org.varlink.service.GetInfo", "" },
		{ "io.hearken.GetStatus", "" },
		{ "io.hearken.GetMetrics", "" },
		{ "io.hearken.ExplainEvent", ",\"parameters\":{\"id\":7}" },
		{ "io.hearken.ListEvents", "" },
		{ "io.hearken.Reload", "" },
		{ "io.hearken.ListDevices", "" },
		{ "io.hearken.FollowEvents", ",\"more\":true,\"parameters\":{\"sources\":true}" },
		{ "io.hearken.Monitor", ",\"more\":true,\"parameters\":{\"pictures\":true}" },
	};
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		int fd;
		const int r = dial(api, &fd);
		if (r < 0) {
			return r;
		}
		say(fd, calls[i].method, calls[i].rest);
		turn(event);
		hk_api_event(api, &house->ongoing);
		hk_api_source(api);
		json_t *window = hk_window_json(&house->trail.windows[0], house->model);
		hk_api_window(api, window);
		hk_api_picture(api, window);
		json_decref(window);
		turn(event);
		close(fd);
		turn(event);
	}
	return 0;
}

static void check_alive(struct hk_api *api, sd_event *event)
{
	char text[4096];
	int fd;
	assert_int_equal(dial(api, &fd), 0);
	say(fd, "io.hearken.GetStatus", "");
	turn(event);
	const ssize_t n = recv(fd, text, sizeof(text) - 1, 0);
	assert_true(n > 0);
	text[n] = '\0';
	assert_non_null(strstr(text, "\"hearing\""));
	close(fd);
	turn(event);
}

static int serve(void *data)
{
	struct house *house = data;
	const struct hk_api_daemon daemon = { house, fill_vitals, ongoing_trail, reload,
		want_pictures };
	sd_event *event = NULL;
	struct hk_api *api = NULL;
	int r = sd_event_new(&event);
	if (r >= 0) {
		r = hk_api_new(&api, event, &daemon, NULL, "/nonexistent/hearken-capture");
	}
	if (r >= 0) {
		r = ask_everything(api, event, house);
		alloc_spare(true);
		check_alive(api, event);
		alloc_spare(false);
	}
	hk_api_free(api);
	sd_event_unref(event);
	return r;
}

static void the_socket_goes_on_with_the_next_client(void **state)
{
	struct bundle *bundle = *state;
	struct house house = { .model = bundle->model, .ongoing = record_of(7, HK_EVENT_ONGOING) };
	static struct hk_recent_windows recent;
	const struct hk_analysis_report_window window = { .level_dbfs = -30, .end_frame = 5 };
	hk_recent_windows_add(&recent, &window);
	assert_int_equal(hk_event_windows_start(&house.trail, &recent, 0), 0);
	hk_event_windows_add(&house.trail, &window);
	alloc_sweep("the socket", ALLOC_ANY, serve, &house);
	hk_event_windows_finish(&house.trail);
}

#define WITH_BUNDLE(test_) cmocka_unit_test_setup_teardown(test_, bundle_setup, bundle_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_BUNDLE(an_engine_is_made_or_not),
		WITH_BUNDLE(a_history_is_read_and_written_or_not),
		WITH_BUNDLE(what_the_store_tells_to_be_stored_is_and_the_rest_is_counted),
		WITH_BUNDLE(the_socket_goes_on_with_the_next_client),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
