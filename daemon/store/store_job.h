/* SPDX-License-Identifier: MIT */
/*
 * store_job: what main and the store's thread hand each other, and the lists it waits in. Not for
 * others: they use store.h. The lists are guarded by whoever owns them.
 */
#pragma once

#include "daemon/store/store.h"

/* What main asks the thread to do, and the same struct on its way back with what came of it. */
struct hk_store_job {
	struct hk_store_job *next;
	enum {
		HK_STORE_JOB_WRITE,
		HK_STORE_JOB_REDATE,
		HK_STORE_JOB_ASK,
		HK_STORE_JOB_EXPLAIN,
		HK_STORE_JOB_NEWS
	} kind;
	/* HK_STORE_JOB_WRITE */
	struct hk_event_record record;
	char *trail; /* of the answer, too */
	/* HK_STORE_JOB_REDATE */
	uint64_t first_id, last_id;
	int64_t step_us;
	/* HK_STORE_JOB_ASK, HK_STORE_JOB_EXPLAIN */
	struct hk_store_ticket *ticket;
	struct hk_store_query query;
	uint64_t id;
	/* the answer, or the news */
	struct hk_event_record *records;
	size_t n_records, n_room;
	uint64_t last_cursor;
	struct hk_diag diag;
	int error;
	enum hk_store_news news;
};

struct hk_store_ticket {
	hk_store_done_fn *done; /* NULL: nobody wants the answer any more */
	void *owner;
};

struct hk_store_jobs {
	struct hk_store_job *first, *last;
	uint64_t n;
};

void hk_store_jobs_append(struct hk_store_jobs *jobs, struct hk_store_job *job);

/* The oldest, taken out; NULL: there is none. */
struct hk_store_job *hk_store_jobs_take(struct hk_store_jobs *jobs);

void hk_store_job_free(struct hk_store_job *job);
