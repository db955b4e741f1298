/* SPDX-License-Identifier: MIT */
#include "daemon/store.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define FIRST_RETRY_S 1
#define LAST_RETRY_S 10
#define PRUNE_EVERY_S 60

/* What main asks the thread to do, and the same struct on its way back with what came of it. */
struct job {
	struct job *next;
	enum { JOB_WRITE, JOB_ASK, JOB_EXPLAIN, JOB_NEWS } kind;
	/* JOB_WRITE */
	struct hk_record record;
	char *trail; /* of the answer, too */
	/* JOB_ASK, JOB_EXPLAIN */
	struct hk_store_ticket *ticket;
	struct hk_store_query query;
	uint64_t id;
	/* the answer, or the news */
	struct hk_record *records;
	size_t n_records, n_room;
	uint64_t last_cursor;
	struct hk_diag diag;
	int error;
	enum hk_store_news news;
};

struct hk_store_ticket {
	hk_store_done *done; /* NULL: nobody wants the answer any more */
	void *owner;
};

struct list {
	struct job *first, *last;
	uint64_t n;
};

struct hk_store {
	/* main thread */
	sd_event_source *io;
	struct hk_store_sink sink;
	int wake_main; /* eventfd */

	/* the store's thread */
	pthread_t thread;
	struct hk_store_db *db;
	bool failing;
	bool crash_cleaned;
	int64_t pruned_at_s;

	/* both, under the lock */
	pthread_mutex_t lock;
	pthread_cond_t wake; /* CLOCK_MONOTONIC */
	struct hk_store_options options;
	struct list writes; /* records that wait; only the thread takes one out */
	struct list questions;
	struct list done; /* for main */
	struct hk_store_status status;
	bool stopping;

	/* both */
	atomic_uint_least64_t last_id, last_cursor;
};

static void append(struct list *list, struct job *job)
{
	job->next = NULL;
	*(list->last ? &list->last->next : &list->first) = job;
	list->last = job;
	list->n++;
}

static struct job *take(struct list *list)
{
	struct job *job = list->first;
	if (job) {
		list->first = job->next;
		list->last = list->first ? list->last : NULL;
		list->n--;
	}
	return job;
}

static void job_free(struct job *job)
{
	free(job->trail);
	free(job->records);
	free(job->ticket);
	json_decref(job->query.labels);
	free(job);
}

