/* SPDX-License-Identifier: MIT */
#include "learning/validation/measures.h"

#include <math.h>
#include <string.h>

#define N_BINS 15

static void measure_classes(struct hk_measures *measures)
{
	const uint32_t n_labels = measures->n_labels;
	uint32_t n_classes = 0;
	size_t n_right = 0;
	for (uint32_t c = 0; c < n_labels; c++) {
		struct hk_class_measures *own = &measures->classes[c];
		size_t n_decided = 0;
		for (uint32_t d = 0; d < n_labels; d++) {
			own->n += measures->confusion[c][d];
			n_decided += measures->confusion[d][c];
		}
		const double right = (double)measures->confusion[c][c];
		n_right += measures->confusion[c][c];
		own->recall = own->n ? right / (double)own->n : 0;
		own->precision = n_decided ? right / (double)n_decided : 0;
		own->f1 = right > 0 ? 2 * right / (double)(own->n + n_decided) : 0;
		if (own->n > 0) {
			measures->balanced_accuracy += own->recall;
			measures->macro_f1 += own->f1;
			n_classes++;
		}
	}
	if (n_classes > 0) {
		measures->balanced_accuracy /= n_classes;
		measures->macro_f1 /= n_classes;
		measures->accuracy = (double)n_right / (double)measures->n_rows;
	}
}

static void measure_probabilities(
	struct hk_measures *measures, const uint32_t *labels, const double *probabilities)
{
	double confidence[N_BINS] = { 0 }, right[N_BINS] = { 0 };
	for (size_t i = 0; i < measures->n_rows; i++) {
		const double *p = probabilities + i * measures->n_labels;
		uint32_t top = 0;
		for (uint32_t c = 0; c < measures->n_labels; c++) {
			const double distance = p[c] - (c == labels[i]);
			measures->brier += distance * distance;
			top = p[c] > p[top] ? c : top;
		}
		const int bin = p[top] >= 1 ? N_BINS - 1 : (int)(p[top] * N_BINS);
		confidence[bin] += p[top];
		right[bin] += top == labels[i];
	}
	for (int bin = 0; bin < N_BINS; bin++) {
		measures->ece += fabs(confidence[bin] - right[bin]);
	}
	measures->ece /= (double)measures->n_rows;
	measures->brier /= (double)measures->n_rows;
}

void hk_measure(struct hk_measures *ret, const uint32_t *labels, const uint32_t *decided,
	const double *probabilities, size_t n_rows, uint32_t n_labels)
{
	memset(ret, 0, sizeof(*ret));
	ret->n_rows = n_rows;
	ret->n_labels = n_labels;
	if (n_rows == 0) {
		return;
	}
	for (size_t i = 0; i < n_rows; i++) {
		ret->confusion[labels[i]][decided[i]]++;
	}
	measure_classes(ret);
	if (probabilities) {
		measure_probabilities(ret, labels, probabilities);
	} else {
		ret->ece = ret->brier = NAN;
	}
}
