/* SPDX-License-Identifier: MIT */
#include "learning/data/dataset.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "learning/base/parallel.h"

#define MAX_DRAWS 20

/* One take to be read. */
struct job {
	uint32_t take;
	uint32_t copy;                 /* 0: as recorded */
	const struct hk_take *partner; /* heard behind a copy, or NULL */
	struct hk_extract extract;
};

struct batch {
	const struct hk_dataset_work *work;
	struct hk_extractor_thread **threads; /* one a worker */
	struct job *jobs;
	size_t n_jobs;
	uint64_t seed;
	atomic_bool out_of_memory;
};

static void run_job(void *owner, size_t index, unsigned worker)
{
	struct batch *batch = owner;
	struct job *job = &batch->jobs[index];
	const struct hk_take *take = &batch->work->manifest->takes[job->take];
	struct hk_extractor_thread *thread = batch->threads[worker];
	if (atomic_load(&batch->out_of_memory)) {
		return;
	}
	const int r = job->copy == 0
		? hk_extract_take(thread, take, &job->extract)
		: hk_extract_copy(thread, take, job->partner,
			  hk_random_of(batch->seed, job->take, job->copy), &job->extract);
	if (r < 0) {
		atomic_store(&batch->out_of_memory, true);
		return;
	}
	hk_progress_step(batch->work->progress, take->path, job->extract.n_rows);
}

static int run_batch(struct batch *batch, struct hk_diag *diag)
{
	const struct hk_dataset_work *work = batch->work;
	int r = 0;
	batch->threads = calloc(work->n_threads, sizeof(struct hk_extractor_thread *));
	if (!batch->threads) {
		return -ENOMEM;
	}
	for (unsigned i = 0; i < work->n_threads && r == 0; i++) {
		r = hk_extractor_thread_new(&batch->threads[i], work->setup, diag);
	}
	if (r == 0) {
		hk_parallel_run(work->n_threads, batch->n_jobs, run_job, batch);
		r = batch->out_of_memory ? -ENOMEM : 0;
	}
	for (unsigned i = 0; i < work->n_threads; i++) {
		hk_extractor_thread_free(batch->threads[i]);
	}
	free(batch->threads);
	return r;
}

static void batch_finish(struct batch *batch)
{
	for (size_t i = 0; batch->jobs && i < batch->n_jobs; i++) {
		hk_extract_finish(&batch->jobs[i].extract);
	}
	free(batch->jobs);
}

/* ---- rows ---- */

/* ARRAY with room for N rows of SIZE bytes. Sets *FAILED and returns ARRAY when there is no memory.
 */
static void *grown(void *array, size_t n, size_t size, bool *failed)
{
	void *larger = reallocarray(array, n + 1, size);
	*failed |= !larger;
	return larger ? larger : array;
}

static int reserve_rows(struct hk_dataset *dataset, size_t n)
{
	bool failed = false;
	dataset->features =
		grown(dataset->features, n, dataset->n_features * sizeof(float), &failed);
	dataset->label = grown(dataset->label, n, sizeof(*dataset->label), &failed);
	dataset->group = grown(dataset->group, n, sizeof(*dataset->group), &failed);
	dataset->take = grown(dataset->take, n, sizeof(*dataset->take), &failed);
	dataset->copy = grown(dataset->copy, n, sizeof(*dataset->copy), &failed);
	dataset->start_s = grown(dataset->start_s, n, sizeof(*dataset->start_s), &failed);
	return failed ? -ENOMEM : 0;
}

/* Append the rows of JOB and free them there. */
static void append_rows(
	struct hk_dataset *dataset, const struct hk_manifest *manifest, struct job *job)
{
	const struct hk_extract *extract = &job->extract;
	if (extract->n_rows > 0) {
		memcpy(dataset->features + dataset->n_rows * dataset->n_features, extract->rows,
			extract->n_rows * dataset->n_features * sizeof(float));
		memcpy(dataset->start_s + dataset->n_rows, extract->start_s,
			extract->n_rows * sizeof(float));
	}
	for (size_t row = dataset->n_rows; row < dataset->n_rows + extract->n_rows; row++) {
		dataset->label[row] = manifest->takes[job->take].label;
		dataset->group[row] = manifest->takes[job->take].group;
		dataset->take[row] = job->take;
		dataset->copy[row] = job->copy;
	}
	dataset->n_rows += extract->n_rows;
	hk_extract_finish(&job->extract);
}

static int append_batch(struct hk_dataset *dataset, struct batch *batch)
{
	size_t n_rows = dataset->n_rows;
	for (size_t i = 0; i < batch->n_jobs; i++) {
		n_rows += batch->jobs[i].extract.n_rows;
	}
	const int r = reserve_rows(dataset, n_rows);
	for (size_t i = 0; i < batch->n_jobs && r == 0; i++) {
		append_rows(dataset, batch->work->manifest, &batch->jobs[i]);
	}
	return r;
}

/* ---- as recorded ---- */

/* What the reading of take INDEX came to. */
static int keep_state(struct hk_dataset *dataset, size_t index, const struct hk_extract *extract)
{
	dataset->states[index] = extract->state;
	dataset->n_take_rows[index] = extract->n_rows;
	dataset->ends_hz[index] = extract->n_rows > 0 ? extract->end_hz : 0;
	if (extract->state == HK_TAKE_USED) {
		return 0;
	}
	dataset->why[index] = strdup(extract->why);
	return dataset->why[index] ? 0 : -ENOMEM;
}

