/* SPDX-License-Identifier: MIT */
/*
 * store_db: the history of events in an SQLite file: what is written, how it is read back.
 *
 * One row an event, written when it starts, written again when it ends. WAL with synchronous=FULL:
 * what a function here reports as written survives kill -9 and power loss. Every function may wait
 * for the disk, so only the store's thread calls them. Errors are errnos: -ENOSPC disk full, -EROFS
 * read-only, -EBADMSG damaged, -ENOTSUP written by a newer hearken, -EBUSY, -EACCES, -ENOMEM, -EIO;
 * the text is in DIAG.
 */
#pragma once

#include <stdint.h>

#include "core/base/diag.h"
#include "daemon/store/event_record.h"
#include "daemon/store/store_age.h"

struct hk_store_db;

/*
 * Open or create the file at PATH, bring its schema up to date, check it whole.
 * Returns 0 or a negative errno with DIAG; -EBADMSG: see hk_store_db_move_aside.
 */
int hk_store_db_open(struct hk_store_db **ret, const char *path, struct hk_diag *diag);
void hk_store_db_close(struct hk_store_db *db);

/*
 * Rename the damaged file at PATH (with its -wal and -shm) to PATH.damaged-TIME; the new name of
 * the file itself goes into RET_NAME.
 */
int hk_store_db_move_aside(
	const char *path, int64_t now_us, char *ret_name, size_t size, struct hk_diag *diag);

/* Numbers that were given, to events that were forgotten too. 0 in a new history. */
struct hk_store_db_extent {
	uint64_t last_id;
	uint64_t last_cursor;
};
int hk_store_db_extent(
	struct hk_store_db *db, struct hk_store_db_extent *ret, struct hk_diag *diag);

/* Events that are committed. Asks no file. */
uint64_t hk_store_db_n_events(const struct hk_store_db *db);

/* The newest change, 0: none. Cheap. */
int hk_store_db_last_cursor(struct hk_store_db *db, uint64_t *ret, struct hk_diag *diag);

/* Several writes as one: all of them are there afterwards, or none. */
int hk_store_db_begin(struct hk_store_db *db, struct hk_diag *diag);
int hk_store_db_commit(struct hk_store_db *db, struct hk_diag *diag);
void hk_store_db_rollback(struct hk_store_db *db);

/* Insert RECORD, or replace the row of its id. TRAIL: JSON text of the windows behind it; NULL
 * keeps the old one. */
int hk_store_db_put(struct hk_store_db *db, const struct hk_event_record *record, const char *trail,
	struct hk_diag *diag);

/* Move start and end of the events FIRST_ID to LAST_ID by STEP_US. */
int hk_store_db_redate(struct hk_store_db *db, uint64_t first_id, uint64_t last_id, int64_t step_us,
	struct hk_diag *diag);

/*
 * Close what a crash left open: state interrupted, each with a cursor of its own from FIRST_CURSOR
 * up. *ret_n: how many.
 */
int hk_store_db_interrupt(
	struct hk_store_db *db, uint64_t first_cursor, uint64_t *ret_n, struct hk_diag *diag);

/*
 * Let the history grow older up to NOW (store_age.h). MAX_AGE_S: what prune will be asked for.
 * *RET_AHEAD_US: above 0 once, when the clock is so far ahead that it is not believed yet, and
 * events would be forgotten if it were.
 */
int hk_store_db_tick(struct hk_store_db *db, const struct hk_store_moment *now, double max_age_s,
	int64_t *ret_ahead_us, struct hk_diag *diag);

/* Write the age into the file. */
int hk_store_db_keep_age(struct hk_store_db *db, struct hk_diag *diag);

struct hk_store_forgotten {
	uint64_t n_old;     /* older than the age asked for */
	uint64_t n_surplus; /* beyond the number asked for */
};

/*
 * Forget events that were written MAX_AGE_S ago (0: any age), by the age of the history, then the
 * oldest beyond MAX_EVENTS (0: any number); never one that is ongoing. Their numbers are not given
 * again. Takes its time: to be called when nobody waits.
 */
int hk_store_db_prune(struct hk_store_db *db, double max_age_s, uint64_t max_events,
	struct hk_store_forgotten *ret, struct hk_diag *diag);

/*
 * Bring what was committed into the file itself when much of it stands in the log only. Takes its
 * time, and commits never do it on their own. What it cannot do now it does the next time; nothing
 * is lost by that.
 */
void hk_store_db_tidy(struct hk_store_db *db);

enum hk_store_order {
	HK_STORE_BY_ID,      /* oldest first */
	HK_STORE_BY_ID_DOWN, /* newest first */
	HK_STORE_BY_CURSOR,  /* in the order of the changes */
};

/* Which events. Zero values ask for all. */
struct hk_store_query {
	enum hk_store_order order;
	int64_t since_us;      /* that had not ended before this time; 0: any */
	int64_t until_us;      /* that began at or before this time; 0: any */
	uint64_t after_id;     /* id above (newest first: below) this one; 0: any */
	uint64_t after_cursor; /* changed after this one */
	int state;             /* enum hk_event_state + 1; 0: any */
	json_t *labels;        /* array of strings; NULL: any. Borrowed */
	uint32_t limit;        /* 1.. */
};

/* Called for each event found; a non-zero result ends the query and is returned. */
typedef int hk_store_row_fn(void *owner, const struct hk_event_record *record);

int hk_store_db_query(struct hk_store_db *db, const struct hk_store_query *query,
	hk_store_row_fn *on_row, void *owner, struct hk_diag *diag);

/*
 * One event and the windows behind it. *ret_trail: malloc'd JSON text or NULL, for the caller to
 * free. Returns 0, -ENOENT: no such event.
 */
int hk_store_db_explain(struct hk_store_db *db, uint64_t id, struct hk_event_record *ret_record,
	char **ret_trail, struct hk_diag *diag);
