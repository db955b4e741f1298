/* SPDX-License-Identifier: MIT */
#include "learning/scoring/averages.h"

struct hk_averages hk_averages_of(const struct hk_measures *measures, bool weighted)
{
	struct hk_averages sum = { 0 };
	double total = 0;
	for (uint32_t c = 0; c < measures->n_labels; c++) {
		const struct hk_class_measures *own = &measures->classes[c];
		const double weight = weighted ? (double)own->n : own->n > 0;
		sum.precision += weight * own->precision;
		sum.recall += weight * own->recall;
		sum.f1 += weight * own->f1;
		total += weight;
	}
	if (total > 0) {
		sum.precision /= total;
		sum.recall /= total;
		sum.f1 /= total;
	}
	return sum;
}
