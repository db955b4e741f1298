/* SPDX-License-Identifier: MIT */
/*
 * Histories spoilt at random bytes: the store opens them and answers, or moves them aside and
 * begins anew; it writes afterwards in either case. SEED=N repeats a run; N_FILES, 1000 with
 * HEARKEN_LONG=1.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/file.h"
#include "daemon/store/store_db.h"

#define N_FILES 60
#define N_FILES_LONG 1000
#define N_EVENTS 60
#define MAX_SPOILT 40 /* bytes of one file */

struct bed {
	char folder[64];
	char path[96], wal[112];
	char *good, *good_wal; /* as a crash leaves them: the newest events are in the log still */
	size_t n_good, n_good_wal;
	unsigned seed;
};

static struct hk_event_record record_of(uint64_t id)
{
	return (struct hk_event_record){
		.event = { .id = id,
			.state = id % 5 == 0 ? HK_EVENT_ONGOING : HK_EVENT_ENDED,
			.peak_probability = 0.9,
			.mean_probability = 0.8,
			.level_dbfs = -20.5F,
			.n_windows = 3 },
		.cursor = id,
		.start_us = 1000000 * (int64_t)id,
		.end_us = 1000000 * (int64_t)id + 500000,
		.instance = "test",
		.label = "music",
		.model = "home",
	};
}

static void put(struct hk_store_db *db, uint64_t id)
{
	struct hk_diag diag = { "" };
	const struct hk_event_record record = record_of(id);
	if (hk_store_db_put(db, &record, "{\"windows\":[],\"omitted\":0}", &diag) < 0) {
		fail_msg("%s", diag.text);
	}
}

static int set_up(void **state)
{
	struct bed *bed = calloc(1, sizeof(*bed));
	struct hk_store_db *db = NULL;
	assert_non_null(bed);
	strcpy(bed->folder, "/tmp/hearken-damage-XXXXXX");
	assert_non_null(mkdtemp(bed->folder));
	snprintf(bed->path, sizeof(bed->path), "%s/h.db", bed->folder);
	snprintf(bed->wal, sizeof(bed->wal), "%s-wal", bed->path);
	for (int run = 0; run < 2; run++) {
		assert_int_equal(hk_store_db_open(&db, bed->path, NULL), 0);
		assert_int_equal(hk_store_db_begin(db, NULL), 0);
		for (uint64_t id = 1; id <= N_EVENTS; id++) {
			put(db, id + (uint64_t)run * N_EVENTS);
		}
		assert_int_equal(hk_store_db_commit(db, NULL), 0);
		if (run == 1) { /* before it is closed, which empties the log */
			assert_int_equal(hk_file_read(AT_FDCWD, bed->path, bed->path, 1 << 24,
						 &bed->good, &bed->n_good, NULL),
				0);
			assert_int_equal(hk_file_read(AT_FDCWD, bed->wal, bed->wal, 1 << 24,
						 &bed->good_wal, &bed->n_good_wal, NULL),
				0);
		}
		hk_store_db_close(db);
	}
	assert_true(bed->n_good > 4096 && bed->n_good_wal > 4096);
	*state = bed;
	return 0;
}

static void clear(const struct bed *bed)
{
	char pattern[128];
	glob_t found;
	snprintf(pattern, sizeof(pattern), "%s*", bed->path);
	if (glob(pattern, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++) {
			unlink(found.gl_pathv[i]);
		}
		globfree(&found);
	}
}

static int tear_down(void **state)
{
	struct bed *bed = *state;
	clear(bed);
	rmdir(bed->folder);
	free(bed->good);
	free(bed->good_wal);
	free(bed);
	return 0;
}

/* GOOD with some bytes changed, or cut off. */
static void write_spoilt(struct bed *bed, const char *path, const char *good, size_t n_good)
{
	char *spoilt = malloc(n_good);
	assert_non_null(spoilt);
	memcpy(spoilt, good, n_good);
	const int n = 1 + rand_r(&bed->seed) % MAX_SPOILT;
	/* everywhere, or all in one page: its header, its cells */
	const size_t first =
		rand_r(&bed->seed) % 2 ? (size_t)rand_r(&bed->seed) % (n_good / 4096) * 4096 : 0;
	const size_t span = first > 0 || rand_r(&bed->seed) % 3 == 0 ? 200 : n_good;
	for (int i = 0; i < n; i++) {
		spoilt[first + (size_t)rand_r(&bed->seed) % span] = (char)rand_r(&bed->seed);
	}
	const size_t n_kept =
		rand_r(&bed->seed) % 8 == 0 ? (size_t)rand_r(&bed->seed) % n_good : n_good;
	struct hk_diag diag = { "" };
	if (hk_file_write(AT_FDCWD, path, path, spoilt, n_kept, &diag) < 0) {
		fail_msg("%s", diag.text);
	}
	free(spoilt);
}

