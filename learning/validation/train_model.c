/* SPDX-License-Identifier: MIT */
#include "learning/validation/train_model.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "learning/base/parallel.h"
#include "learning/data/split.h"

#define ROWS_A_JOB 64

static bool trains(const uint8_t *roles, size_t row)
{
	return !roles || roles[row] == HK_ROLE_TRAIN;
}

/* Copy the rows to learn from. Returns how many. Either target may be NULL. */
static size_t gather(const struct hk_dataset *dataset, const uint8_t *roles, float *ret_rows,
	uint32_t *ret_labels)
{
	size_t n = 0;
	for (size_t row = 0; row < dataset->n_rows; row++) {
		if (!trains(roles, row)) {
			continue;
		}
		if (ret_rows) {
			memcpy(ret_rows + n * dataset->n_features,
				dataset->features + row * dataset->n_features,
				dataset->n_features * sizeof(float));
			ret_labels[n] = dataset->label[row];
		}
		n++;
	}
	return n;
}

static int learn_rows(struct hk_fitted *fitted, const struct hk_recipe *recipe,
	const struct hk_dataset *dataset, float *rows, const uint32_t *labels, size_t n_rows,
	struct hk_diag *diag)
{
	const size_t n_features = dataset->n_features, stride = hk_svm_stride(n_features);
	const size_t taken = n_rows * stride * sizeof(float);
	int r = hk_scaler_init(&fitted->scaler, n_features);
	if (r < 0) {
		return r;
	}
	fitted->scaler.clip = recipe->clip;
	hk_scaler_fit(&fitted->scaler, rows, n_rows);
	for (size_t i = n_rows; i-- > 0;) { /* apart, the last first */
		float *row = rows + i * stride;
		memmove(row, rows + i * n_features, n_features * sizeof(float));
		memset(row + n_features, 0, (stride - n_features) * sizeof(float));
		hk_scaler_apply(&fitted->scaler, row, row);
	}
	const struct hk_lesson lesson = {
		.rows = rows,
		.labels = labels,
		.n_rows = n_rows,
		.n_features = n_features,
		.stride = stride,
		.n_labels = dataset->n_labels,
		.c = recipe->cost,
		.gamma = recipe->gamma,
		.n_vectors = recipe->n_vectors,
		.seed = recipe->seed,
		.n_threads = recipe->n_threads,
		.memory = recipe->memory > taken ? recipe->memory - taken : 0,
	};
	return recipe->learner->learn(&fitted->svm, &lesson, diag);
}

int hk_fit(struct hk_fitted *ret, const struct hk_recipe *recipe, const struct hk_dataset *dataset,
	const uint8_t *roles, struct hk_diag *diag)
{
	struct hk_fitted fitted = { 0 };
	const size_t n_rows = gather(dataset, roles, NULL, NULL);
	const size_t row_size = hk_svm_stride(dataset->n_features) * sizeof(float);
	float *rows = aligned_alloc(HK_SVM_ALIGNMENT, (n_rows + 1) * row_size);
	uint32_t *labels = reallocarray(NULL, n_rows + 1, sizeof(*labels));
	int r = -ENOMEM;
	if (rows && labels) {
		gather(dataset, roles, rows, labels);
		r = learn_rows(&fitted, recipe, dataset, rows, labels, n_rows, diag);
	}
	free(rows);
	free(labels);
	if (r < 0) {
		hk_fitted_finish(&fitted);
		return r;
	}
	*ret = fitted;
	return 0;
}

void hk_fitted_finish(struct hk_fitted *fitted)
{
	hk_scaler_finish(&fitted->scaler);
	hk_svm_finish(&fitted->svm);
}

struct scoring {
	const struct hk_fitted *fitted;
	const struct hk_dataset *dataset;
	const size_t *rows;
	size_t n_rows;
	double *scores;
	uint32_t *labels;
	atomic_bool out_of_memory;
};

static void score_rows(struct scoring *scoring, size_t first, size_t end, float *x, double *scratch,
	double *decisions)
{
	const struct hk_svm *svm = &scoring->fitted->svm;
	const struct hk_dataset *dataset = scoring->dataset;
	for (size_t i = first; i < end; i++) {
		hk_scaler_apply(&scoring->fitted->scaler,
			dataset->features + scoring->rows[i] * dataset->n_features, x);
		hk_svm_decisions(svm, x, scratch, decisions);
		hk_svm_scores(svm, decisions, scoring->scores + i * dataset->n_labels);
		scoring->labels[i] = hk_svm_label(svm, decisions);
	}
}

static void score_job(void *owner, size_t index, unsigned worker)
{
	(void)worker;
	struct scoring *scoring = owner;
	const struct hk_svm *svm = &scoring->fitted->svm;
	const size_t first = index * ROWS_A_JOB;
	const size_t end =
		first + ROWS_A_JOB < scoring->n_rows ? first + ROWS_A_JOB : scoring->n_rows;
	float *x = aligned_alloc(64, svm->stride * sizeof(float));
	double *scratch = calloc(hk_svm_scratch_size(svm) + svm->n_decisions, sizeof(double));
	if (x && scratch) {
		memset(x, 0, svm->stride * sizeof(float));
		score_rows(scoring, first, end, x, scratch, scratch + hk_svm_scratch_size(svm));
	} else {
		atomic_store(&scoring->out_of_memory, true);
	}
	free(x);
	free(scratch);
}

int hk_fitted_scores(const struct hk_fitted *fitted, const struct hk_dataset *dataset,
	const size_t *rows, size_t n_rows, unsigned n_threads, double *ret_scores,
	uint32_t *ret_labels)
{
	struct scoring scoring = {
		.fitted = fitted,
		.dataset = dataset,
		.rows = rows,
		.n_rows = n_rows,
		.scores = ret_scores,
		.labels = ret_labels,
	};
	hk_parallel_run(n_threads, (n_rows + ROWS_A_JOB - 1) / ROWS_A_JOB, score_job, &scoring);
	return scoring.out_of_memory ? -ENOMEM : 0;
}
