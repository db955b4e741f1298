/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/file.h"
#include "daemon/store/store.h"
#include "daemon/store/store_lock.h"

#define PATIENCE_USEC (20 * 1000000) /* how long a test waits before it fails */

struct bed {
	char folder[64];
	struct hk_store_options options;
	sd_event *event;
	struct hk_store *store;
	struct hk_event_record stored[HK_STORE_QUEUE];
	size_t n_stored;
	unsigned news[HK_STORE_LOSES + 1];
	char text[512]; /* of the last news */
	/* the last answer */
	bool answered;
	int error;
	struct hk_event_record records[32];
	size_t n_records;
	bool has_more;
	char trail[256];
};

static void on_stored(void *owner, const struct hk_event_record *record)
{
	struct bed *bed = owner;
	assert_true(bed->n_stored < HK_STORE_QUEUE);
	bed->stored[bed->n_stored++] = *record;
}

static void on_news(void *owner, enum hk_store_news news, const char *text)
{
	struct bed *bed = owner;
	bed->news[news]++;
	snprintf(bed->text, sizeof(bed->text), "%s", text);
}

static void open_store(struct bed *bed)
{
	const struct hk_store_sink sink = { bed, on_news };
	assert_int_equal(hk_store_new(&bed->store, bed->event, &bed->options, &sink), 0);
	hk_store_watch_written(bed->store, on_stored, bed);
}

static int set_up(void **state)
{
	struct bed *bed = calloc(1, sizeof(*bed));
	assert_non_null(bed);
	snprintf(bed->folder, sizeof(bed->folder), "/tmp/hearken-store-XXXXXX");
	assert_non_null(mkdtemp(bed->folder));
	snprintf(bed->options.path, sizeof(bed->options.path), "%s/events.db", bed->folder);
	assert_true(sd_event_new(&bed->event) >= 0);
	*state = bed;
	return 0;
}

static int tear_down(void **state)
{
	struct bed *bed = *state;
	hk_store_free(bed->store, 5000);
	sd_event_unref(bed->event);
	char command[128];
	snprintf(command, sizeof(command), "rm -r %s", bed->folder);
	assert_int_equal(system(command), 0);
	free(bed);
	return 0;
}

