/* SPDX-License-Identifier: MIT */
#include "daemon/store/store.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "daemon/store/store_thread.h"

uint64_t hk_store_next_id(struct hk_store *store)
{
	const uint64_t now = hk_store_first_cursor();
	uint64_t before = atomic_load_explicit(&store->last_id, memory_order_relaxed);
	uint64_t id;
	do {
		id = now > before ? now : before + 1;
	} while (!atomic_compare_exchange_weak_explicit(
		&store->last_id, &before, id, memory_order_relaxed, memory_order_relaxed));
	return id;
}

static void deliver(struct hk_store *store, struct hk_store_job *job)
{
	switch (job->kind) {
	case HK_STORE_JOB_WRITE:
		if (store->on_written) {
			store->on_written(store->written_owner, &job->record);
		}
		break;
	case HK_STORE_JOB_REDATE:
		break;
	case HK_STORE_JOB_NEWS:
		store->sink.on_news(store->sink.owner, job->news, job->diag.text);
		break;
	case HK_STORE_JOB_ASK:
	case HK_STORE_JOB_EXPLAIN:
		if (job->ticket->done) {
			const bool has_more =
				job->kind == HK_STORE_JOB_ASK && job->n_records > job->query.limit;
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
	hk_store_job_free(job);
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
		struct hk_store_job *job = hk_store_jobs_take(&store->done);
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
	struct hk_store_jobs *lists[] = { &store->writes, &store->questions, &store->done };
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		struct hk_store_job *job;
		while ((job = hk_store_jobs_take(lists[i]))) {
			hk_store_job_free(job);
		}
	}
	pthread_cond_destroy(&store->wake);
	sem_destroy(&store->last);
	pthread_mutex_destroy(&store->lock);
	close(store->wake_main);
	free(store);
}

void hk_store_watch_written(struct hk_store *store, hk_store_written_fn *fn, void *owner)
{
	store->on_written = fn;
	store->written_owner = owner;
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
	store->lock_fd = -1;
	store->last_cursor = hk_store_first_cursor();
	store->status.ok = true;
	store->wake_main = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (store->wake_main < 0) {
		const int error = -errno;
		free(store);
		return error;
	}
	pthread_mutex_init(&store->lock, NULL);
	sem_init(&store->last, 0, 0);
	pthread_condattr_t attributes;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&store->wake, &attributes);
	pthread_condattr_destroy(&attributes);
	int r = sd_event_add_io(event, &store->io, store->wake_main, EPOLLIN, on_done, store);
	if (r >= 0) {
		r = -pthread_create(&store->thread, NULL, hk_store_thread, store);
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

/* Wait for the thread's end, by a clock that nobody sets. False: it has not ended in time. */
static bool join_thread(struct hk_store *store, unsigned timeout_ms)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
	until.tv_sec += timeout_ms / 1000 + until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	int r;
	do {
		r = sem_clockwait(&store->last, CLOCK_MONOTONIC, &until);
	} while (r < 0 && errno == EINTR);
	return r == 0 && pthread_join(store->thread, NULL) == 0;
}

uint64_t hk_store_stop(struct hk_store *store, unsigned timeout_ms)
{
	if (!store) {
		return 0;
	}
	pthread_mutex_lock(&store->lock);
	if (store->stopping) {
		const uint64_t n_left = store->writes.n;
		pthread_mutex_unlock(&store->lock);
		return n_left;
	}
	store->stopping = true;
	wake_thread(store);
	store->ended = join_thread(store, timeout_ms);
	/* what was written is still told; what was asked is not answered any more */
	on_done(NULL, store->wake_main, 0, store);
	sd_event_source_disable_unref(store->io);
	pthread_mutex_lock(&store->lock);
	const uint64_t n_left = store->writes.n;
	struct hk_store_job *question;
	while ((question = hk_store_jobs_take(&store->questions))) {
		question->error = hk_diag_set(&question->diag, -ECANCELED, "the daemon stops");
		pthread_mutex_unlock(&store->lock);
		deliver(store, question);
		pthread_mutex_lock(&store->lock);
	}
	pthread_mutex_unlock(&store->lock);
	return n_left;
}

uint64_t hk_store_free(struct hk_store *store, unsigned timeout_ms)
{
	if (!store) {
		return 0;
	}
	const uint64_t n_left = hk_store_stop(store, timeout_ms);
	if (store->ended) {
		release(store);
	} else {
		/* the disk hangs, and the thread with it: it keeps its memory until the process
		 * ends */
		pthread_detach(store->thread);
	}
	return n_left;
}

bool hk_store_write(struct hk_store *store, struct hk_event_record *record, char *trail)
{
	struct hk_store_job *job = calloc(1, sizeof(*job));
	if (job) {
		job->kind = HK_STORE_JOB_WRITE;
		job->trail = trail;
	} else {
		free(trail);
	}
	pthread_mutex_lock(&store->lock);
	record->cursor = ++store->last_cursor;
	const bool room = job && store->writes.n < HK_STORE_QUEUE;
	bool first_loss = false;
	if (room) {
		job->record = *record;
		hk_store_jobs_append(&store->writes, job);
	} else {
		first_loss = store->status.n_lost++ == 0;
	}
	wake_thread(store);
	if (!room && job) {
		hk_store_job_free(job);
	}
	if (first_loss) {
		hk_store_tell(store, HK_STORE_LOSES, "");
	}
	return room;
}

int hk_store_redate(struct hk_store *store, uint64_t first_id, uint64_t last_id, int64_t step_us)
{
	struct hk_store_job *job = calloc(1, sizeof(*job));
	if (!job) {
		return -ENOMEM;
	}
	job->kind = HK_STORE_JOB_REDATE;
	job->first_id = first_id;
	job->last_id = last_id;
	job->step_us = step_us;
	pthread_mutex_lock(&store->lock);
	const bool room = store->writes.n < HK_STORE_QUEUE;
	if (room) {
		hk_store_jobs_append(&store->writes, job);
	}
	wake_thread(store);
	if (!room) {
		hk_store_job_free(job);
	}
	return room ? 0 : -ENOBUFS;
}

void hk_store_waiting(struct hk_store *store, hk_store_row_fn *on_row, void *owner)
{
	/* what is committed and not told yet comes before what is not committed */
	const struct hk_store_jobs *lists[] = { &store->done, &store->writes };
	bool more = true;
	pthread_mutex_lock(&store->lock);
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		for (const struct hk_store_job *job = lists[i]->first; job && more;
			job = job->next) {
			more = job->kind != HK_STORE_JOB_WRITE || on_row(owner, &job->record) == 0;
		}
	}
	pthread_mutex_unlock(&store->lock);
}

