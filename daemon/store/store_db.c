/* SPDX-License-Identifier: MIT */
#include "daemon/store/store_db.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/store/store_db_handle.h"

#define BUSY_MS 2000
#define LONG_LOG_PAGES 1000

static int error_of(int code)
{
	switch (code & 0xff) {
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_READONLY:
		return -EROFS;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return -EBADMSG;
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return -EACCES;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_NOMEM:
		return -ENOMEM;
	default:
		return -EIO;
	}
}

/* SQLite's own words ("database or disk is full") are quoted behind it. */
static const char *meaning_of(int error)
{
	switch (error) {
	case -ENOSPC:
		return "no space is left for it";
	case -EROFS:
		return "it cannot be written to";
	case -EBADMSG:
		return "it is damaged, or no history";
	case -EACCES:
		return "it cannot be opened";
	case -EBUSY:
		return "another program uses it";
	case -ENOMEM:
		return "out of memory";
	default:
		return "it cannot be read or written";
	}
}

int hk_store_db_fail(const struct hk_store_db *db, int code, struct hk_diag *diag)
{
	const int error = error_of(code);
	return hk_diag_set(diag, error, "%s (SQLite: \"%s\")", meaning_of(error),
		db->handle ? sqlite3_errmsg(db->handle) : sqlite3_errstr(code));
}

int hk_store_db_run(struct hk_store_db *db, const char *sql, struct hk_diag *diag)
{
	const int code = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
	return code == SQLITE_OK ? 0 : hk_store_db_fail(db, code, diag);
}

int hk_store_db_number(
	struct hk_store_db *db, const char *sql, int64_t bound, int64_t *ret, struct hk_diag *diag)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(db->handle, sql, -1, &statement, NULL);
	if (code == SQLITE_OK) {
		sqlite3_bind_int64(statement, 1, bound); /* of no effect when SQL has no ?1 */
		code = sqlite3_step(statement);
	}
	const int r = code == SQLITE_ROW ? 0 : hk_store_db_fail(db, code, diag);
	if (r == 0) {
		*ret = sqlite3_column_int64(statement, 0);
	}
	sqlite3_finalize(statement);
	return r;
}

int hk_store_db_change(struct hk_store_db *db, const char *sql, int64_t first, int64_t second,
	struct hk_diag *diag)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(db->handle, sql, -1, &statement, NULL);
	if (code == SQLITE_OK) {
		sqlite3_bind_int64(statement, 1, first);
		sqlite3_bind_int64(statement, 2, second);
		code = sqlite3_step(statement);
	}
	const int r = code == SQLITE_DONE ? 0 : hk_store_db_fail(db, code, diag);
	sqlite3_finalize(statement);
	return r;
}

/* Instead of SQLite's own, which would bring the log into the file before a commit returns. */
static int on_commit(void *owner, sqlite3 *handle, const char *name, int n_log_pages)
{
	struct hk_store_db *db = owner;
	(void)handle;
	(void)name;
	db->n_log_pages = n_log_pages;
	return SQLITE_OK;
}

static int count(struct hk_store_db *db, struct hk_diag *diag)
{
	int64_t n_events = 0;
	const int r = hk_store_db_number(db, "SELECT count(*) FROM events", 0, &n_events, diag);
	db->n_events = (uint64_t)n_events;
	return r;
}

