/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "daemon/store/store_db_handle.h"
#include "daemon/store/wall_clock.h"

#define SCHEMA_VERSION 2

/* Version N of the schema from N - 1. heard_us: when the row was written, by the history's own age.
 */
static const char *const steps[SCHEMA_VERSION] = {
	"CREATE TABLE events ("
	" id INTEGER PRIMARY KEY, cursor INTEGER NOT NULL UNIQUE, instance TEXT NOT NULL,"
	" label TEXT NOT NULL, state INTEGER NOT NULL, start_us INTEGER NOT NULL,"
	" end_us INTEGER NOT NULL, start_frame INTEGER NOT NULL, end_frame INTEGER NOT NULL,"
	" peak_probability REAL NOT NULL, mean_probability REAL NOT NULL, level_dbfs REAL,"
	" n_windows INTEGER NOT NULL, gap INTEGER NOT NULL, continues INTEGER NOT NULL,"
	" model TEXT NOT NULL, model_hash TEXT NOT NULL, trail TEXT);"
	"CREATE INDEX events_by_end ON events (end_us);"
	"CREATE INDEX events_by_state ON events (state);"
	"PRAGMA user_version = 1;",

	"CREATE TABLE numbers (name TEXT PRIMARY KEY, value INTEGER NOT NULL);"
	"ALTER TABLE events ADD COLUMN heard_us INTEGER NOT NULL DEFAULT 0;"
	"DROP INDEX events_by_end;"
	"CREATE INDEX events_by_heard ON events (heard_us);"
	"PRAGMA user_version = 2;",
};

/* The whole file: pages, indices, order. -EBADMSG: it says that something is wrong. */
static int check_once(struct hk_store_db *db, struct hk_diag *diag)
{
	sqlite3_stmt *statement = NULL;
	int code =
		sqlite3_prepare_v2(db->handle, "PRAGMA integrity_check(1)", -1, &statement, NULL);
	if (code == SQLITE_OK) {
		code = sqlite3_step(statement);
	}
	int r = 0;
	if (code != SQLITE_ROW) {
		r = hk_store_db_fail(db, code, diag);
	} else {
		const char *found = (const char *)sqlite3_column_text(statement, 0);
		if (!found) {
			r = hk_diag_set(diag, -ENOMEM, "out of memory");
		} else if (strcmp(found, "ok") != 0) {
			r = hk_diag_set(diag, -EBADMSG, "%s", found);
		}
	}
	sqlite3_finalize(statement);
	return r;
}

/* A page that could not be read is reported as damage: only what a second reading of all finds
 * again is. */
int hk_store_db_check(struct hk_store_db *db, struct hk_diag *diag)
{
	const int r = check_once(db, diag);
	if (r != -EBADMSG) {
		return r;
	}
	sqlite3_db_release_memory(db->handle);
	return check_once(db, diag);
}

/*
 * A history of version 1 knows wall-clock times only: its events are as old as they are older than
 * the newest, leaving out what a wrong clock dated in the future. The time since that one counts as
 * from a synchronised reading.
 */
static int date_old_events(struct hk_store_db *db, struct hk_diag *diag)
{
	const int64_t now_us = hk_wall_clock_us();
	int64_t newest_us = 0;
	int r = hk_store_db_number(db,
		"SELECT coalesce(max(end_us), (SELECT max(end_us) FROM events)) FROM events"
		" WHERE end_us <= ?1",
		now_us, &newest_us, diag);
	if (r < 0) {
		return r;
	}
	if (newest_us >= HK_WALL_CLOCK_EPOCH_US && newest_us <= now_us) {
		db->age.synchronised_us = newest_us;
	}
	return hk_store_db_change(
		db, "UPDATE events SET heard_us = min(end_us - ?1, 0)", newest_us, 0, diag);
}

int hk_store_db_upgrade(struct hk_store_db *db, struct hk_diag *diag)
{
	int64_t version = 0;
	int r = hk_store_db_number(db, "PRAGMA user_version", 0, &version, diag);
	if (r < 0) {
		return r;
	}
	if (version > SCHEMA_VERSION || version < 0) {
		return hk_diag_set(diag, -ENOTSUP,
			"written by a newer hearken (schema %lld, this one knows %d)",
			(long long)version, SCHEMA_VERSION);
	}
	if (version == SCHEMA_VERSION) {
		return 0;
	}
	r = hk_store_db_begin(db, diag);
	for (int64_t step = version; step < SCHEMA_VERSION && r == 0; step++) {
		r = hk_store_db_run(db, steps[step], diag);
	}
	if (r == 0 && version == 1) {
		r = date_old_events(db, diag);
	}
	if (r == 0) {
		r = hk_store_db_keep_age(db, diag);
	}
	if (r == 0) {
		r = hk_store_db_commit(db, diag);
	}
	if (r < 0) {
		hk_store_db_rollback(db);
	}
	return r;
}
