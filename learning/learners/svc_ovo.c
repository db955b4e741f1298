/* SPDX-License-Identifier: MIT */
/*
 * svc_ovo: libsvm's own way: one binary C-SVC a pair of classes, votes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "learning/learners/class_weights.h"
#include "learning/learners/learner.h"
#include "learning/learners/libsvm_rows.h"

static int convert(
	struct hk_svm *ret, const struct hk_lesson *lesson, const struct svm_model *model)
{
	const uint32_t n_vectors = (uint32_t)model->l;
	const int r = hk_svm_init(
		ret, HK_SVM_ONE_VS_ONE, lesson->n_labels, n_vectors, (uint32_t)lesson->n_features);
	if (r < 0) {
		return r;
	}
	ret->kernel = HK_KERNEL_RBF;
	ret->gamma = lesson->gamma;
	for (uint32_t c = 0; c < lesson->n_labels; c++) {
		ret->labels[c] = (uint32_t)model->label[c];
		ret->class_count[c] = (uint32_t)model->nSV[c];
	}
	memcpy(ret->rho, model->rho, ret->n_decisions * sizeof(*ret->rho));
	for (uint32_t k = 0; k < ret->n_coefs; k++) {
		memcpy(ret->coefs + (size_t)k * n_vectors, model->sv_coef[k],
			n_vectors * sizeof(*ret->coefs));
	}
	for (uint32_t i = 0; i < n_vectors; i++) {
		memcpy(ret->vectors + (size_t)i * ret->stride,
			lesson->rows + (size_t)(model->sv_indices[i] - 1) * lesson->stride,
			lesson->n_features * sizeof(float));
	}
	return 0;
}

static int learn(struct hk_svm *ret, const struct hk_lesson *lesson, struct hk_diag *diag)
{
	int labels[HK_MAX_CLASSES];
	double weights[HK_MAX_CLASSES];
	struct svm_parameter parameters;
	struct hk_nodes nodes;
	int r = hk_svc_parameters(&parameters, lesson, diag);
	r = r < 0 ? r : hk_nodes_init(&nodes, lesson);
	if (r < 0) {
		return r;
	}
	double *y = calloc(lesson->n_rows, sizeof(*y));
	if (!y) {
		hk_nodes_finish(&nodes);
		return -ENOMEM;
	}
	for (size_t i = 0; i < lesson->n_rows; i++) {
		y[i] = lesson->labels[i];
	}
	for (uint32_t c = 0; c < lesson->n_labels; c++) {
		labels[c] = (int)c;
	}
	hk_balance_classes(lesson, weights);
	parameters.nr_weight = (int)lesson->n_labels;
	parameters.weight_label = labels;
	parameters.weight = weights;
	const struct svm_problem problem = { .l = (int)lesson->n_rows, .y = y, .x = nodes.rows };
	struct svm_model *model = svm_train(&problem, &parameters);
	r = model ? convert(ret, lesson, model) : -ENOMEM;
	svm_free_and_destroy_model(&model);
	free(y);
	hk_nodes_finish(&nodes);
	return r;
}

const struct hk_learner hk_learner_svc_ovo = {
	.name = "svc-ovo",
	.title = "support vector machine",
	.help = "one C-SVC a pair of classes with votes, as libsvm and scikit-learn do it, balanced",
	.has_kernel = true,
	.costs = { 2, { 1, 0.1 } },
	.gammas = { 3, { 1, 0.5, 2 } },
	.learn = learn,
};