static int64_t clock_us(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

static uint64_t next_number(atomic_uint_least64_t *last)
{
	const uint64_t now = (uint64_t)clock_us(CLOCK_REALTIME);
	uint64_t before = atomic_load_explicit(last, memory_order_relaxed);
	uint64_t number;
	do {
		number = now > before ? now : before + 1;
	} while (!atomic_compare_exchange_weak_explicit(
		last, &before, number, memory_order_relaxed, memory_order_relaxed));
	return number;
}

static void raise_number(atomic_uint_least64_t *last, uint64_t at_least)
{
	uint64_t before = atomic_load_explicit(last, memory_order_relaxed);
	while (before < at_least &&
		!atomic_compare_exchange_weak_explicit(
			last, &before, at_least, memory_order_relaxed, memory_order_relaxed)) {}
}

uint64_t hk_store_next_id(struct hk_store *store)
{
	return next_number(&store->last_id);
}

uint64_t hk_store_next_cursor(struct hk_store *store)
{
	return next_number(&store->last_cursor);
}

/* ---- the store's thread ---- */

static void give_back(struct hk_store *store, struct job *job)
{
	pthread_mutex_lock(&store->lock);
	append(&store->done, job);
	pthread_mutex_unlock(&store->lock);
	const uint64_t one = 1;
	(void)!write(store->wake_main, &one, sizeof(one));
}

static void tell(struct hk_store *store, enum hk_store_news news, const char *text)
{
	struct job *job = calloc(1, sizeof(*job));
	if (!job) {
		return; /* the status still says it */
	}
	job->kind = JOB_NEWS;
	job->news = news;
	hk_diag_set(&job->diag, 0, "%s", text);
	give_back(store, job);
}

static void set_status(struct hk_store *store, int error, const char *why)
{
	struct hk_store_db_extent extent = { 0 };
	const bool counted = store->db && hk_store_db_extent(store->db, &extent, NULL) == 0;
	pthread_mutex_lock(&store->lock);
	store->status.ok = error == 0;
	snprintf(store->status.why, sizeof(store->status.why), "%s", error < 0 ? why : "");
	if (counted) {
		store->status.n_events = extent.n_events;
	}
	pthread_mutex_unlock(&store->lock);
	if (store->failing != (error < 0)) {
		store->failing = error < 0;
		tell(store, error < 0 ? HK_STORE_FAILS : HK_STORE_WORKS, error < 0 ? why : "");
	}
}

/* The file is beyond use: keep it for whoever wants to look, begin a new one. */
static int replace_damaged(struct hk_store *store, struct hk_diag *diag)
{
	char name[4096];
	char text[2 * sizeof(name)];
	hk_store_db_close(store->db);
	store->db = NULL;
	struct hk_diag why = *diag;
	int r = hk_store_db_move_aside(
		store->options.path, clock_us(CLOCK_REALTIME), name, sizeof(name), diag);
	if (r < 0) {
		return r;
	}
	pthread_mutex_lock(&store->lock);
	store->status.n_damaged++;
	pthread_mutex_unlock(&store->lock);
	snprintf(text, sizeof(text), "%s (%s)", name, why.text);
	tell(store, HK_STORE_MOVED_ASIDE, text);
	return hk_store_db_open(&store->db, store->options.path, diag);
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
	raise_number(&store->last_cursor, extent.last_cursor);
	uint64_t n_interrupted = 0;
	if (!store->crash_cleaned) {
		const uint64_t cursor = hk_store_next_cursor(store);
		r = hk_store_db_interrupt(store->db, cursor, &n_interrupted, diag);
		if (r < 0) {
			return r;
		}
		raise_number(&store->last_cursor, cursor + n_interrupted);
		store->crash_cleaned = true;
	}
	if (n_interrupted > 0) {
		char text[64];
		snprintf(text, sizeof(text), "%llu", (unsigned long long)n_interrupted);
		tell(store, HK_STORE_INTERRUPTED, text);
	}
	return 0;
}

static int open_db(struct hk_store *store, struct hk_diag *diag)
{
	int r = hk_store_db_open(&store->db, store->options.path, diag);
	if (r == -EBADMSG) {
		r = replace_damaged(store, diag);
	}
	if (r == 0) {
		r = clean_up_after_crash(store, diag);
		if (r < 0) {
			hk_store_db_close(store->db);
			store->db = NULL;
		}
	}
	return r;
}

/* N jobs from FIRST on. The last one's `next` is main's to write: it is not looked at. */
static int write_batch(
	struct hk_store *store, const struct job *first, uint64_t n, struct hk_diag *diag)
{
	int r = hk_store_db_begin(store->db, diag);
	const struct job *job = first;
	for (uint64_t i = 0; i < n && r == 0; i++) {
		job = i == 0 ? first : job->next;
		r = hk_store_db_put(store->db, &job->record, job->trail, diag);
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
	const int64_t now_s = clock_us(CLOCK_MONOTONIC) / 1000000;
	if (store->pruned_at_s != 0 && now_s - store->pruned_at_s < PRUNE_EVERY_S) {
		return 0;
	}
	store->pruned_at_s = now_s;
	pthread_mutex_lock(&store->lock);
	const double max_age_s = store->options.max_age_s;
	const uint64_t max_events = store->options.max_events;
	pthread_mutex_unlock(&store->lock);
	const int64_t oldest_us =
		max_age_s > 0 ? clock_us(CLOCK_REALTIME) - (int64_t)(max_age_s * 1e6) : INT64_MIN;
	return hk_store_db_prune(store->db, oldest_us, max_events, diag);
}

/* Open if need be, then write the batch. */
static int try_to_write(
	struct hk_store *store, const struct job *first, uint64_t n, struct hk_diag *diag)
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
	if (r == 0) {
		r = prune(store, diag);
	}
	return r;
}

static int collect(void *owner, const struct hk_record *record)
{
	struct job *job = owner;
	if (job->n_records == job->n_room) {
		const size_t n_room = job->n_room ? 2 * job->n_room : 16;
		struct hk_record *grown = realloc(job->records, n_room * sizeof(*grown));
		if (!grown) {
			return hk_diag_set(&job->diag, -ENOMEM, "out of memory");
		}
		job->records = grown;
		job->n_room = n_room;
	}
	job->records[job->n_records++] = *record;
	return 0;
}

static void answer(struct hk_store *store, struct job *job)
{
	if (!store->db) {
		job->error = hk_diag_set(&job->diag, -EIO, "the history is not open");
	} else if (job->kind == JOB_ASK) {
		/* one more than wanted tells whether there are more */
		job->query.limit++;
		job->error = hk_store_db_query(store->db, &job->query, collect, job, &job->diag);
		job->query.limit--;
		if (job->error == 0) {
			job->error =
				hk_store_db_last_cursor(store->db, &job->last_cursor, &job->diag);
		}
	} else {
		struct hk_record record;
		job->error =
			hk_store_db_explain(store->db, job->id, &record, &job->trail, &job->diag);
		if (job->error == 0) {
			job->error = collect(job, &record);
		}
	}
	give_back(store, job);
}

/* Sleep until there is something to do, or until it is time to try again. False: time to end. */
static bool wait_for_work(struct hk_store *store, unsigned retry_s)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += retry_s;
	pthread_mutex_lock(&store->lock);
	int r = 0;
	while (!store->stopping && !store->questions.first && r == 0 &&
		!(store->writes.first && retry_s == 0)) {
		r = retry_s > 0 ? pthread_cond_timedwait(&store->wake, &store->lock, &until)
				: pthread_cond_wait(&store->wake, &store->lock);
	}
	const bool go_on = !store->stopping || (store->writes.first && retry_s == 0);
	pthread_mutex_unlock(&store->lock);
	return go_on;
}

