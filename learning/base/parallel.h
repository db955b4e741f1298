/* SPDX-License-Identifier: MIT */
/*
 * parallel: numbered jobs on several threads. Which thread does which job is left to chance; jobs
 * write to places of their own, so results never depend on it.
 */
#pragma once

#include <stddef.h>

/* JOB index 0..n_jobs-1; WORKER 0..n_threads-1 says whose scratch memory may be used. */
typedef void hk_parallel_job_fn(void *owner, size_t index, unsigned worker);

/*
 * Do all jobs, the low numbers first, and return when the last has ended. The caller's thread works
 * too; when threads cannot be started there are fewer workers.
 */
void hk_parallel_run(unsigned n_threads, size_t n_jobs, hk_parallel_job_fn *job, void *owner);

/* Processors this process may use, at least 1. */
unsigned hk_parallel_processors(void);
