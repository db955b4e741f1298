/* SPDX-License-Identifier: MIT */
/*
 * libsvm-model: models that libsvm itself trained on random data, and the same model as an hk_svm:
 * the reference for the tests of svm, svm_text and calibration.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <libsvm/svm.h>

#include "core/classifier/svm.h"

struct libsvm_case {
	enum hk_kernel kernel;
	int n_classes;
	int n_features;
	int n_rows;
	double gamma, coef0, cost;
	int degree;
	bool probability;
};

struct libsvm_model {
	struct svm_model *model;
	struct svm_node *nodes;
	struct svm_node **rows;
	double *targets;
	struct hk_svm svm;
	float *x; /* n_rows * svm.stride, aligned to 64: the training rows */
};

static inline double uniform(unsigned *seed)
{
	return rand_r(seed) / (double)RAND_MAX;
}

/* Libsvm prints its progress otherwise. */
static inline void be_quiet(const char *text)
{
	(void)text;
}

static inline void copy_to_hk(struct libsvm_model *made, int n_features)
{
	const struct svm_model *model = made->model;
	struct hk_svm *svm = &made->svm;
	if (hk_svm_init(svm, HK_SVM_ONE_VS_ONE, (uint32_t)model->nr_class, (uint32_t)model->l,
		    (uint32_t)n_features) < 0) {
		abort();
	}
	svm->kernel = (enum hk_kernel)model->param.kernel_type; /* the same order */
	svm->degree = (uint32_t)model->param.degree;
	svm->gamma = model->param.gamma;
	svm->coef0 = model->param.coef0;
	for (uint32_t i = 0; i < svm->n_classes; i++) {
		svm->labels[i] = (uint32_t)model->label[i];
		svm->class_count[i] = (uint32_t)model->nSV[i];
	}
	memcpy(svm->rho, model->rho, svm->n_decisions * sizeof(double));
	if (model->probA) {
		svm->prob_a = malloc(svm->n_decisions * sizeof(double));
		svm->prob_b = malloc(svm->n_decisions * sizeof(double));
		memcpy(svm->prob_a, model->probA, svm->n_decisions * sizeof(double));
		memcpy(svm->prob_b, model->probB, svm->n_decisions * sizeof(double));
	}
	for (uint32_t i = 0; i < svm->n_vectors; i++) {
		for (uint32_t k = 0; k < svm->n_coefs; k++) {
			svm->coefs[k * svm->n_vectors + i] = model->sv_coef[k][i];
		}
		for (const struct svm_node *node = model->SV[i]; node->index >= 0; node++) {
			svm->vectors[i * svm->stride + (uint32_t)node->index - 1] =
				(float)node->value;
		}
	}
}

/* Rows of classes that overlap, in an order of classes that is not ascending. */
static inline void libsvm_train(
	struct libsvm_model *ret, const struct libsvm_case *c, unsigned seed)
{
	const int n = c->n_rows, d = c->n_features;
	struct libsvm_model made = {
		.nodes = calloc((size_t)n * ((size_t)d + 1), sizeof(struct svm_node)),
		.rows = calloc((size_t)n, sizeof(struct svm_node *)),
		.targets = calloc((size_t)n, sizeof(double)),
	};
	for (int i = 0; i < n; i++) {
		const int label = (i * 7 + c->n_classes - 1) % c->n_classes;
		made.targets[i] = label;
		made.rows[i] = made.nodes + (size_t)i * ((size_t)d + 1);
		for (int j = 0; j < d; j++) {
			const double centre = j % c->n_classes == label ? 1 : 0;
			/* float32 values, so that both sides see the same numbers */
			const double value = centre + 3 * (uniform(&seed) - 0.5);
			made.rows[i][j].index = j + 1;
			made.rows[i][j].value = (double)(float)value;
		}
		made.rows[i][d].index = -1;
	}
	const struct svm_problem problem = { .l = n, .y = made.targets, .x = made.rows };
	const struct svm_parameter parameter = {
		.svm_type = C_SVC,
		.kernel_type = (int)c->kernel,
		.degree = c->degree,
		.gamma = c->gamma,
		.coef0 = c->coef0,
		.cache_size = 64,
		.eps = 1e-3,
		.C = c->cost,
		.shrinking = 1,
		.probability = c->probability,
	};
	svm_set_print_string_function(be_quiet);
	if (svm_check_parameter(&problem, &parameter)) {
		abort();
	}
	srand(1); /* libsvm's folds for probabilities */
	made.model = svm_train(&problem, &parameter);
	copy_to_hk(&made, d);
	made.x = aligned_alloc(64, (size_t)n * made.svm.stride * sizeof(float));
	memset(made.x, 0, (size_t)n * made.svm.stride * sizeof(float));
	for (int i = 0; i < n; i++) {
		for (int j = 0; j < d; j++) {
			made.x[(size_t)i * made.svm.stride + (size_t)j] =
				(float)made.rows[i][j].value;
		}
	}
	*ret = made;
}

static inline void libsvm_finish(struct libsvm_model *made)
{
	svm_free_and_destroy_model(&made->model);
	hk_svm_finish(&made->svm);
	free(made->nodes);
	free(made->rows);
	free(made->targets);
	free(made->x);
}