/* The records stay in the list, where main can see them, until they are written. */
static void write_what_waits(struct hk_store *store, unsigned *retry_s)
{
	pthread_mutex_lock(&store->lock);
	const struct job *first = store->writes.first;
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
	for (uint64_t i = 0; i < n; i++) {
		pthread_mutex_lock(&store->lock);
		struct job *job = take(&store->writes);
		pthread_mutex_unlock(&store->lock);
		job->record.stored = true;
		give_back(store, job);
	}
}

static void *run(void *userdata)
{
	struct hk_store *store = userdata;
	unsigned retry_s = 0;
	do {
		write_what_waits(store, &retry_s);
		pthread_mutex_lock(&store->lock);
		struct job *question = take(&store->questions);
		pthread_mutex_unlock(&store->lock);
		if (question) {
			answer(store, question);
		}
	} while (wait_for_work(store, retry_s));
	hk_store_db_close(store->db);
	return NULL;
}

/* ---- main thread ---- */

static void deliver(struct hk_store *store, struct job *job)
{
	switch (job->kind) {
	case JOB_WRITE:
		store->sink.on_stored(store->sink.owner, &job->record);
		break;
	case JOB_NEWS:
		store->sink.on_news(store->sink.owner, job->news, job->diag.text);
		break;
	case JOB_ASK:
	case JOB_EXPLAIN:
		if (job->ticket->done) {
			const bool has_more =
				job->kind == JOB_ASK && job->n_records > job->query.limit;
			job->ticket->done(job->ticket->owner,
				&(const struct hk_store_answer){
					.error = job->error,
					.text = job->diag.text,
					.records = job->records,
					.n_records = has_more ? job->query.limit : job->n_records,
					.has_more = has_more,
					.last_cursor = job->last_cursor,
					.trail = job->trail,
				});
		}
		break;
	}
	job_free(job);
}

static int on_done(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	(void)source;
	(void)events;
	struct hk_store *store = userdata;
	uint64_t count;
	(void)!read(fd, &count, sizeof(count));
	for (;;) {
		pthread_mutex_lock(&store->lock);
		struct job *job = take(&store->done);
		pthread_mutex_unlock(&store->lock);
		if (!job) {
			return 0;
		}
		deliver(store, job);
	}
}

/* Give back everything but the thread. */
static void release(struct hk_store *store)
{
	struct list *lists[] = { &store->writes, &store->questions, &store->done };
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		struct job *job;
		while ((job = take(lists[i]))) {
			job_free(job);
		}
	}
	pthread_cond_destroy(&store->wake);
	pthread_mutex_destroy(&store->lock);
	close(store->wake_main);
	free(store);
}

int hk_store_new(struct hk_store **ret, sd_event *event, const struct hk_store_options *options,
	const struct hk_store_sink *sink)
{
	struct hk_store *store = calloc(1, sizeof(*store));
	if (!store) {
		return -ENOMEM;
	}
	store->options = *options;
	store->sink = *sink;
	store->status.ok = true;
	store->wake_main = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (store->wake_main < 0) {
		const int error = -errno;
		free(store);
		return error;
	}
	pthread_mutex_init(&store->lock, NULL);
	pthread_condattr_t attributes;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&store->wake, &attributes);
	pthread_condattr_destroy(&attributes);
	int r = sd_event_add_io(event, &store->io, store->wake_main, EPOLLIN, on_done, store);
	if (r >= 0) {
		r = -pthread_create(&store->thread, NULL, run, store);
	}
	if (r < 0) {
		sd_event_source_disable_unref(store->io);
		release(store);
		return r;
	}
	*ret = store;
	return 0;
}

