/* SPDX-License-Identifier: MIT */
/*
 * store_db_handle: what the two halves of store_db.h share: store_db.c opens and writes the history, store_query.c
 * reads it back. Not for others.
 */
#pragma once

#include <sqlite3.h>

#include "daemon/store_db.h"

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
};

/* DIAG with SQLite's word for CODE; the errno of it. */
int hk_store_db_fail(const struct hk_store_db *db, int code, struct hk_diag *diag);
