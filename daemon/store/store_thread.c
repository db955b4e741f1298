/* SPDX-License-Identifier: MIT */
#include "daemon/store/store_thread.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "daemon/store/store_lock.h"

#define FIRST_RETRY_S 1
#define LAST_RETRY_S 10
#define PRUNE_EVERY_S 60
#define KEEP_AGE_EVERY_S 3600
#define REPORT_EVERY_S 3600
#define IDLE_S 3600 /* the history grows older when nothing is written, too */

int64_t hk_store_clock_us(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

uint64_t hk_store_first_cursor(void)
{
	const int64_t now_us = hk_store_clock_us(CLOCK_REALTIME);
	return now_us > 0 ? (uint64_t)now_us : 0;
}

static void raise_number(atomic_uint_least64_t *last, uint64_t at_least)
{
	uint64_t before = atomic_load_explicit(last, memory_order_relaxed);
	while (before < at_least &&
		!atomic_compare_exchange_weak_explicit(
			last, &before, at_least, memory_order_relaxed, memory_order_relaxed)) {}
}

static void wake_main(struct hk_store *store)
{
	const uint64_t one = 1;
	(void)!write(store->wake_main, &one, sizeof(one));
}

void hk_store_give_back(struct hk_store *store, struct hk_store_job *job)
{
	pthread_mutex_lock(&store->lock);
	hk_store_jobs_append(&store->done, job);
	pthread_mutex_unlock(&store->lock);
	wake_main(store);
}

void hk_store_tell(struct hk_store *store, enum hk_store_news news, const char *text)
{
	struct hk_store_job *job = calloc(1, sizeof(*job));
	if (!job) {
		return; /* the status still says it */
	}
	job->kind = HK_STORE_JOB_NEWS;
	job->news = news;
	hk_diag_set(&job->diag, 0, "%s", text);
	hk_store_give_back(store, job);
}

static void set_status(struct hk_store *store, int error, const char *why)
{
	pthread_mutex_lock(&store->lock);
	store->status.ok = error == 0;
	snprintf(store->status.why, sizeof(store->status.why), "%s", error < 0 ? why : "");
	if (store->db) {
		store->status.n_events = hk_store_db_n_events(store->db);
	}
	pthread_mutex_unlock(&store->lock);
	if (store->failing != (error < 0)) {
		store->failing = error < 0;
		hk_store_tell(
			store, error < 0 ? HK_STORE_FAILS : HK_STORE_WORKS, error < 0 ? why : "");
	}
}

static void close_db(struct hk_store *store)
{
	hk_store_db_close(store->db);
	store->db = NULL;
	hk_store_unlock(store->lock_fd);
	store->lock_fd = -1;
}

static int lock_and_open(struct hk_store *store, struct hk_diag *diag)
{
	int r = hk_store_lock(&store->lock_fd, store->options.path, diag);
	if (r < 0) {
		return r;
	}
	r = hk_store_db_open(&store->db, store->options.path, diag);
	if (r < 0 && r != -EBADMSG) {
		close_db(store);
	}
	return r;
}

/* The file is beyond use: keep it for whoever wants to look, begin a new one. It stays locked until
 * it is away, or another daemon that waits for it would move the new one. */
static int replace_damaged(struct hk_store *store, struct hk_diag *diag)
{
	char name[4096];
	char text[2 * sizeof(name)];
	hk_store_db_close(store->db);
	store->db = NULL;
	struct hk_diag why = *diag;
	int r = hk_store_db_move_aside(
		store->options.path, hk_store_clock_us(CLOCK_REALTIME), name, sizeof(name), diag);
	if (r < 0) {
		close_db(store);
		return r;
	}
	pthread_mutex_lock(&store->lock);
	store->status.n_damaged++;
	pthread_mutex_unlock(&store->lock);
	snprintf(text, sizeof(text), "%s (%s)", name, why.text);
	hk_store_tell(store, HK_STORE_MOVED_ASIDE, text);
	close_db(store);
	return lock_and_open(store, diag);
}

/* LAST_CURSOR is in the file: what waits to be written comes after it, in its order. */
static void number_what_waits(struct hk_store *store, uint64_t last_cursor)
{
	pthread_mutex_lock(&store->lock);
	if (store->last_cursor < last_cursor) {
		store->last_cursor = last_cursor;
	}
	const struct hk_store_job *first = store->writes.first;
	if (first && first->record.cursor <= last_cursor) {
		for (struct hk_store_job *job = store->writes.first; job; job = job->next) {
			if (job->kind == HK_STORE_JOB_WRITE) {
				job->record.cursor = ++store->last_cursor;
			}
		}
	}
	pthread_mutex_unlock(&store->lock);
}

/* Once, before the first write: what the last run left open is over. */
static int clean_up_after_crash(struct hk_store *store, struct hk_diag *diag)
{
	struct hk_store_db_extent extent;
	int r = hk_store_db_extent(store->db, &extent, diag);
	if (r < 0) {
		return r;
	}
	raise_number(&store->last_id, extent.last_id);
	uint64_t n_interrupted = 0;
	if (!store->crash_cleaned) {
		r = hk_store_db_interrupt(store->db, extent.last_cursor + 1, &n_interrupted, diag);
		if (r < 0) {
			return r;
		}
		store->crash_cleaned = true;
	}
	number_what_waits(store, extent.last_cursor + n_interrupted);
	if (n_interrupted > 0) {
		char text[64];
		snprintf(text, sizeof(text), "%llu", (unsigned long long)n_interrupted);
		hk_store_tell(store, HK_STORE_INTERRUPTED, text);
	}
	return 0;
}

static int open_db(struct hk_store *store, struct hk_diag *diag)
{
	int r = lock_and_open(store, diag);
	if (r == -EBADMSG) {
		r = replace_damaged(store, diag);
	}
	if (r == 0) {
		r = clean_up_after_crash(store, diag);
		if (r < 0) {
			close_db(store);
		}
	}
	return r;
}

/* At most once an hour, whatever comes together until then. */
static void report_forgotten(struct hk_store *store, int64_t now_s)
{
	const struct hk_store_forgotten *n = &store->unspoken;
	if (n->n_old + n->n_surplus == 0 ||
		(store->forgot_at_s != 0 && now_s - store->forgot_at_s < REPORT_EVERY_S)) {
		return;
	}
	char text[128];
	snprintf(text, sizeof(text),
		"%" PRIu64 " older than max_age, %" PRIu64 " beyond max_events", n->n_old,
		n->n_surplus);
	hk_store_tell(store, HK_STORE_FORGOT, text);
	store->unspoken = (struct hk_store_forgotten){ 0 };
	store->forgot_at_s = now_s;
}

/* Before a write: it is dated by the age of the history. */
static int grow_older(struct hk_store *store, struct hk_diag *diag)
{
	const struct hk_store_moment now = hk_store_moment_now();
	int64_t ahead_us;
	pthread_mutex_lock(&store->lock);
	const double max_age_s = store->options.max_age_s;
	pthread_mutex_unlock(&store->lock);
	const int r = hk_store_db_tick(store->db, &now, max_age_s, &ahead_us, diag);
	if (r == 0 && ahead_us > 0) {
		char text[64];
		snprintf(text, sizeof(text), "%.1f", (double)ahead_us / 1e6 / 86400);
		hk_store_tell(store, HK_STORE_AHEAD, text);
	}
	return r;
}

/* N jobs from FIRST on. The last one's `next` is main's to write: it is not looked at. */
static int write_batch(
	struct hk_store *store, const struct hk_store_job *first, uint64_t n, struct hk_diag *diag)
{
	int r = grow_older(store, diag);
	if (r == 0) {
		r = hk_store_db_begin(store->db, diag);
	}
	const struct hk_store_job *job = first;
	for (uint64_t i = 0; i < n && r == 0; i++) {
		job = i == 0 ? first : job->next;
		r = job->kind == HK_STORE_JOB_REDATE
			? hk_store_db_redate(
				  store->db, job->first_id, job->last_id, job->step_us, diag)
			: hk_store_db_put(store->db, &job->record, job->trail, diag);
	}
	if (r == 0) {
		r = hk_store_db_commit(store->db, diag);
	}
	if (r < 0) {
		hk_store_db_rollback(store->db);
	}
	return r;
}

static int prune(struct hk_store *store, struct hk_diag *diag)
{
	const int64_t now_s = hk_store_clock_us(CLOCK_MONOTONIC) / 1000000;
	if (store->pruned_at_s != 0 && now_s - store->pruned_at_s < PRUNE_EVERY_S) {
		return 0;
	}
	store->pruned_at_s = now_s;
	pthread_mutex_lock(&store->lock);
	const double max_age_s = store->options.max_age_s;
	const uint64_t max_events = store->options.max_events;
	pthread_mutex_unlock(&store->lock);
	struct hk_store_forgotten forgotten;
	int r = grow_older(store, diag);
	if (r == 0) {
		r = hk_store_db_prune(store->db, max_age_s, max_events, &forgotten, diag);
	}
	if (r == 0) {
		store->unspoken.n_old += forgotten.n_old;
		store->unspoken.n_surplus += forgotten.n_surplus;
		report_forgotten(store, now_s);
	}
	if (r == 0 && now_s - store->kept_at_s >= KEEP_AGE_EVERY_S) {
		store->kept_at_s = now_s;
		r = hk_store_db_keep_age(store->db, diag);
	}
	return r;
}

/* Open if need be, then write the batch. */
static int try_to_write(
	struct hk_store *store, const struct hk_store_job *first, uint64_t n, struct hk_diag *diag)
{
	int r = store->db ? 0 : open_db(store, diag);
	if (r == 0 && n > 0) {
		r = write_batch(store, first, n, diag);
		if (r == -EBADMSG) {
			r = replace_damaged(store, diag);
			if (r == 0) {
				r = write_batch(store, first, n, diag);
			}
		}
	}
	return r;
}

/* Sleep until there is something to do, or until it is time to try again. False: time to end. */
static bool wait_for_work(struct hk_store *store, unsigned retry_s)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += retry_s > 0 ? retry_s : IDLE_S;
	pthread_mutex_lock(&store->lock);
	int r = 0;
	while (!store->stopping && !store->questions.first && r == 0 &&
		!(store->writes.first && retry_s == 0)) {
		r = pthread_cond_timedwait(&store->wake, &store->lock, &until);
	}
	const bool go_on = !store->stopping || (store->writes.first && retry_s == 0);
	pthread_mutex_unlock(&store->lock);
	return go_on;
}