int hk_store_db_open(struct hk_store_db **ret, const char *path, struct hk_diag *diag)
{
	struct hk_store_db *db = calloc(1, sizeof(*db));
	if (!db) {
		return hk_diag_set(diag, -ENOMEM, "out of memory");
	}
	int code = sqlite3_open_v2(path, &db->handle,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
	int r = code == SQLITE_OK ? 0 : hk_store_db_fail(db, code, diag);
	if (r < 0) {
		goto fail;
	}
	sqlite3_busy_timeout(db->handle, BUSY_MS);
	sqlite3_wal_hook(db->handle, on_commit, db);
	r = hk_store_db_run(db,
		"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-128;", diag);
	if (r == 0) {
		r = hk_store_db_check(db, diag);
	}
	if (r == 0) {
		r = hk_store_db_upgrade(db, diag);
	}
	if (r == 0) {
		r = hk_store_db_read_age(db, diag);
	}
	if (r == 0) {
		r = count(db, diag);
	}
	if (r < 0) {
		goto fail;
	}
	code = sqlite3_prepare_v2(db->handle,
		"INSERT INTO events (" HK_STORE_COLUMNS ", trail, heard_us)"
		" VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19)"
		" ON CONFLICT (id) DO UPDATE SET cursor = ?2, state = ?5, end_us = ?7, end_frame = ?9,"
		" peak_probability = ?10, mean_probability = ?11, level_dbfs = ?12, n_windows = ?13,"
		" gap = ?14, trail = coalesce(?18, trail), heard_us = ?19",
		-1, &db->put, NULL);
	if (code != SQLITE_OK) {
		r = hk_store_db_fail(db, code, diag);
		goto fail;
	}
	*ret = db;
	return 0;

fail:
	/* what SQLite cannot make sense of (a format it does not know, our version number over
	 * other tables) is as good as damaged */
	if (r == -EIO && sqlite3_errcode(db->handle) == SQLITE_ERROR) {
		r = -EBADMSG;
	}
	hk_store_db_close(db);
	return r;
}

void hk_store_db_close(struct hk_store_db *db)
{
	if (!db) {
		return;
	}
	sqlite3_finalize(db->put);
	sqlite3_close(db->handle);
	free(db);
}

int hk_store_db_move_aside(
	const char *path, int64_t now_us, char *ret_name, size_t size, struct hk_diag *diag)
{
	static const char *const suffixes[] = { "", "-wal", "-shm" };
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		char from[4096];
		char to[4096];
		snprintf(from, sizeof(from), "%s%s", path, suffixes[i]);
		const int n = snprintf(to, sizeof(to), "%s.damaged-%lld%s", path,
			(long long)(now_us / 1000000), suffixes[i]);
		if (n >= (int)sizeof(to) || (i == 0 && n >= (int)size)) {
			return hk_diag_set(diag, -ENAMETOOLONG, "%s: name too long", path);
		}
		if (rename(from, to) < 0 && !(i > 0 && errno == ENOENT)) {
			return hk_diag_set(diag, -errno, "%s: %s", from, strerror(errno));
		}
		if (i == 0) {
			memcpy(ret_name, to, (size_t)n + 1);
		}
	}
	return 0;
}

uint64_t hk_store_db_n_events(const struct hk_store_db *db)
{
	return db->n_events;
}

int hk_store_db_begin(struct hk_store_db *db, struct hk_diag *diag)
{
	return hk_store_db_run(db, "BEGIN IMMEDIATE", diag);
}

int hk_store_db_commit(struct hk_store_db *db, struct hk_diag *diag)
{
	const int r = hk_store_db_run(db, "COMMIT", diag);
	if (r == 0) {
		db->n_events += db->n_new;
		db->n_new = 0;
	}
	return r;
}

void hk_store_db_rollback(struct hk_store_db *db)
{
	/* some errors have rolled back already: nothing to do then */
	if (!sqlite3_get_autocommit(db->handle)) {
		hk_store_db_run(db, "ROLLBACK", NULL);
	}
	db->n_new = 0;
}