static int dataset_init(struct hk_dataset *dataset, const struct hk_dataset_work *work)
{
	const struct hk_profile_config *profile = work->setup->profile;
	const size_t n_takes = work->manifest->n_takes;
	*dataset = (struct hk_dataset){
		.n_features = profile->profile->n_features(profile->config),
		.n_labels = work->manifest->n_labels,
		.n_takes = n_takes,
		.n_take_rows = calloc(n_takes + 1, sizeof(size_t)),
		.states = calloc(n_takes + 1, sizeof(enum hk_take_state)),
		.ends_hz = calloc(n_takes + 1, sizeof(uint32_t)),
		.why = calloc(n_takes + 1, sizeof(char *)),
	};
	return dataset->n_take_rows && dataset->states && dataset->ends_hz && dataset->why
		? 0
		: -ENOMEM;
}

int hk_dataset_build(
	struct hk_dataset *ret, const struct hk_dataset_work *work, struct hk_diag *diag)
{
	const size_t n_takes = work->manifest->n_takes;
	struct batch batch = { .work = work, .n_jobs = n_takes };
	struct hk_dataset dataset;
	int r = dataset_init(&dataset, work);
	batch.jobs = calloc(n_takes + 1, sizeof(*batch.jobs));
	if (!batch.jobs) {
		r = -ENOMEM;
	}
	for (size_t i = 0; i < n_takes && r == 0; i++) {
		batch.jobs[i].take = (uint32_t)i;
	}
	r = r < 0 ? r : run_batch(&batch, diag);
	for (size_t i = 0; i < n_takes && r == 0; i++) {
		r = keep_state(&dataset, i, &batch.jobs[i].extract);
	}
	r = r < 0 ? r : append_batch(&dataset, &batch);
	batch_finish(&batch);
	if (r < 0) {
		hk_dataset_finish(&dataset);
		return r;
	}
	*ret = dataset;
	return 0;
}

/* ---- copies ---- */

/* Another take of the same fold that gave rows, or NULL after some tries. */
static const struct hk_take *draw_partner(const struct hk_dataset *dataset,
	const struct hk_manifest *manifest, const uint32_t *fold_of_take, uint32_t take,
	struct hk_random *random)
{
	for (int i = 0; i < MAX_DRAWS && fold_of_take; i++) {
		const size_t other = hk_random_index(random, manifest->n_takes);
		if (other != take && fold_of_take[other] == fold_of_take[take] &&
			dataset->n_take_rows[other] > 0) {
			return &manifest->takes[other];
		}
	}
	return NULL;
}

int hk_dataset_augment(struct hk_dataset *dataset, const struct hk_dataset_work *work,
	const uint32_t *fold_of_take, uint32_t n_copies, uint64_t seed, struct hk_diag *diag)
{
	struct batch batch = { .work = work, .seed = seed };
	batch.jobs = calloc(dataset->n_takes * n_copies + 1, sizeof(*batch.jobs));
	if (!batch.jobs) {
		return -ENOMEM;
	}
	for (uint32_t copy = 1; copy <= n_copies; copy++) {
		for (uint32_t take = 0; take < dataset->n_takes; take++) {
			if (dataset->n_take_rows[take] > 0) {
				struct hk_random random = hk_random_of(~seed, take, copy);
				batch.jobs[batch.n_jobs++] = (struct job){
					.take = take,
					.copy = copy,
					.partner = draw_partner(dataset, work->manifest,
						fold_of_take, take, &random),
				};
			}
		}
	}
	int r = run_batch(&batch, diag);
	r = r < 0 ? r : append_batch(dataset, &batch);
	batch_finish(&batch);
	return r;
}

void hk_dataset_finish(struct hk_dataset *dataset)
{
	for (size_t i = 0; dataset->why && i < dataset->n_takes; i++) {
		free(dataset->why[i]);
	}
	free(dataset->features);
	free(dataset->label);
	free(dataset->group);
	free(dataset->take);
	free(dataset->copy);
	free(dataset->start_s);
	free(dataset->n_take_rows);
	free(dataset->states);
	free(dataset->ends_hz);
	free(dataset->why);
	*dataset = (struct hk_dataset){ 0 };
}

void hk_dataset_count(const struct hk_dataset *dataset, size_t *ret_counts)
{
	memset(ret_counts, 0, dataset->n_labels * sizeof(*ret_counts));
	for (size_t i = 0; i < dataset->n_rows; i++) {
		ret_counts[dataset->label[i]] += dataset->copy[i] == 0;
	}
}

size_t hk_dataset_count_used(const struct hk_dataset *dataset)
{
	size_t n = 0;
	for (size_t i = 0; i < dataset->n_takes; i++) {
		n += dataset->n_take_rows[i] > 0;
	}
	return n;
}

size_t hk_dataset_rows_of(const struct hk_dataset *dataset, uint32_t label, size_t *ret)
{
	size_t n = 0;
	for (size_t row = 0; row < dataset->n_rows; row++) {
		if (dataset->label[row] == label) {
			ret[n++] = row;
		}
	}
	return n;
}