/* Let the loop run until CONDITION_ holds. */
#define UNTIL(bed_, condition_)                                                                    \
	while (!(condition_)) {                                                                    \
		if (sd_event_run((bed_)->event, PATIENCE_USEC) <= 0) {                             \
			fail_msg("waited in vain for: %s", #condition_);                           \
		}                                                                                  \
	}

static struct hk_event_record record_of(struct bed *bed, const char *label, int64_t start_us)
{
	struct hk_event_record record = {
		.event = { .id = hk_store_next_id(bed->store),
			.state = HK_EVENT_ONGOING,
			.start_frame = 16000,
			.end_frame = 48000,
			.peak_probability = 0.9,
			.mean_probability = 0.8,
			.level_dbfs = -20.5F,
			.n_windows = 2 },
		.start_us = start_us,
		.end_us = start_us + 2000000,
		.instance = "test",
		.model = "home",
		.model_hash = "abc",
	};
	snprintf(record.label, sizeof(record.label), "%s", label);
	return record;
}

static void end_record(struct hk_event_record *record)
{
	record->event.state = HK_EVENT_ENDED;
	record->end_us += 5000000;
}

static void on_answer(void *owner, const struct hk_store_answer *answer)
{
	struct bed *bed = owner;
	bed->answered = true;
	bed->error = answer->error;
	bed->n_records = answer->n_records;
	bed->has_more = answer->has_more;
	assert_true(answer->n_records <= 32);
	for (size_t i = 0; i < answer->n_records; i++) {
		bed->records[i] = answer->records[i];
	}
	snprintf(bed->trail, sizeof(bed->trail), "%s", answer->trail ? answer->trail : "");
}

static void ask(struct bed *bed, const struct hk_store_query *query)
{
	bed->answered = false;
	assert_int_equal(hk_store_ask(bed->store, query, on_answer, bed, NULL), 0);
	UNTIL(bed, bed->answered);
}

static void an_event_is_told_once_it_is_in_the_file(void **state)
{
	struct bed *bed = *state;
	open_store(bed);
	struct hk_event_record record = record_of(bed, "fire_alarm", 1000000);
	hk_store_write(bed->store, &record, NULL);
	UNTIL(bed, bed->n_stored == 1);
	assert_true(bed->stored[0].stored);
	end_record(&record);
	hk_store_write(bed->store, &record, strdup("[1,2]"));
	UNTIL(bed, bed->n_stored == 2);

	assert_int_equal(hk_store_free(bed->store, 5000), 0);
	open_store(bed);
	ask(bed, &(struct hk_store_query){ .limit = 10 });
	assert_int_equal(bed->error, 0);
	assert_int_equal(bed->n_records, 1);
	const struct hk_event_record *read = &bed->records[0];
	record.stored = true;
	assert_int_equal(read->event.id, record.event.id);
	assert_int_equal(read->event.state, HK_EVENT_ENDED);
	assert_int_equal(read->cursor, record.cursor);
	assert_int_equal(read->start_us, record.start_us);
	assert_int_equal(read->end_us, record.end_us);
	assert_int_equal(read->event.start_frame, 16000);
	assert_true(read->event.peak_probability == 0.9);
	assert_true(read->event.level_dbfs == -20.5F);
	assert_string_equal(read->label, "fire_alarm");
	assert_string_equal(read->instance, "test");

	bed->answered = false;
	assert_int_equal(hk_store_explain(bed->store, record.event.id, on_answer, bed, NULL), 0);
	UNTIL(bed, bed->answered);
	assert_int_equal(bed->n_records, 1);
	assert_string_equal(bed->trail, "[1,2]");
	bed->answered = false;
	assert_int_equal(hk_store_explain(bed->store, 5, on_answer, bed, NULL), 0);
	UNTIL(bed, bed->answered);
	assert_int_equal(bed->error, -ENOENT);
}

static void what_a_crash_left_open_is_interrupted(void **state)
{
	struct bed *bed = *state;
	open_store(bed);
	for (int i = 0; i < 3; i++) {
		struct hk_event_record record = record_of(bed, "music", 1000000 * i);
		hk_store_write(bed->store, &record, NULL);
	}
	UNTIL(bed, bed->n_stored == 3);
	const uint64_t last_cursor = bed->stored[2].cursor;
	hk_store_free(bed->store, 5000);
	open_store(bed);
	UNTIL(bed, bed->news[HK_STORE_INTERRUPTED] == 1);
	assert_string_equal(bed->text, "3");
	ask(bed, &(struct hk_store_query){ .order = HK_STORE_BY_CURSOR, .limit = 10 });
	assert_int_equal(bed->n_records, 3);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(bed->records[i].event.state, HK_EVENT_INTERRUPTED);
		assert_int_equal(bed->records[i].event.id, bed->stored[i].event.id);
		assert_true(
			bed->records[i].cursor > (i ? bed->records[i - 1].cursor : last_cursor));
	}
	struct hk_event_record next = record_of(bed, "music", 1000000);
	assert_true(hk_store_write(bed->store, &next, NULL));
	assert_true(next.cursor > bed->records[2].cursor);
}

