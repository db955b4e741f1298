/* SPDX-License-Identifier: MIT */
#include "learning/validation/cross_fit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "learning/validation/calibrate.h"

/* Scores and labels of the rows at hand, in the order of OOF. */
struct others {
	double *scores;
	uint32_t *labels;
	size_t n_rows;
};

static void append(
	struct others *others, const struct hk_out_of_fold *oof, size_t first, size_t end)
{
	memcpy(others->scores + others->n_rows * oof->n_labels, oof->scores + first * oof->n_labels,
		(end - first) * oof->n_labels * sizeof(*others->scores));
	memcpy(others->labels + others->n_rows, oof->label + first,
		(end - first) * sizeof(*others->labels));
	others->n_rows += end - first;
}

/* Probabilities of the rows FIRST to END by what all other rows say. */
static int fit_split(double *ret_probabilities, enum hk_calibration_method method,
	const struct hk_out_of_fold *oof, size_t first, size_t end, struct others *others)
{
	const struct hk_svm shape = { .n_classes = oof->n_labels }; /* all that is asked of it */
	struct hk_calibration calibration;
	others->n_rows = 0;
	append(others, oof, 0, first);
	append(others, oof, end, oof->n_rows);
	if (others->n_rows == 0) {
		return -ENODATA;
	}
	const int r = hk_calibrate(&calibration, method, others->scores, others->labels,
		others->n_rows, oof->n_labels);
	for (size_t i = first; i < end && r == 0; i++) {
		hk_calibration_apply(&calibration, &shape, oof->scores + i * oof->n_labels, NULL,
			ret_probabilities + i * oof->n_labels);
	}
	return r;
}

int hk_cross_fit(double *ret_probabilities, enum hk_calibration_method method,
	const struct hk_out_of_fold *oof)
{
	struct others others = {
		.scores = calloc((oof->n_rows + 1) * oof->n_labels, sizeof(*others.scores)),
		.labels = calloc(oof->n_rows + 1, sizeof(*others.labels)),
	};
	int r = others.scores && others.labels ? 0 : -ENOMEM;
	for (uint32_t k = 0; k < oof->n_splits && r == 0; k++) {
		const size_t first = k > 0 ? oof->split_ends[k - 1] : 0;
		r = first < oof->split_ends[k] ? fit_split(ret_probabilities, method, oof, first,
							 oof->split_ends[k], &others)
					       : 0;
	}
	free(others.scores);
	free(others.labels);
	return r;
}
