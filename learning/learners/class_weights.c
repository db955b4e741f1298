/* SPDX-License-Identifier: MIT */
#include "learning/learners/class_weights.h"

static void count(const struct hk_lesson *lesson, size_t *ret_counts)
{
	for (uint32_t c = 0; c < lesson->n_labels; c++) {
		ret_counts[c] = 0;
	}
	for (size_t i = 0; i < lesson->n_rows; i++) {
		ret_counts[lesson->labels[i]]++;
	}
}

void hk_balance_classes(const struct hk_lesson *lesson, double *ret_weights)
{
	size_t counts[HK_MAX_CLASSES];
	count(lesson, counts);
	for (uint32_t c = 0; c < lesson->n_labels; c++) {
		ret_weights[c] =
			(double)lesson->n_rows / ((double)lesson->n_labels * (double)counts[c]);
	}
}

void hk_balance_against_rest(const struct hk_lesson *lesson, uint32_t label, double ret_weights[2])
{
	size_t counts[HK_MAX_CLASSES];
	count(lesson, counts);
	const double n = (double)lesson->n_rows, own = (double)counts[label];
	ret_weights[0] = n / (2 * own);
	ret_weights[1] = n / (2 * (n - own));
}