static void a_question_gets_what_it_asks_for(void **state)
{
	struct bed *bed = *state;
	open_store(bed);
	static const char *const labels[] = { "music", "fire_alarm", "vacuum_cleaner" };
	uint64_t ids[9];
	for (int i = 0; i < 9; i++) {
		struct hk_event_record record =
			record_of(bed, labels[i % 3], 100000000 + 10000000 * i);
		record.event.state = i < 8 ? HK_EVENT_ENDED : HK_EVENT_ONGOING;
		ids[i] = record.event.id;
		hk_store_write(bed->store, &record, NULL);
	}
	UNTIL(bed, bed->n_stored == 9);

	ask(bed, &(struct hk_store_query){ .limit = 4 });
	assert_int_equal(bed->n_records, 4);
	assert_true(bed->has_more);
	assert_int_equal(bed->records[0].event.id, ids[0]);
	ask(bed, &(struct hk_store_query){ .limit = 4, .order = HK_STORE_BY_ID_DOWN });
	assert_int_equal(bed->records[0].event.id, ids[8]);
	assert_int_equal(bed->records[3].event.id, ids[5]);
	ask(bed,
		&(struct hk_store_query){
			.limit = 4, .order = HK_STORE_BY_ID_DOWN, .after_id = ids[5] });
	assert_int_equal(bed->records[0].event.id, ids[4]);
	ask(bed, &(struct hk_store_query){ .limit = 10, .after_id = ids[6] });
	assert_int_equal(bed->n_records, 2);
	assert_false(bed->has_more);
	ask(bed, &(struct hk_store_query){ .limit = 9 });
	assert_int_equal(bed->n_records, 9);
	assert_false(bed->has_more);
	/* an event is in a span of time when it overlaps it; the ongoing one has no end yet */
	ask(bed,
		&(struct hk_store_query){
			.limit = 10, .since_us = 121000000, .until_us = 140000000 });
	assert_int_equal(bed->n_records, 3);
	assert_int_equal(bed->records[0].event.id, ids[2]);
	ask(bed, &(struct hk_store_query){ .limit = 10, .since_us = 1000000000 });
	assert_int_equal(bed->n_records, 1);
	assert_int_equal(bed->records[0].event.id, ids[8]);
	ask(bed, &(struct hk_store_query){ .limit = 10, .state = HK_EVENT_ONGOING + 1 });
	assert_int_equal(bed->n_records, 1);
	json_t *wanted = json_pack("[s, s]", "music", "it's; \"quoted\"");
	ask(bed, &(struct hk_store_query){ .limit = 10, .labels = wanted });
	json_decref(wanted);
	assert_int_equal(bed->n_records, 3);
	assert_string_equal(bed->records[2].label, "music");
}

/* Eight events, all but the first over. */
static void write_eight(struct bed *bed)
{
	for (int i = 0; i < 8; i++) {
		struct hk_event_record record = record_of(bed, "music", 1000000 + i);
		record.event.state = i == 0 ? HK_EVENT_ONGOING : HK_EVENT_ENDED;
		hk_store_write(bed->store, &record, NULL);
	}
	UNTIL(bed, bed->n_stored == 8);
	hk_store_free(bed->store, 5000);
}

static void surplus_events_are_forgotten_and_counted(void **state)
{
	struct bed *bed = *state;
	bed->options.max_age_s = 3600; /* no wall clock makes them that old */
	open_store(bed);
	write_eight(bed);
	bed->options.max_events = 3;
	open_store(bed); /* forgets at start, and interrupts the one that was open */
	UNTIL(bed, bed->news[HK_STORE_FORGOT] == 1);
	assert_string_equal(bed->text, "0 older than max_age, 5 beyond max_events");
	ask(bed, &(struct hk_store_query){ .limit = 10 });
	assert_int_equal(bed->n_records, 3);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(bed->records[i].start_us, 1000000 + 5 + i);
	}
}

static void old_events_are_forgotten_and_their_numbers_are_not_given_again(void **state)
{
	struct bed *bed = *state;
	open_store(bed);
	write_eight(bed);
	const struct hk_event_record last = bed->stored[7];
	bed->options.max_age_s = 1e-6;
	open_store(bed);
	UNTIL(bed, bed->news[HK_STORE_FORGOT] == 1);
	assert_string_equal(bed->text, "8 older than max_age, 0 beyond max_events");
	hk_store_free(bed->store, 5000);
	bed->store = NULL;
	struct hk_store_db *db = NULL;
	struct hk_store_db_extent extent;
	assert_int_equal(hk_store_db_open(&db, bed->options.path, NULL), 0);
	assert_int_equal(hk_store_db_extent(db, &extent, NULL), 0);
	assert_int_equal(extent.last_id, last.event.id);
	assert_int_equal(extent.last_cursor, last.cursor + 1); /* the first was interrupted */
	hk_store_db_close(db);
}

static struct hk_store_db *open_db(const struct bed *bed)
{
	struct hk_store_db *db = NULL;
	assert_int_equal(hk_store_db_open(&db, bed->options.path, NULL), 0);
	return db;
}

