/* SPDX-License-Identifier: MIT */
/*
 * store_db_handle: what the parts of store_db.h share: store_db.c opens and writes the history,
 * store_schema.c checks it and brings it up to date, store_forget.c lets it grow old, store_query.c
 * reads it back. Not for others.
 */
#pragma once

#include <sqlite3.h>

#include "daemon/store/store_db.h"

/* The columns of an event, in the order in which they are bound and read. */
#define HK_STORE_COLUMNS                                                                           \
	"id, cursor, instance, label, state, start_us, end_us, start_frame, end_frame, "           \
	"peak_probability, mean_probability, level_dbfs, n_windows, gap, continues, model, "       \
	"model_hash"

struct hk_store_db {
	sqlite3 *handle;
	sqlite3_stmt *put;
	uint64_t n_events; /* committed */
	uint64_t n_new;    /* by the writes that are not committed yet */
	int n_log_pages;
	struct hk_store_age age;
};

/* DIAG with SQLite's word for CODE; the errno of it. */
int hk_store_db_fail(const struct hk_store_db *db, int code, struct hk_diag *diag);

/* Run the statements of SQL. */
int hk_store_db_run(struct hk_store_db *db, const char *sql, struct hk_diag *diag);

/* The one number that SQL selects; 0 for NULL. BOUND: its ?1, if it has one. */
int hk_store_db_number(
	struct hk_store_db *db, const char *sql, int64_t bound, int64_t *ret, struct hk_diag *diag);

/* Run the one statement SQL, which selects nothing. FIRST, SECOND: its ?1 and ?2, if it has them.
 */
int hk_store_db_change(struct hk_store_db *db, const char *sql, int64_t first, int64_t second,
	struct hk_diag *diag);

/* Check the whole file. -EBADMSG: it is damaged. */
int hk_store_db_check(struct hk_store_db *db, struct hk_diag *diag);

/* Bring the schema up to date, in one step. -ENOTSUP: written by a newer hearken. */
int hk_store_db_upgrade(struct hk_store_db *db, struct hk_diag *diag);

/* The age as the file has it. */
int hk_store_db_read_age(struct hk_store_db *db, struct hk_diag *diag);
