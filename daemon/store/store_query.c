/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/store/store_db_handle.h"

static void read_text(sqlite3_stmt *statement, int column, char *ret_text, size_t size)
{
	const char *text = (const char *)sqlite3_column_text(statement, column);
	snprintf(ret_text, size, "%s", text ? text : "");
}

static void read_record(sqlite3_stmt *statement, struct hk_event_record *ret)
{
	const int state = sqlite3_column_int(statement, 4);
	*ret = (struct hk_event_record){
		.event = {
			.id = (uint64_t)sqlite3_column_int64(statement, 0),
			.continues = (uint64_t)sqlite3_column_int64(statement, 14),
			.state = state >= HK_EVENT_ONGOING && state <= HK_EVENT_INTERRUPTED
				? (enum hk_event_state)state
				: HK_EVENT_INTERRUPTED,
			.start_frame = (uint64_t)sqlite3_column_int64(statement, 7),
			.end_frame = (uint64_t)sqlite3_column_int64(statement, 8),
			.peak_probability = sqlite3_column_double(statement, 9),
			.mean_probability = sqlite3_column_double(statement, 10),
			.level_dbfs = (float)sqlite3_column_double(statement, 11),
			.n_windows = (uint32_t)sqlite3_column_int64(statement, 12),
			.gap = sqlite3_column_int(statement, 13) != 0,
		},
		.cursor = (uint64_t)sqlite3_column_int64(statement, 1),
		.start_us = sqlite3_column_int64(statement, 5),
		.end_us = sqlite3_column_int64(statement, 6),
		.stored = true,
	};
	read_text(statement, 2, ret->instance, sizeof(ret->instance));
	read_text(statement, 3, ret->label, sizeof(ret->label));
	read_text(statement, 15, ret->model, sizeof(ret->model));
	read_text(statement, 16, ret->model_hash, sizeof(ret->model_hash));
}

int hk_store_db_query(struct hk_store_db *db, const struct hk_store_query *query,
	hk_store_row_fn *on_row, void *owner, struct hk_diag *diag)
{
	static const char *const sql[] = {
#define SELECT_ORDERED(after_, order_)                                                             \
	"SELECT " HK_STORE_COLUMNS " FROM events"                                                  \
	" WHERE (?1 = 0 OR state = 0 OR end_us >= ?1) AND (?2 = 0 OR start_us <= ?2)"              \
	" AND (?3 = 0 OR " after_ ") AND cursor > ?4 AND (?5 = 0 OR state = ?5 - 1)"               \
	" AND (?6 IS NULL OR label IN (SELECT value FROM json_each(?6)))"                          \
	" ORDER BY " order_ " LIMIT ?7"
		[HK_STORE_BY_ID] = SELECT_ORDERED("id > ?3", "id"),
		[HK_STORE_BY_ID_DOWN] = SELECT_ORDERED("id < ?3", "id DESC"),
		[HK_STORE_BY_CURSOR] = SELECT_ORDERED("id > ?3", "cursor"),
#undef SELECT_ORDERED
	};
	char *labels = query->labels ? json_dumps(query->labels, JSON_COMPACT) : NULL;
	if (query->labels && !labels) {
		return hk_diag_set(diag, -ENOMEM, "out of memory");
	}
	sqlite3_stmt *statement = NULL;
	int r = 0;
	int code = sqlite3_prepare_v2(db->handle, sql[query->order], -1, &statement, NULL);
	if (code != SQLITE_OK) {
		r = hk_store_db_fail(db, code, diag);
		goto out;
	}
	sqlite3_bind_int64(statement, 1, query->since_us);
	sqlite3_bind_int64(statement, 2, query->until_us);
	sqlite3_bind_int64(statement, 3, (int64_t)query->after_id);
	sqlite3_bind_int64(statement, 4, (int64_t)query->after_cursor);
	sqlite3_bind_int(statement, 5, query->state);
	if (labels) {
		sqlite3_bind_text(statement, 6, labels, -1, SQLITE_STATIC);
	}
	sqlite3_bind_int64(statement, 7, query->limit);
	while (r == 0 && (code = sqlite3_step(statement)) == SQLITE_ROW) {
		struct hk_event_record record;
		read_record(statement, &record);
		r = on_row(owner, &record);
	}
	if (r == 0 && code != SQLITE_DONE) {
		r = hk_store_db_fail(db, code, diag);
	}
out:
	sqlite3_finalize(statement);
	free(labels);
	return r;
}

int hk_store_db_explain(struct hk_store_db *db, uint64_t id, struct hk_event_record *ret_record,
	char **ret_trail, struct hk_diag *diag)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(db->handle,
		"SELECT " HK_STORE_COLUMNS ", trail FROM events WHERE id = ?1", -1, &statement,
		NULL);
	if (code == SQLITE_OK) {
		sqlite3_bind_int64(statement, 1, (int64_t)id);
		code = sqlite3_step(statement);
	}
	int r = 0;
	if (code == SQLITE_DONE) {
		r = hk_diag_set(diag, -ENOENT, "no event %llu", (unsigned long long)id);
	} else if (code != SQLITE_ROW) {
		r = hk_store_db_fail(db, code, diag);
	} else {
		const char *text = (const char *)sqlite3_column_text(statement, 17);
		char *trail = text ? strdup(text) : NULL;
		if (text && !trail) {
			r = hk_diag_set(diag, -ENOMEM, "out of memory");
		} else {
			read_record(statement, ret_record);
			*ret_trail = trail;
		}
	}
	sqlite3_finalize(statement);
	return r;
}