/* Event ID, ended at second ID or ongoing. */
static void put(struct hk_store_db *db, uint64_t id, enum hk_event_state state, const char *trail)
{
	const struct hk_event_record record = {
		.event = { .id = id, .state = state },
		.cursor = 2 * id + (state == HK_EVENT_ONGOING),
		.end_us = (int64_t)id * 1000000,
	};
	assert_int_equal(hk_store_db_put(db, &record, trail, NULL), 0);
}

/* SECONDS go by, the wall clock far off and kept by nobody. */
static void pass(struct hk_store_db *db, int64_t seconds, bool first)
{
	static struct hk_store_moment now;
	now.boot_us = first ? 1 : now.boot_us;
	now.wall_us = INT64_C(4000000000000000);
	int64_t ahead_us;
	assert_int_equal(hk_store_db_tick(db, &now, 1, &ahead_us, NULL), 0);
	now.boot_us += 1000000 * seconds;
	assert_int_equal(hk_store_db_tick(db, &now, 1, &ahead_us, NULL), 0);
	assert_int_equal(ahead_us, 0);
}

static void the_count_of_events_follows_every_write(void **state)
{
	struct bed *bed = *state;
	struct hk_store_db *db = open_db(bed);
	assert_int_equal(hk_store_db_begin(db, NULL), 0);
	for (uint64_t id = 1; id <= 10; id++) {
		put(db, id, HK_EVENT_ONGOING, NULL);
		put(db, id, id == 3 ? HK_EVENT_ONGOING : HK_EVENT_ENDED, NULL);
	}
	assert_int_equal(hk_store_db_n_events(db), 0); /* not yet */
	assert_int_equal(hk_store_db_commit(db, NULL), 0);
	assert_int_equal(hk_store_db_n_events(db), 10);
	assert_int_equal(hk_store_db_begin(db, NULL), 0);
	put(db, 11, HK_EVENT_ENDED, NULL);
	hk_store_db_rollback(db);
	assert_int_equal(hk_store_db_n_events(db), 10);

	struct hk_store_forgotten forgotten;
	pass(db, 10, true); /* to second 10; the tenth event is written again then */
	assert_int_equal(hk_store_db_begin(db, NULL), 0);
	put(db, 10, HK_EVENT_ENDED, NULL);
	assert_int_equal(hk_store_db_commit(db, NULL), 0);
	assert_int_equal(hk_store_db_prune(db, 10, 0, &forgotten, NULL), 0);
	assert_int_equal(hk_store_db_n_events(db), 10); /* as old as may be, no older */
	assert_int_equal(hk_store_db_prune(db, 0, 8, &forgotten, NULL), 0);
	assert_int_equal(forgotten.n_surplus, 2);
	assert_int_equal(hk_store_db_n_events(db), 8);
	assert_int_equal(hk_store_db_prune(db, 0, 7, &forgotten, NULL), 0);
	assert_int_equal(forgotten.n_surplus, 0); /* 3 has not ended */
	pass(db, 1, false);
	assert_int_equal(hk_store_db_prune(db, 10.5, 0, &forgotten, NULL), 0);
	assert_int_equal(forgotten.n_old, 6);
	assert_int_equal(hk_store_db_n_events(db), 2); /* 3, and 10, which is younger */
	hk_store_db_close(db);
	db = open_db(bed);
	assert_int_equal(hk_store_db_n_events(db), 2);
	hk_store_db_close(db);
}

static off_t size_of(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 ? st.st_size : 0;
}

static void no_commit_is_kept_waiting_while_the_log_is_brought_in(void **state)
{
	struct bed *bed = *state;
	struct hk_store_db *db = open_db(bed);
	char log[sizeof(bed->options.path) + 8];
	char trail[4096];
	memset(trail, 'x', sizeof(trail) - 1);
	trail[sizeof(trail) - 1] = '\0';
	snprintf(log, sizeof(log), "%s-wal", bed->options.path);
	const off_t size = size_of(bed->options.path);
	for (uint64_t id = 1; size_of(log) < 8 << 20; id++) {
		assert_int_equal(hk_store_db_begin(db, NULL), 0);
		put(db, id, HK_EVENT_ENDED, trail);
		assert_int_equal(hk_store_db_commit(db, NULL), 0);
	}
	assert_int_equal(size_of(bed->options.path), size);
	hk_store_db_tidy(db);
	assert_true(size_of(bed->options.path) > size);
	const off_t log_size = size_of(log);
	for (uint64_t id = 1; id < 10; id++) { /* the log is used again from its start */
		assert_int_equal(hk_store_db_begin(db, NULL), 0);
		put(db, id, HK_EVENT_ENDED, trail);
		assert_int_equal(hk_store_db_commit(db, NULL), 0);
	}
	assert_int_equal(size_of(log), log_size);
	hk_store_db_close(db);
}

