/* SPDX-License-Identifier: MIT */
#include "daemon/store/store_job.h"

#include <stdlib.h>

void hk_store_jobs_append(struct hk_store_jobs *jobs, struct hk_store_job *job)
{
	job->next = NULL;
	*(jobs->last ? &jobs->last->next : &jobs->first) = job;
	jobs->last = job;
	jobs->n++;
}

struct hk_store_job *hk_store_jobs_take(struct hk_store_jobs *jobs)
{
	struct hk_store_job *job = jobs->first;
	if (job) {
		jobs->first = job->next;
		jobs->last = jobs->first ? jobs->last : NULL;
		jobs->n--;
	}
	return job;
}

void hk_store_job_free(struct hk_store_job *job)
{
	free(job->trail);
	free(job->records);
	free(job->ticket);
	json_decref(job->query.labels);
	free(job);
}