static void bind_record(sqlite3_stmt *statement, const struct hk_event_record *record)
{
	const struct hk_event *event = &record->event;
	sqlite3_bind_int64(statement, 1, (int64_t)event->id);
	sqlite3_bind_int64(statement, 2, (int64_t)record->cursor);
	sqlite3_bind_text(statement, 3, record->instance, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 4, record->label, -1, SQLITE_STATIC);
	sqlite3_bind_int(statement, 5, (int)event->state);
	sqlite3_bind_int64(statement, 6, record->start_us);
	sqlite3_bind_int64(statement, 7, record->end_us);
	sqlite3_bind_int64(statement, 8, (int64_t)event->start_frame);
	sqlite3_bind_int64(statement, 9, (int64_t)event->end_frame);
	sqlite3_bind_double(statement, 10, event->peak_probability);
	sqlite3_bind_double(statement, 11, event->mean_probability);
	sqlite3_bind_double(statement, 12, (double)event->level_dbfs);
	sqlite3_bind_int64(statement, 13, event->n_windows);
	sqlite3_bind_int(statement, 14, event->gap);
	sqlite3_bind_int64(statement, 15, (int64_t)event->continues);
	sqlite3_bind_text(statement, 16, record->model, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 17, record->model_hash, -1, SQLITE_STATIC);
}

int hk_store_db_put(struct hk_store_db *db, const struct hk_event_record *record, const char *trail,
	struct hk_diag *diag)
{
	bind_record(db->put, record);
	if (trail) {
		sqlite3_bind_text(db->put, 18, trail, -1, SQLITE_STATIC);
	}
	sqlite3_bind_int64(db->put, 19, db->age.age_us);
	sqlite3_set_last_insert_rowid(db->handle, 0); /* and it stays 0 when a row is replaced */
	const int code = sqlite3_step(db->put);
	const int r = code == SQLITE_DONE ? 0 : hk_store_db_fail(db, code, diag);
	db->n_new += r == 0 && sqlite3_last_insert_rowid(db->handle) != 0;
	sqlite3_reset(db->put);
	sqlite3_clear_bindings(db->put);
	return r;
}

int hk_store_db_redate(struct hk_store_db *db, uint64_t first_id, uint64_t last_id, int64_t step_us,
	struct hk_diag *diag)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(db->handle,
		"UPDATE events SET start_us = start_us + ?1, end_us = end_us + ?1"
		" WHERE id BETWEEN ?2 AND ?3",
		-1, &statement, NULL);
	if (code == SQLITE_OK) {
		sqlite3_bind_int64(statement, 1, step_us);
		sqlite3_bind_int64(statement, 2, (int64_t)first_id);
		sqlite3_bind_int64(statement, 3, (int64_t)last_id);
		code = sqlite3_step(statement);
	}
	const int r = code == SQLITE_DONE ? 0 : hk_store_db_fail(db, code, diag);
	sqlite3_finalize(statement);
	return r;
}

int hk_store_db_interrupt(
	struct hk_store_db *db, uint64_t first_cursor, uint64_t *ret_n, struct hk_diag *diag)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(db->handle,
		"UPDATE events SET state = ?1, cursor = ?2 + open.n"
		" FROM (SELECT id AS open_id, row_number() OVER (ORDER BY id) - 1 AS n"
		"  FROM events WHERE state = ?3) AS open"
		" WHERE id = open.open_id",
		-1, &statement, NULL);
	if (code == SQLITE_OK) {
		sqlite3_bind_int(statement, 1, HK_EVENT_INTERRUPTED);
		sqlite3_bind_int64(statement, 2, (int64_t)first_cursor);
		sqlite3_bind_int(statement, 3, HK_EVENT_ONGOING);
		code = sqlite3_step(statement);
	}
	const int r = code == SQLITE_DONE ? 0 : hk_store_db_fail(db, code, diag);
	if (r == 0) {
		*ret_n = (uint64_t)sqlite3_changes64(db->handle);
	}
	sqlite3_finalize(statement);
	return r;
}

void hk_store_db_tidy(struct hk_store_db *db)
{
	if (db->n_log_pages >= LONG_LOG_PAGES) {
		sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
		db->n_log_pages = 0; /* until the next commit, which begins at the log's start */
	}
}