static void a_damaged_file_is_moved_aside_and_history_goes_on(void **state)
{
	struct bed *bed = *state;
	FILE *file = fopen(bed->options.path, "w");
	assert_non_null(file);
	for (int i = 0; i < 1000; i++) {
		fputs("this is no database", file);
	}
	fclose(file);
	open_store(bed);
	struct hk_event_record record = record_of(bed, "music", 1000000);
	hk_store_write(bed->store, &record, NULL);
	UNTIL(bed, bed->n_stored == 1);
	assert_int_equal(bed->news[HK_STORE_MOVED_ASIDE], 1);
	assert_non_null(strstr(bed->text, ".damaged-"));
	*strchr(bed->text, ' ') = '\0';
	assert_int_equal(access(bed->text, F_OK), 0);
	struct hk_store_status status;
	hk_store_status(bed->store, &status);
	assert_int_equal(status.n_damaged, 1);
	assert_true(status.ok);
}

static void a_history_has_one_keeper_by_whatever_name(void **state)
{
	const struct bed *bed = *state;
	char other[128];
	snprintf(other, sizeof(other), "%s/link.db", bed->folder);
	assert_int_equal(symlink(bed->options.path, other), 0);
	int first = -1, second = -1;
	struct hk_diag diag = { "" };
	assert_int_equal(hk_store_lock(&first, bed->options.path, &diag), 0);
	const char *const names[] = { bed->options.path, other };
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(hk_store_lock(&second, names[i], &diag), -EBUSY);
		assert_string_equal(diag.text, "in use by another hearkend");
		assert_int_equal(second, -1);
	}
	hk_store_unlock(first);
	assert_int_equal(hk_store_lock(&second, other, &diag), 0);
	hk_store_unlock(second);
}

static void who_does_not_keep_the_history_waits_for_it(void **state)
{
	struct bed *bed = *state;
	int keeper = -1;
	assert_int_equal(hk_store_lock(&keeper, bed->options.path, NULL), 0);
	open_store(bed);
	UNTIL(bed, bed->news[HK_STORE_FAILS] == 1);
	assert_non_null(strstr(bed->text, "in use by another hearkend"));
	struct hk_event_record record = record_of(bed, "music", 1000000);
	hk_store_write(bed->store, &record, NULL);
	hk_store_unlock(keeper);
	UNTIL(bed, bed->n_stored == 1);
	assert_int_equal(bed->news[HK_STORE_WORKS], 1);
	assert_int_equal(hk_store_lock(&keeper, bed->options.path, NULL), -EBUSY);
}

/* As it was written before the history had an age: three events of the last days, and one of a
 * start in 2099. */
static const char version_1[] =
	"CREATE TABLE events ("
	" id INTEGER PRIMARY KEY, cursor INTEGER NOT NULL UNIQUE, instance TEXT NOT NULL,"
	" label TEXT NOT NULL, state INTEGER NOT NULL, start_us INTEGER NOT NULL,"
	" end_us INTEGER NOT NULL, start_frame INTEGER NOT NULL, end_frame INTEGER NOT NULL,"
	" peak_probability REAL NOT NULL, mean_probability REAL NOT NULL, level_dbfs REAL,"
	" n_windows INTEGER NOT NULL, gap INTEGER NOT NULL, continues INTEGER NOT NULL,"
	" model TEXT NOT NULL, model_hash TEXT NOT NULL, trail TEXT);"
	"CREATE INDEX events_by_end ON events (end_us);"
	"CREATE INDEX events_by_state ON events (state);"
	"PRAGMA user_version = 1;"
	"INSERT INTO events SELECT id, 10 * id, 'test', 'music', 1, at, at, 0, 1, 0.9, 0.8, -20, 2,"
	" 0, 0, 'home', 'abc', NULL FROM"
	" (SELECT column1 AS id, (strftime('%s', 'now') - column2 * 86400) * 1000000 AS at FROM"
	"  (VALUES (1, 10), (2, 2), (3, 1), (4, -73 * 365)));";

