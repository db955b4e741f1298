/* SPDX-License-Identifier: MIT */
#include "learning/base/parallel.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#define MAX_THREADS 256

struct crew {
	atomic_size_t next;
	size_t n_jobs;
	hk_parallel_job_fn *job;
	void *owner;
};

struct worker {
	struct crew *crew;
	unsigned number;
	pthread_t thread;
};

static void *work(void *argument)
{
	const struct worker *worker = argument;
	struct crew *crew = worker->crew;
	for (;;) {
		const size_t index =
			atomic_fetch_add_explicit(&crew->next, 1, memory_order_relaxed);
		if (index >= crew->n_jobs) {
			return NULL;
		}
		crew->job(crew->owner, index, worker->number);
	}
}

void hk_parallel_run(unsigned n_threads, size_t n_jobs, hk_parallel_job_fn *job, void *owner)
{
	struct crew crew = { .n_jobs = n_jobs, .job = job, .owner = owner };
	struct worker workers[MAX_THREADS];
	unsigned n_started = 0;
	n_threads = n_threads < 1 ? 1 : n_threads > MAX_THREADS ? MAX_THREADS : n_threads;
	for (unsigned i = 1; i < n_threads && i < n_jobs; i++) {
		workers[i] = (struct worker){ .crew = &crew, .number = i };
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0) {
			break;
		}
		n_started = i;
	}
	workers[0] = (struct worker){ .crew = &crew };
	work(&workers[0]);
	for (unsigned i = 1; i <= n_started; i++) {
		pthread_join(workers[i].thread, NULL);
	}
}

unsigned hk_parallel_processors(void)
{
	cpu_set_t set;
	if (sched_getaffinity(0, sizeof(set), &set) != 0) {
		return 1;
	}
	const int n = CPU_COUNT(&set);
	return n < 1 ? 1 : n > MAX_THREADS ? MAX_THREADS : (unsigned)n;
}
