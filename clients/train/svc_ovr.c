/* SPDX-License-Identifier: MIT */
/*
 * svc_ovr: one binary C-SVC a class against all others, solved side by side by libsvm; the support
 * vectors of all of them become one matrix.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clients/train/balance.h"
#include "clients/train/learner.h"
#include "clients/train/nodes.h"
#include "clients/train/parallel.h"

struct one_vs_rest {
	const struct hk_lesson *lesson;
	const struct hk_nodes *nodes;
	const struct svm_parameter *parameters;
	struct svm_model **models; /* n_labels; NULL: out of memory */
};

static void learn_class(void *owner, size_t index, unsigned worker)
{
	(void)worker;
	struct one_vs_rest *all = owner;
	const struct hk_lesson *lesson = all->lesson;
	int signs[2] = { 1, -1 };
	double weights[2];
	struct svm_parameter parameters = *all->parameters;
	hk_balance_against_rest(lesson, (uint32_t)index, weights);
	parameters.nr_weight = 2;
	parameters.weight_label = signs;
	parameters.weight = weights;
	double *y = calloc(lesson->n_rows, sizeof(*y));
	if (!y) {
		return;
	}
	for (size_t i = 0; i < lesson->n_rows; i++) {
		y[i] = lesson->labels[i] == index ? 1 : -1;
	}
	const struct svm_problem problem = {
		.l = (int)lesson->n_rows,
		.y = y,
		.x = all->nodes->rows,
	};
	all->models[index] = svm_train(&problem, &parameters);
	free(y);
}

/* libsvm takes the sign of the class it met first; +1 is always first for labels of +1 and -1. */
static int collect(struct hk_svm *ret, const struct one_vs_rest *all)
{
	const struct hk_lesson *lesson = all->lesson;
	uint32_t *place = calloc(lesson->n_rows, sizeof(*place)); /* 1 + the row's place, 0: none */
	uint32_t n_vectors = 0;
	if (!place) {
		return -ENOMEM;
	}
	for (uint32_t c = 0; c < lesson->n_labels; c++) {
		for (int i = 0; i < all->models[c]->l; i++) {
			place[all->models[c]->sv_indices[i] - 1] = 1;
		}
	}
	for (size_t i = 0; i < lesson->n_rows; i++) {
		place[i] = place[i] ? ++n_vectors : 0;
	}
	int r = hk_svm_init(
		ret, HK_SVM_ONE_VS_REST, lesson->n_labels, n_vectors, (uint32_t)lesson->n_features);
	if (r < 0) {
		free(place);
		return r;
	}
	ret->kernel = HK_KERNEL_RBF;
	ret->gamma = lesson->gamma;
	for (size_t i = 0; i < lesson->n_rows; i++) {
		if (place[i]) {
			memcpy(ret->vectors + (size_t)(place[i] - 1) * ret->stride,
				lesson->rows + i * lesson->n_features,
				lesson->n_features * sizeof(float));
		}
	}
	for (uint32_t c = 0; c < lesson->n_labels; c++) {
		const struct svm_model *model = all->models[c];
		ret->rho[c] = model->rho[0];
		for (int i = 0; i < model->l; i++) {
			ret->coefs[(size_t)c * n_vectors + place[model->sv_indices[i] - 1] - 1] =
				model->sv_coef[0][i];
		}
	}
	free(place);
	return 0;
}

static int learn(struct hk_svm *ret, const struct hk_lesson *lesson, struct hk_diag *diag)
{
	const unsigned n_at_once =
		lesson->n_threads < lesson->n_labels ? lesson->n_threads : lesson->n_labels;
	struct svm_parameter parameters;
	struct hk_nodes nodes;
	int r = hk_svc_parameters(&parameters, lesson, n_at_once, diag);
	r = r < 0 ? r : hk_nodes_init(&nodes, lesson);
	if (r < 0) {
		return r;
	}
	struct one_vs_rest all = {
		.lesson = lesson,
		.nodes = &nodes,
		.parameters = &parameters,
		.models = calloc(lesson->n_labels, sizeof(struct svm_model *)),
	};
	if (all.models) {
		hk_parallel_run(n_at_once, lesson->n_labels, learn_class, &all);
		for (uint32_t c = 0; c < lesson->n_labels; c++) {
			r = all.models[c] ? r : -ENOMEM;
		}
		r = r < 0 ? r : collect(ret, &all);
		for (uint32_t c = 0; c < lesson->n_labels; c++) {
			svm_free_and_destroy_model(&all.models[c]);
		}
	} else {
		r = -ENOMEM;
	}
	free(all.models);
	hk_nodes_finish(&nodes);
	return r;
}

const struct hk_learner hk_learner_svc_ovr = {
	.name = "svc-ovr",
	.help = "one C-SVC a class against the rest, RBF kernel, balanced",
	.has_kernel = true,
	.costs = { 2, { 1, 0.1 } },
	.gammas = { 3, { 1, 0.5, 2 } },
	.learn = learn,
};