static void a_history_of_version_1_is_kept_and_ages_on(void **state)
{
	struct bed *bed = *state;
	char path[sizeof(bed->folder) + 16], command[8192];
	snprintf(path, sizeof(path), "%s/version-1.sql", bed->folder);
	struct hk_diag diag;
	assert_int_equal(
		hk_file_write(AT_FDCWD, path, path, version_1, strlen(version_1), &diag), 0);
	snprintf(command, sizeof(command),
		"/usr/bin/python3 -c \"import sqlite3;"
		" sqlite3.connect('%s').executescript(open('%s').read())\"",
		bed->options.path, path);
	assert_int_equal(system(command), 0);
	bed->options.max_age_s = 5 * 86400; /* older than the newest by that: the first alone */
	open_store(bed);
	UNTIL(bed, bed->news[HK_STORE_FORGOT] == 1);
	assert_string_equal(bed->text, "1 older than max_age, 0 beyond max_events");
	ask(bed, &(struct hk_store_query){ .limit = 10 });
	assert_int_equal(bed->n_records, 3);
	assert_int_equal(bed->records[0].event.id, 2);
	assert_int_equal(bed->records[2].cursor, 40);
	assert_string_equal(bed->records[2].label, "music");
	struct hk_event_record next = record_of(bed, "music", 1000000);
	assert_true(hk_store_write(bed->store, &next, NULL));
	UNTIL(bed, bed->n_stored == 1);
	assert_true(bed->stored[0].cursor > 40);
	assert_int_equal(bed->news[HK_STORE_MOVED_ASIDE], 0);
}

static void a_file_of_a_newer_version_is_left_alone(void **state)
{
	struct bed *bed = *state;
	char command[8192];
	open_store(bed);
	ask(bed, &(struct hk_store_query){ .limit = 1 });
	hk_store_free(bed->store, 5000);
	snprintf(command, sizeof(command),
		"/usr/bin/python3 -c \"import sqlite3; c = sqlite3.connect('%s');"
		" c.execute('PRAGMA user_version = 99'); c.commit()\"",
		bed->options.path);
	assert_int_equal(system(command), 0);
	open_store(bed);
	UNTIL(bed, bed->news[HK_STORE_FAILS] == 1);
	assert_non_null(strstr(bed->text, "newer"));
	assert_int_equal(bed->news[HK_STORE_MOVED_ASIDE], 0);
	assert_int_equal(access(bed->options.path, F_OK), 0);
}

static void events_wait_until_the_disk_works_and_losses_are_counted(void **state)
{
	struct bed *bed = *state;
	char folder[128];
	snprintf(folder, sizeof(folder), "%s/later", bed->folder);
	snprintf(bed->options.path, sizeof(bed->options.path), "%s/events.db", folder);
	open_store(bed);
	UNTIL(bed, bed->news[HK_STORE_FAILS] == 1);
	for (int i = 0; i < HK_STORE_QUEUE + 3; i++) {
		struct hk_event_record record = record_of(bed, "music", INT64_C(1000000) * (i + 1));
		hk_store_write(bed->store, &record, NULL);
	}
	struct hk_store_status status;
	hk_store_status(bed->store, &status);
	assert_false(status.ok);
	assert_int_equal(status.n_queued, HK_STORE_QUEUE);
	assert_int_equal(status.n_lost, 3);
	assert_int_equal(mkdir(folder, 0700), 0);
	UNTIL(bed, bed->n_stored == HK_STORE_QUEUE);
	assert_int_equal(bed->news[HK_STORE_FAILS], 1);
	assert_int_equal(bed->news[HK_STORE_WORKS], 1);
	assert_int_equal(bed->news[HK_STORE_LOSES], 1);
	for (int i = 0; i < HK_STORE_QUEUE; i++) {
		assert_int_equal(bed->stored[i].start_us, INT64_C(1000000) * (i + 1));
	}
	hk_store_status(bed->store, &status);
	assert_true(status.ok);
	assert_int_equal(status.n_queued, 0);
	assert_int_equal(status.n_events, HK_STORE_QUEUE);
}