static int see(void *owner, const struct hk_event_record *record)
{
	size_t *n = owner;
	(*n)++;
	/* it goes out as JSON, or not at all */
	json_decref(hk_event_record_json(record));
	return 0;
}

/* Everything that the store's thread does. Returns the first error; -EBADMSG: damaged. */
/* A year goes by, and nearly all is forgotten. */
static int grow_old(struct hk_store_db *db, struct hk_diag *diag)
{
	struct hk_store_moment now = { .boot_us = 1 };
	struct hk_store_forgotten forgotten;
	int64_t ahead_us;
	int r = hk_store_db_tick(db, &now, 1, &ahead_us, diag);
	now.boot_us += INT64_C(365) * 86400 * 1000000;
	if (r == 0) {
		r = hk_store_db_tick(db, &now, 1, &ahead_us, diag);
	}
	return r == 0 ? hk_store_db_prune(db, 86400, N_EVENTS, &forgotten, diag) : r;
}

static int use(struct hk_store_db *db, struct hk_diag *diag)
{
	struct hk_store_db_extent extent;
	struct hk_event_record record;
	uint64_t n_interrupted;
	char *trail = NULL;
	size_t n = 0;
	int r = hk_store_db_extent(db, &extent, diag);
	if (r == 0) {
		r = hk_store_db_interrupt(db, extent.last_cursor + 1, &n_interrupted, diag);
	}
	for (enum hk_store_order order = HK_STORE_BY_ID; r == 0 && order <= HK_STORE_BY_CURSOR;
		order++) {
		const struct hk_store_query query = { .order = order, .limit = 1000 };
		r = hk_store_db_query(db, &query, see, &n, diag);
	}
	if (r == 0) {
		r = hk_store_db_explain(db, N_EVENTS, &record, &trail, diag);
		free(trail);
		r = r == -ENOENT ? 0 : r;
	}
	if (r == 0) {
		record = record_of(N_EVENTS);
		record.event.id = record.cursor = INT64_MAX / 2; /* above whatever a file holds */
		r = hk_store_db_put(db, &record, "{}", diag);
	}
	return r == 0 ? grow_old(db, diag) : r;
}

static void a_spoilt_history_is_used_or_moved_aside(void **state)
{
	struct bed *bed = *state;
	const char *given = getenv("SEED");
	bed->seed = given ? (unsigned)atoi(given) : 1;
	const int n_files = getenv("HEARKEN_LONG") ? N_FILES_LONG : N_FILES;
	int n_used = 0, n_refused = 0, n_later = 0;
	for (int i = 0; i < n_files; i++) {
		struct hk_store_db *db = NULL;
		struct hk_diag diag = { "" };
		const bool spoil_log = rand_r(&bed->seed) % 3 == 0;
		clear(bed);
		if (spoil_log) {
			assert_int_equal(hk_file_write(AT_FDCWD, bed->path, bed->path, bed->good,
						 bed->n_good, &diag),
				0);
			write_spoilt(bed, bed->wal, bed->good_wal, bed->n_good_wal);
		} else {
			write_spoilt(bed, bed->path, bed->good, bed->n_good);
		}
		int r = hk_store_db_open(&db, bed->path, &diag);
		const bool opened = r == 0;
		if (opened) {
			r = use(db, &diag);
			hk_store_db_close(db);
			db = NULL;
		}
		/* a version number from the future is left alone */
		if (r != 0 && r != -EBADMSG && r != -ENOTSUP) {
			fail_msg("file %d: %d: %s", i, r, diag.text);
		}
		n_used += r == 0;
		n_refused += !opened;
		n_later += opened && r < 0;
		if (r == -EBADMSG) {
			char name[256];
			assert_true(diag.text[0] != '\0');
			assert_int_equal(
				hk_store_db_move_aside(bed->path, i, name, sizeof(name), &diag), 0);
			assert_int_equal(access(name, F_OK), 0);
			assert_int_equal(hk_store_db_open(&db, bed->path, &diag), 0);
			put(db, 1);
			hk_store_db_close(db);
		}
	}
	printf("%d spoilt files: %d used, %d refused when opened, %d found spoilt later\n", n_files,
		n_used, n_refused, n_later);
	assert_true(n_used > 0 && n_refused > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_spoilt_history_is_used_or_moved_aside, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
