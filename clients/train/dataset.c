/* SPDX-License-Identifier: MIT */
#include "clients/train/dataset.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "clients/train/parallel.h"

struct build {
	const struct hk_manifest *manifest;
	struct hk_extractor_thread **threads; /* one a worker */
	struct hk_extract *extracts;          /* one a take */
	struct hk_progress *progress;
	atomic_bool out_of_memory;
};

static void extract_job(void *owner, size_t index, unsigned worker)
{
	struct build *build = owner;
	const struct hk_take *take = &build->manifest->takes[index];
	if (atomic_load(&build->out_of_memory)) {
		return;
	}
	if (hk_extract_take(build->threads[worker], take, &build->extracts[index]) < 0) {
		atomic_store(&build->out_of_memory, true);
		return;
	}
	hk_progress_step(build->progress, take->path, build->extracts[index].n_rows);
}

static int reserve(struct hk_dataset *dataset, size_t n_rows)
{
	dataset->features = calloc(n_rows + 1, dataset->n_features * sizeof(float));
	dataset->label = calloc(n_rows + 1, sizeof(*dataset->label));
	dataset->group = calloc(n_rows + 1, sizeof(*dataset->group));
	dataset->take = calloc(n_rows + 1, sizeof(*dataset->take));
	dataset->start_s = calloc(n_rows + 1, sizeof(*dataset->start_s));
	dataset->states = calloc(dataset->n_takes + 1, sizeof(*dataset->states));
	dataset->why = calloc(dataset->n_takes + 1, sizeof(*dataset->why));
	return dataset->features && dataset->label && dataset->group && dataset->take &&
			dataset->start_s && dataset->states && dataset->why
		? 0
		: -ENOMEM;
}

/* Append the rows of take INDEX and free them. */
static int append_take(struct hk_dataset *dataset, const struct hk_manifest *manifest, size_t index,
	struct hk_extract *extract)
{
	if (extract->n_rows > 0) {
		memcpy(dataset->features + dataset->n_rows * dataset->n_features, extract->rows,
			extract->n_rows * dataset->n_features * sizeof(float));
		memcpy(dataset->start_s + dataset->n_rows, extract->start_s,
			extract->n_rows * sizeof(float));
	}
	for (size_t i = 0; i < extract->n_rows; i++) {
		dataset->label[dataset->n_rows + i] = manifest->takes[index].label;
		dataset->group[dataset->n_rows + i] = manifest->takes[index].group;
		dataset->take[dataset->n_rows + i] = (uint32_t)index;
	}
	dataset->n_rows += extract->n_rows;
	dataset->states[index] = extract->state;
	if (extract->state != HK_TAKE_USED) {
		dataset->why[index] = strdup(extract->why);
	}
	const bool failed = extract->state != HK_TAKE_USED && !dataset->why[index];
	hk_extract_finish(extract);
	return failed ? -ENOMEM : 0;
}

static int join(struct hk_dataset *ret, struct build *build, size_t n_features)
{
	const struct hk_manifest *manifest = build->manifest;
	struct hk_dataset dataset = {
		.n_features = n_features,
		.n_labels = manifest->n_labels,
		.n_takes = manifest->n_takes,
	};
	size_t n_rows = 0;
	for (size_t i = 0; i < manifest->n_takes; i++) {
		n_rows += build->extracts[i].n_rows;
	}
	int r = reserve(&dataset, n_rows);
	for (size_t i = 0; i < manifest->n_takes && r == 0; i++) {
		r = append_take(&dataset, manifest, i, &build->extracts[i]);
	}
	if (r < 0) {
		hk_dataset_finish(&dataset);
		return r;
	}
	*ret = dataset;
	return 0;
}

int hk_dataset_build(struct hk_dataset *ret, const struct hk_manifest *manifest,
	const struct hk_analyzer_setup *setup, unsigned n_threads, struct hk_progress *progress,
	struct hk_diag *diag)
{
	struct build build = { .manifest = manifest, .progress = progress };
	int r = 0;
	build.threads = calloc(n_threads, sizeof(struct hk_extractor_thread *));
	build.extracts = calloc(manifest->n_takes + 1, sizeof(*build.extracts));
	if (!build.threads || !build.extracts) {
		r = -ENOMEM;
	}
	for (unsigned i = 0; i < n_threads && r == 0; i++) {
		r = hk_extractor_thread_new(&build.threads[i], setup, diag);
	}
	if (r == 0) {
		hk_parallel_run(n_threads, manifest->n_takes, extract_job, &build);
		r = build.out_of_memory ? -ENOMEM : 0;
	}
	if (r == 0) {
		r = join(ret, &build, setup->profile->profile->n_features(setup->profile->config));
	}
	for (unsigned i = 0; build.threads && i < n_threads; i++) {
		hk_extractor_thread_free(build.threads[i]);
	}
	for (size_t i = 0; build.extracts && i < manifest->n_takes; i++) {
		hk_extract_finish(&build.extracts[i]);
	}
	free(build.threads);
	free(build.extracts);
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
	free(dataset->start_s);
	free(dataset->states);
	free(dataset->why);
	*dataset = (struct hk_dataset){ 0 };
}

void hk_dataset_count(const struct hk_dataset *dataset, size_t *ret_counts)
{
	memset(ret_counts, 0, dataset->n_labels * sizeof(*ret_counts));
	for (size_t i = 0; i < dataset->n_rows; i++) {
		ret_counts[dataset->label[i]]++;
	}
}
