/* SPDX-License-Identifier: MIT */
#include "core/detection/classifier.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ALIGNMENT 64 /* bytes: what hk_svm_decisions asks of its vector */

struct hk_classifier {
	const struct hk_model *model;
	float *scaled;         /* svm.stride; zeros after n_features stay zeros */
	double *scratch;       /* hk_svm_scratch_size */
	double *decisions;     /* svm.n_decisions */
	double *scores;        /* n_labels */
	double *probabilities; /* n_labels */
};

int hk_classifier_new(struct hk_classifier **ret, const struct hk_model *model)
{
	const struct hk_svm *svm = &model->svm;
	assert(model->scaler.n_features == svm->n_features && model->n_labels == svm->n_classes);
	struct hk_classifier *classifier = calloc(1, sizeof(*classifier));
	if (!classifier) {
		return -ENOMEM;
	}
	/* stride is a multiple of 16 floats, as aligned_alloc wants it. */
	const size_t scaled_size = svm->stride * sizeof(*classifier->scaled);
	classifier->model = model;
	classifier->scaled = aligned_alloc(ALIGNMENT, scaled_size);
	classifier->scratch = calloc(hk_svm_scratch_size(svm), sizeof(*classifier->scratch));
	classifier->decisions = calloc(svm->n_decisions, sizeof(*classifier->decisions));
	classifier->scores = calloc(model->n_labels, sizeof(*classifier->scores));
	classifier->probabilities = calloc(model->n_labels, sizeof(*classifier->probabilities));
	if (!classifier->scaled || !classifier->scratch || !classifier->decisions ||
		!classifier->scores || !classifier->probabilities) {
		hk_classifier_free(classifier);
		return -ENOMEM;
	}
	memset(classifier->scaled, 0, scaled_size);
	*ret = classifier;
	return 0;
}

void hk_classifier_free(struct hk_classifier *classifier)
{
	if (!classifier) {
		return;
	}
	free(classifier->scaled);
	free(classifier->scratch);
	free(classifier->decisions);
	free(classifier->scores);
	free(classifier->probabilities);
	free(classifier);
}

static uint32_t most_probable(const double *probabilities, uint32_t n_labels)
{
	uint32_t best = 0;
	for (uint32_t i = 1; i < n_labels; i++) {
		if (probabilities[i] > probabilities[best]) {
			best = i;
		}
	}
	return best;
}

void hk_classify(
	struct hk_classifier *classifier, const float *features, struct hk_classification *ret)
{
	const struct hk_model *model = classifier->model;
	const struct hk_svm *svm = &model->svm;
	hk_scaler_apply(&model->scaler, features, classifier->scaled);
	hk_svm_decisions(svm, classifier->scaled, classifier->scratch, classifier->decisions);
	hk_svm_scores(svm, classifier->decisions, classifier->scores);
	hk_calibration_apply(&model->calibration, svm, classifier->scores, classifier->decisions,
		classifier->probabilities);
	*ret = (struct hk_classification){
		.label = most_probable(classifier->probabilities, model->n_labels),
		.decided = hk_svm_label(svm, classifier->decisions),
		.probabilities = classifier->probabilities,
		.scores = classifier->scores,
		.decisions = classifier->decisions,
	};
}