static int ask(struct hk_store *store, struct hk_store_job *job, hk_store_done_fn *done,
	void *owner, struct hk_store_ticket **ret)
{
	job->ticket = calloc(1, sizeof(*job->ticket));
	if (!job->ticket) {
		hk_store_job_free(job);
		return -ENOMEM;
	}
	job->ticket->done = done;
	job->ticket->owner = owner;
	if (ret) {
		*ret = job->ticket;
	}
	pthread_mutex_lock(&store->lock);
	hk_store_jobs_append(&store->questions, job);
	wake_thread(store);
	return 0;
}

int hk_store_ask(struct hk_store *store, const struct hk_store_query *query, hk_store_done_fn *done,
	void *owner, struct hk_store_ticket **ret)
{
	struct hk_store_job *job = calloc(1, sizeof(*job));
	if (!job) {
		return -ENOMEM;
	}
	job->kind = HK_STORE_JOB_ASK;
	job->query = *query;
	job->query.labels = json_deep_copy(query->labels);
	if (query->labels && !job->query.labels) {
		free(job);
		return -ENOMEM;
	}
	return ask(store, job, done, owner, ret);
}

int hk_store_explain(struct hk_store *store, uint64_t id, hk_store_done_fn *done, void *owner,
	struct hk_store_ticket **ret)
{
	struct hk_store_job *job = calloc(1, sizeof(*job));
	if (!job) {
		return -ENOMEM;
	}
	job->kind = HK_STORE_JOB_EXPLAIN;
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
