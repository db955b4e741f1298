/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "daemon/store/store_db_handle.h"

/* The numbers that outlive the rows they came from. */
#define KEEP(name_, value_)                                                                        \
	"INSERT INTO numbers VALUES ('" name_ "', " value_                                         \
	") ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value);"
#define KEPT(name_) "(SELECT value FROM numbers WHERE name = '" name_ "')"

int hk_store_db_keep_age(struct hk_store_db *db, struct hk_diag *diag)
{
	int r = hk_store_db_change(db, KEEP("age_us", "?1"), db->age.age_us, 0, diag);
	if (r == 0) {
		r = hk_store_db_change(
			db, KEEP("synchronised_us", "?1"), db->age.synchronised_us, 0, diag);
	}
	return r;
}

int hk_store_db_read_age(struct hk_store_db *db, struct hk_diag *diag)
{
	int r = hk_store_db_number(db, "SELECT " KEPT("age_us"), 0, &db->age.age_us, diag);
	if (r == 0) {
		r = hk_store_db_number(
			db, "SELECT " KEPT("synchronised_us"), 0, &db->age.synchronised_us, diag);
	}
	return r;
}

int hk_store_db_last_cursor(struct hk_store_db *db, uint64_t *ret, struct hk_diag *diag)
{
	int64_t last_cursor = 0;
	const int r = hk_store_db_number(db,
		"SELECT max(coalesce((SELECT max(cursor) FROM events), 0),"
		" coalesce(" KEPT("last_cursor") ", 0))",
		0, &last_cursor, diag);
	if (r == 0) {
		*ret = (uint64_t)last_cursor;
	}
	return r;
}

int hk_store_db_extent(struct hk_store_db *db, struct hk_store_db_extent *ret, struct hk_diag *diag)
{
	int64_t last_id = 0;
	uint64_t last_cursor = 0;
	int r = hk_store_db_number(db,
		"SELECT max(coalesce((SELECT max(id) FROM events), 0),"
		" coalesce(" KEPT("last_id") ", 0))",
		0, &last_id, diag);
	if (r == 0) {
		r = hk_store_db_last_cursor(db, &last_cursor, diag);
	}
	if (r < 0) {
		return r;
	}
	*ret = (struct hk_store_db_extent){
		.last_id = (uint64_t)last_id,
		.last_cursor = last_cursor,
	};
	return 0;
}

/* Oldest first, by the age of the history; 0 when there are no events. */
static int oldest_us(struct hk_store_db *db, int64_t *ret, struct hk_diag *diag)
{
	*ret = db->age.age_us;
	return hk_store_db_number(
		db, "SELECT coalesce(min(heard_us), ?1) FROM events", db->age.age_us, ret, diag);
}

int hk_store_db_tick(struct hk_store_db *db, const struct hk_store_moment *now, double max_age_s,
	int64_t *ret_ahead_us, struct hk_diag *diag)
{
	int64_t oldest = 0;
	*ret_ahead_us = 0;
	const int r = oldest_us(db, &oldest, diag);
	if (r < 0) {
		return r;
	}
	const bool news = hk_store_age_tick(&db->age, now, db->age.age_us - oldest);
	const int64_t counted_us = db->age.age_us + db->age.ahead_us - oldest;
	if (news && max_age_s > 0 && (double)counted_us > max_age_s * 1e6) {
		*ret_ahead_us = db->age.ahead_us;
	}
	return 0;
}

/* Delete what CONDITION names; BOUND is its ?2. The + keeps SQLite off the index of states, where
 * nearly all rows are alike. */
#define FORGET(condition_) "DELETE FROM events WHERE +state <> ?1 AND " condition_

static int forget(struct hk_store_db *db, const char *sql, int64_t bound, uint64_t *ret_n,
	struct hk_diag *diag)
{
	const int r = hk_store_db_change(db, sql, HK_EVENT_ONGOING, bound, diag);
	*ret_n = r == 0 ? (uint64_t)sqlite3_changes64(db->handle) : 0;
	return r;
}

static int forget_in_transaction(struct hk_store_db *db, double max_age_s, uint64_t max_events,
	struct hk_store_forgotten *ret, struct hk_diag *diag)
{
	int r = hk_store_db_run(db,
		KEEP("last_id", "coalesce((SELECT max(id) FROM events), 0)")
			KEEP("last_cursor", "coalesce((SELECT max(cursor) FROM events), 0)"),
		diag);
	if (r == 0 && max_age_s > 0) {
		r = forget(db, FORGET("heard_us < ?2"), db->age.age_us - (int64_t)(max_age_s * 1e6),
			&ret->n_old, diag);
	}
	const uint64_t n_left = db->n_events - ret->n_old;
	if (r == 0 && max_events > 0 && n_left > max_events) {
		r = forget(db, FORGET("id IN (SELECT id FROM events ORDER BY id LIMIT ?2)"),
			(int64_t)(n_left - max_events), &ret->n_surplus, diag);
	}
	return r == 0 ? hk_store_db_keep_age(db, diag) : r;
}

int hk_store_db_prune(struct hk_store_db *db, double max_age_s, uint64_t max_events,
	struct hk_store_forgotten *ret, struct hk_diag *diag)
{
	struct hk_store_forgotten forgotten = { 0 };
	int64_t oldest = 0;
	int r = oldest_us(db, &oldest, diag);
	*ret = forgotten;
	const bool old = max_age_s > 0 && (double)(db->age.age_us - oldest) > max_age_s * 1e6;
	if (r < 0 || (!old && (max_events == 0 || db->n_events <= max_events))) {
		return r;
	}
	r = hk_store_db_begin(db, diag);
	if (r == 0) {
		r = forget_in_transaction(db, max_age_s, max_events, &forgotten, diag);
	}
	if (r == 0) {
		r = hk_store_db_commit(db, diag);
	}
	if (r < 0) {
		hk_store_db_rollback(db);
		return r;
	}
	db->n_events -= forgotten.n_old + forgotten.n_surplus;
	*ret = forgotten;
	return 0;
}
