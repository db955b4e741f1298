/* SPDX-License-Identifier: MIT */
/*
 * store_thread: the thread that writes the history, and what it shares with main. Not for others:
 * they use store.h.
 */
#pragma once

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "daemon/store/store_job.h"

struct hk_store {
	/* main thread */
	sd_event_source *io;
	struct hk_store_sink sink;
	hk_store_written_fn *on_written; /* NULL: nobody asked */
	void *written_owner;
	int wake_main; /* eventfd */

	/* the store's thread */
	pthread_t thread;
	struct hk_store_db *db;
	int lock_fd; /* for as long as the db is open; -1: none */
	bool failing;
	bool crash_cleaned;
	int64_t pruned_at_s;
	int64_t kept_at_s;   /* when the age was written into the file */
	int64_t forgot_at_s; /* when it was reported that events were forgotten; 0: never */
	struct hk_store_forgotten unspoken; /* since then */

	/* both, under the lock */
	pthread_mutex_t lock;
	pthread_cond_t wake; /* CLOCK_MONOTONIC */
	struct hk_store_options options;
	struct hk_store_jobs writes; /* records that wait; only the thread takes one out */
	struct hk_store_jobs questions;
	struct hk_store_jobs done; /* for main */
	struct hk_store_status status;
	uint64_t last_cursor; /* that a record got */
	bool stopping;
	bool ended; /* the thread; main, once it was told to stop */
	sem_t last; /* posted by the thread as the last it does */

	/* both */
	atomic_uint_least64_t last_id;
};

/* The thread. USERDATA: the struct hk_store. */
void *hk_store_thread(void *userdata);

/* Answer JOB (a question: HK_STORE_JOB_ASK, _EXPLAIN) out of the open db, or with -EIO while none
 * is open, and give it back. The store's thread. */
void hk_store_answer(struct hk_store *store, struct hk_store_job *job);

/* Put JOB into the list for main and wake it. Either thread. */
void hk_store_give_back(struct hk_store *store, struct hk_store_job *job);

/* Main is to say NEWS. Either thread. */
void hk_store_tell(struct hk_store *store, enum hk_store_news news, const char *text);

/* Microseconds of CLOCK. */
int64_t hk_store_clock_us(clockid_t clock);