static void wake_thread(struct hk_store *store)
{
	pthread_cond_signal(&store->wake);
	pthread_mutex_unlock(&store->lock);
}

uint64_t hk_store_free(struct hk_store *store, unsigned timeout_ms)
{
	if (!store) {
		return 0;
	}
	pthread_mutex_lock(&store->lock);
	store->stopping = true;
	wake_thread(store);
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
	until.tv_sec += timeout_ms / 1000 + until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	const bool ended = pthread_timedjoin_np(store->thread, NULL, &until) == 0;
	/* what was written is still told; what was asked is not answered any more */
	on_done(NULL, store->wake_main, 0, store);
	sd_event_source_disable_unref(store->io);
	pthread_mutex_lock(&store->lock);
	const uint64_t n_left = store->writes.n;
	struct job *question;
	while ((question = take(&store->questions))) {
		question->error = hk_diag_set(&question->diag, -ECANCELED, "the daemon stops");
		pthread_mutex_unlock(&store->lock);
		deliver(store, question);
		pthread_mutex_lock(&store->lock);
	}
	pthread_mutex_unlock(&store->lock);
	if (ended) {
		release(store);
	} else {
		/* the disk hangs, and the thread with it: it keeps its memory until the process ends */
		pthread_detach(store->thread);
	}
	return n_left;
}

void hk_store_write(struct hk_store *store, const struct hk_record *record, char *trail)
{
	struct job *job = calloc(1, sizeof(*job));
	if (job) {
		job->kind = JOB_WRITE;
		job->record = *record;
		job->trail = trail;
	} else {
		free(trail);
	}
	pthread_mutex_lock(&store->lock);
	const bool room = job && store->writes.n < HK_STORE_QUEUE;
	bool first_loss = false;
	if (room) {
		append(&store->writes, job);
	} else {
		first_loss = store->status.n_lost++ == 0;
	}
	wake_thread(store);
	if (!room && job) {
		job_free(job);
	}
	if (first_loss) {
		tell(store, HK_STORE_LOSES, "");
	}
}

void hk_store_waiting(
	struct hk_store *store, uint64_t after_cursor, hk_store_row *on_row, void *owner)
{
	pthread_mutex_lock(&store->lock);
	for (const struct job *job = store->writes.first; job; job = job->next) {
		if (job->record.cursor > after_cursor && on_row(owner, &job->record) != 0) {
			break;
		}
	}
	pthread_mutex_unlock(&store->lock);
}

static int ask(struct hk_store *store, struct job *job, hk_store_done *done, void *owner,
	struct hk_store_ticket **ret)
{
	job->ticket = calloc(1, sizeof(*job->ticket));
	if (!job->ticket) {
		job_free(job);
		return -ENOMEM;
	}
	job->ticket->done = done;
	job->ticket->owner = owner;
	if (ret) {
		*ret = job->ticket;
	}
	pthread_mutex_lock(&store->lock);
	append(&store->questions, job);
	wake_thread(store);
	return 0;
}

int hk_store_ask(struct hk_store *store, const struct hk_store_query *query, hk_store_done *done,
	void *owner, struct hk_store_ticket **ret)
{
	struct job *job = calloc(1, sizeof(*job));
	if (!job) {
		return -ENOMEM;
	}
	job->kind = JOB_ASK;
	job->query = *query;
	job->query.labels = json_deep_copy(query->labels);
	if (query->labels && !job->query.labels) {
		free(job);
		return -ENOMEM;
	}
	return ask(store, job, done, owner, ret);
}

int hk_store_explain(struct hk_store *store, uint64_t id, hk_store_done *done, void *owner,
	struct hk_store_ticket **ret)
{
	struct job *job = calloc(1, sizeof(*job));
	if (!job) {
		return -ENOMEM;
	}
	job->kind = JOB_EXPLAIN;
	job->id = id;
	return ask(store, job, done, owner, ret);
}

void hk_store_forget(struct hk_store_ticket *ticket)
{
	ticket->done = NULL;
}

void hk_store_set_retention(struct hk_store *store, double max_age_s, uint64_t max_events)
{
	pthread_mutex_lock(&store->lock);
	store->options.max_age_s = max_age_s;
	store->options.max_events = max_events;
	pthread_mutex_unlock(&store->lock);
}

void hk_store_status(struct hk_store *store, struct hk_store_status *ret)
{
	pthread_mutex_lock(&store->lock);
	*ret = store->status;
	ret->n_queued = store->writes.n;
	pthread_mutex_unlock(&store->lock);
}
