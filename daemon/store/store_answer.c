/* SPDX-License-Identifier: MIT */
/* The answers of the store's thread to main's questions: lists of events, one event explained. */
#include <errno.h>
#include <stdlib.h>

#include "daemon/store/store_thread.h"

static int collect(void *owner, const struct hk_event_record *record)
{
	struct hk_store_job *job = owner;
	if (job->n_records == job->n_room) {
		const size_t n_room = job->n_room ? 2 * job->n_room : 16;
		struct hk_event_record *grown = realloc(job->records, n_room * sizeof(*grown));
		if (!grown) {
			return hk_diag_set(&job->diag, -ENOMEM, "out of memory");
		}
		job->records = grown;
		job->n_room = n_room;
	}
	job->records[job->n_records++] = *record;
	return 0;
}

void hk_store_answer(struct hk_store *store, struct hk_store_job *job)
{
	if (!store->db) {
		job->error = hk_diag_set(&job->diag, -EIO, "the history is not open");
	} else if (job->kind == HK_STORE_JOB_ASK) {
		/* one more than wanted tells whether there are more */
		job->query.limit++;
		job->error = hk_store_db_query(store->db, &job->query, collect, job, &job->diag);
		job->query.limit--;
		if (job->error == 0) {
			job->error =
				hk_store_db_last_cursor(store->db, &job->last_cursor, &job->diag);
		}
	} else {
		struct hk_event_record record;
		job->error =
			hk_store_db_explain(store->db, job->id, &record, &job->trail, &job->diag);
		if (job->error == 0) {
			job->error = collect(job, &record);
		}
	}
	hk_store_give_back(store, job);
}