static int count_row(void *owner, const struct hk_event_record *record)
{
	(void)record;
	(*(unsigned *)owner)++;
	return 0;
}

static void what_waits_can_be_seen(void **state)
{
	struct bed *bed = *state;
	snprintf(bed->options.path, sizeof(bed->options.path), "%s/never/events.db", bed->folder);
	open_store(bed);
	UNTIL(bed, bed->news[HK_STORE_FAILS] == 1);
	struct hk_event_record first = record_of(bed, "music", 1);
	struct hk_event_record second = record_of(bed, "music", 2);
	hk_store_write(bed->store, &first, NULL);
	hk_store_write(bed->store, &second, NULL);
	unsigned n = 0;
	hk_store_waiting(bed->store, count_row, &n);
	assert_int_equal(n, 2);
	ask(bed, &(struct hk_store_query){ .limit = 1 });
	assert_int_equal(bed->error, -EIO);
	assert_int_equal(hk_store_free(bed->store, 5000), 2);
	bed->store = NULL;
}

/* Or a later one would be told before it, and it never. */
static void what_is_written_and_not_told_yet_still_waits(void **state)
{
	struct bed *bed = *state;
	struct hk_store_status status;
	open_store(bed);
	struct hk_event_record record = record_of(bed, "music", 1);
	assert_true(hk_store_write(bed->store, &record, NULL));
	do {
		hk_store_status(bed->store, &status);
	} while (status.n_queued > 0);
	unsigned n = 0;
	hk_store_waiting(bed->store, count_row, &n);
	assert_int_equal(n, 1);
	UNTIL(bed, bed->n_stored == 1);
	hk_store_waiting(bed->store, count_row, &n);
	assert_int_equal(n, 1);
}

static void a_forgotten_question_is_not_answered(void **state)
{
	struct bed *bed = *state;
	open_store(bed);
	struct hk_store_ticket *ticket;
	assert_int_equal(hk_store_ask(bed->store, &(struct hk_store_query){ .limit = 1 }, on_answer,
				 bed, &ticket),
		0);
	hk_store_forget(ticket);
	struct hk_event_record record = record_of(bed, "music", 1);
	hk_store_write(bed->store, &record, NULL);
	UNTIL(bed, bed->n_stored == 1);
	struct bed other = *bed;
	assert_int_equal(hk_store_ask(bed->store, &(struct hk_store_query){ .limit = 1 }, on_answer,
				 &other, NULL),
		0);
	UNTIL(bed, other.answered);
	assert_false(bed->answered);
}

static void numbers_ascend_even_when_taken_at_once(void **state)
{
	struct bed *bed = *state;
	open_store(bed);
	uint64_t last = 0;
	for (int i = 0; i < 100000; i++) {
		const uint64_t id = hk_store_next_id(bed->store);
		assert_true(id > last);
		last = id;
	}
	assert_true(last < UINT64_C(1) << 53); /* what JSON readers in other languages can hold */
}

#define TEST(name_) cmocka_unit_test_setup_teardown(name_, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_event_is_told_once_it_is_in_the_file),
		TEST(what_a_crash_left_open_is_interrupted),
		TEST(a_question_gets_what_it_asks_for),
		TEST(surplus_events_are_forgotten_and_counted),
		TEST(old_events_are_forgotten_and_their_numbers_are_not_given_again),
		TEST(a_history_of_version_1_is_kept_and_ages_on),
		TEST(the_count_of_events_follows_every_write),
		TEST(no_commit_is_kept_waiting_while_the_log_is_brought_in),
		TEST(a_damaged_file_is_moved_aside_and_history_goes_on),
		TEST(a_history_has_one_keeper_by_whatever_name),
		TEST(who_does_not_keep_the_history_waits_for_it),
		TEST(a_file_of_a_newer_version_is_left_alone),
		TEST(events_wait_until_the_disk_works_and_losses_are_counted),
		TEST(what_waits_can_be_seen),
		TEST(what_is_written_and_not_told_yet_still_waits),
		TEST(a_forgotten_question_is_not_answered),
		TEST(numbers_ascend_even_when_taken_at_once),
	};
	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
