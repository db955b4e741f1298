/* SPDX-License-Identifier: MIT */
/*
 * decide BUNDLE: rows of float32 features on stdin, one JSON object a row on stdout: what the
 * bundle's classifier says.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/detection/classifier.h"

static json_t *array_of(const double *values, uint32_t n)
{
	json_t *array = json_array();
	for (uint32_t i = 0; i < n; i++) {
		json_array_append_new(array, json_real(values[i]));
	}
	return array;
}

static void decide(struct hk_classifier *classifier, const struct hk_model *model, const float *row)
{
	struct hk_classification result;
	hk_classify(classifier, row, &result);
	json_t *object = json_pack("{s:s, s:o, s:o, s:o}", "label", model->labels[result.decided],
		"decisions", array_of(result.decisions, model->svm.n_decisions), "scores",
		array_of(result.scores, model->n_labels), "probabilities",
		array_of(result.probabilities, model->n_labels));
	json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(17));
	putchar('\n');
	json_decref(object);
}

int main(int argc, char **argv)
{
	struct hk_model *model;
	struct hk_classifier *classifier;
	struct hk_diag diag = { "out of memory" };
	if (argc != 2 || hk_model_load(&model, argv[1], &diag) < 0 ||
		hk_classifier_new(&classifier, model) < 0) {
		fprintf(stderr, "decide: %s\n", diag.text);
		return EXIT_FAILURE;
	}
	const size_t n = model->scaler.n_features;
	float *row = calloc(n, sizeof(*row));
	while (row && fread(row, sizeof(*row), n, stdin) == n) {
		decide(classifier, model, row);
	}
	free(row);
	hk_classifier_free(classifier);
	hk_model_free(model);
	return EXIT_SUCCESS;
}
