/* SPDX-License-Identifier: MIT */
/*
 * store: the history of events, kept by a thread of its own so that a slow disk delays nobody.
 *
 * Main hands records over and is called back when they are committed, in the same order. Until then
 * they wait in a bounded queue; while the disk is full, read-only or damaged they go on waiting
 * there and the thread tries again for ever. What finds no room is lost and counted. A damaged file
 * is moved aside and a new one begun.
 *
 * Main thread only, but for the two number givers. Not real-time.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "core/base/diag.h"
#include "daemon/store/event_record.h"
#include "daemon/store/store_db.h"

#define HK_STORE_QUEUE 4096 /* records that may wait */

struct hk_store_options {
	char path[4096];
	double max_age_s;    /* forget events that ended longer ago, by store_age.h; 0: never */
	uint64_t max_events; /* and the oldest beyond this number; 0: any number */
};

struct hk_store_status {
	bool ok;                /* the last attempt to write worked */
	char why[HK_DIAG_SIZE]; /* why not */
	uint64_t n_events;      /* in the history */
	uint64_t n_queued;      /* wait to be written */
	uint64_t n_lost; /* found no room in the queue, or were waiting when the daemon had to stop
			  */
	uint64_t n_damaged; /* files moved aside */
};

enum hk_store_news {
	HK_STORE_WORKS,       /* writes again after a failure */
	HK_STORE_FAILS,       /* cannot be written: events are queued, detection goes on */
	HK_STORE_MOVED_ASIDE, /* the file was damaged; TEXT names its new name */
	HK_STORE_INTERRUPTED, /* events that a crash left open were closed; TEXT says how many */
	HK_STORE_FORGOT,      /* events were forgotten; TEXT says how many and why */
	HK_STORE_AHEAD, /* the clock is ahead by TEXT days: not believed yet, nothing is forgotten
			   for it */
	HK_STORE_LOSES, /* the queue is full: records are given up from now on */
};

struct hk_store_sink {
	void *owner;
	/* Something that the log should say, once. */
	void (*on_news)(void *owner, enum hk_store_news news, const char *text);
};

struct hk_store;

typedef void hk_store_written_fn(void *owner, const struct hk_event_record *record);

/* OPTIONS are copied. The file is opened by the thread: a history that cannot be opened is news,
 * not an error. Returns 0, -ENOMEM, -EAGAIN (no thread). */
int hk_store_new(struct hk_store **ret, sd_event *event, const struct hk_store_options *options,
	const struct hk_store_sink *sink);

/* FN is called from the event loop with each record that is in the history from then on
 * (record->stored), in the order of hk_store_write. One at most; OWNER must outlive hk_store_stop.
 */
void hk_store_watch_written(struct hk_store *store, hk_store_written_fn *fn, void *owner);

/*
 * Waits at most TIMEOUT_MS for what is queued to be written, then gives up on the rest; queries are
 * answered with -ECANCELED. Returns the number of records that were not written: hk_store_waiting
 * still tells which. Nothing may be written or asked afterwards. STORE may be NULL.
 */
uint64_t hk_store_stop(struct hk_store *store, unsigned timeout_ms);

/* Stop, if that was not done yet, and free. Returns the same. */
uint64_t hk_store_free(struct hk_store *store, unsigned timeout_ms);

/* The next id of an event: microseconds since 1970, strictly ascending, above all ids in the
 * history. Any thread. */
uint64_t hk_store_next_id(struct hk_store *store);

/*
 * Where cursors begin without a history: at the time, so that those of a new history lie above
 * those that a client remembers of the one before. From there on they are counted.
 */
uint64_t hk_store_first_cursor(void);

/*
 * Put RECORD into the history and give it its cursor: one more than the last, whatever the clock
 * does.
 *
 * Until the history has been opened its last cursor is unknown: a record that turns out not to lie
 * above it gets another cursor when it is written, which hk_store_watch_written shows. TRAIL: JSON
 * text of the windows behind it, malloc'd, taken over; may be NULL. Returns true when it will be
 * written; false, and it is counted as lost: the queue is full, or out of memory. Never waits.
 */
bool hk_store_write(struct hk_store *store, struct hk_event_record *record, char *trail);

/*
 * Move start and end of the events FIRST_ID to LAST_ID by STEP_US, those that wait to be written
 * too. Their cursors stay. Returns 0; -ENOBUFS: too much waits; -ENOMEM. Never waits.
 */
int hk_store_redate(struct hk_store *store, uint64_t first_id, uint64_t last_id, int64_t step_us);

/*
 * Records that were handed over and that hk_store_written_fn was not called with yet, oldest first:
 * calls ON_ROW for each, until it returns something else than 0.
 */
void hk_store_waiting(struct hk_store *store, hk_store_row_fn *on_row, void *owner);

/*
 * Ask the history. DONE is called once from the event loop, after every hk_store_written_fn of what
 * was committed before the answer was read and before every later one: so a follower misses nothing
 * between the two. RECORDS[N_RECORDS] and TRAIL (explain only; may be NULL) are valid until DONE
 * returns; ERROR: 0 or a negative errno, then TEXT says why. Returns 0, -ENOMEM (DONE will not be
 * called).
 */
struct hk_store_answer {
	int error;
	const char *text;
	const struct hk_event_record *records;
	size_t n_records;
	bool has_more;
	uint64_t last_cursor; /* of the whole history when the question was answered */
	const char *trail;
};
typedef void hk_store_done_fn(void *owner, const struct hk_store_answer *answer);

struct hk_store_ticket; /* an outstanding question */

/* RET (may be NULL): for hk_store_forget. QUERY's labels are copied. */
int hk_store_ask(struct hk_store *store, const struct hk_store_query *query, hk_store_done_fn *done,
	void *owner, struct hk_store_ticket **ret);
int hk_store_explain(struct hk_store *store, uint64_t id, hk_store_done_fn *done, void *owner,
	struct hk_store_ticket **ret);

/* DONE will not be called any more. Only before it was. */
void hk_store_forget(struct hk_store_ticket *ticket);

/* Change what is kept. */
void hk_store_set_retention(struct hk_store *store, double max_age_s, uint64_t max_events);

void hk_store_status(struct hk_store *store, struct hk_store_status *ret);