/* What takes its time and nobody waits for. */
static void clean(struct hk_store *store, unsigned *retry_s)
{
	struct hk_diag diag = { "" };
	const int r = prune(store, &diag);
	if (r < 0) {
		set_status(store, r, diag.text);
		*retry_s = FIRST_RETRY_S;
	}
	hk_store_db_tidy(store->db);
}

/* The records stay in the list, where main can see them, until they are written. */
static void write_what_waits(struct hk_store *store, unsigned *retry_s)
{
	pthread_mutex_lock(&store->lock);
	const struct hk_store_job *first = store->writes.first;
	const uint64_t n = store->writes.n;
	pthread_mutex_unlock(&store->lock);
	struct hk_diag diag = { "" };
	const int r = try_to_write(store, first, n, &diag);
	set_status(store, r, diag.text);
	if (r < 0) {
		*retry_s = *retry_s < LAST_RETRY_S ? *retry_s + FIRST_RETRY_S : LAST_RETRY_S;
		return;
	}
	*retry_s = 0;
	/* in one step: main must see each of them in one list or in the other */
	pthread_mutex_lock(&store->lock);
	for (uint64_t i = 0; i < n; i++) {
		struct hk_store_job *job = hk_store_jobs_take(&store->writes);
		job->record.stored = true;
		hk_store_jobs_append(&store->done, job);
	}
	pthread_mutex_unlock(&store->lock);
	wake_main(store);
	clean(store, retry_s);
}

void *hk_store_thread(void *userdata)
{
	struct hk_store *store = userdata;
	unsigned retry_s = 0;
	do {
		write_what_waits(store, &retry_s);
		pthread_mutex_lock(&store->lock);
		struct hk_store_job *question = hk_store_jobs_take(&store->questions);
		pthread_mutex_unlock(&store->lock);
		if (question) {
			hk_store_answer(store, question);
		}
	} while (wait_for_work(store, retry_s));
	if (store->db && retry_s == 0 && grow_older(store, NULL) == 0) {
		(void)hk_store_db_keep_age(store->db, NULL); /* else the next run counts less */
	}
	close_db(store);
	sem_post(&store->last);
	return NULL;
}
