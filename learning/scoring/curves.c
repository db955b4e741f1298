/* SPDX-License-Identifier: MIT */
#include "learning/scoring/curves.h"

#include <math.h>
#include <string.h>

void hk_reliability_of(struct hk_reliability *ret, const uint32_t *labels,
	const double *probabilities, size_t n_rows, uint32_t n_labels)
{
	memset(ret, 0, sizeof(*ret));
	for (size_t i = 0; i < n_rows; i++) {
		const double *p = probabilities + i * n_labels;
		uint32_t top = 0;
		for (uint32_t c = 1; c < n_labels; c++) {
			top = p[c] > p[top] ? c : top;
		}
		const int bin =
			p[top] >= 1 ? HK_RELIABILITY_BINS - 1 : (int)(p[top] * HK_RELIABILITY_BINS);
		ret->n[bin]++;
		ret->confidence[bin] += p[top];
		ret->accuracy[bin] += top == labels[i];
	}
	for (int bin = 0; bin < HK_RELIABILITY_BINS; bin++) {
		if (ret->n[bin] > 0) {
			ret->confidence[bin] /= (double)ret->n[bin];
			ret->accuracy[bin] /= (double)ret->n[bin];
		}
	}
}

void hk_threshold_curve_of(struct hk_threshold_curve *ret, uint32_t label, const uint32_t *labels,
	const double *probabilities, size_t n_rows, uint32_t n_labels)
{
	/* How many windows have this many thresholds at or below their probability. */
	size_t own[HK_N_THRESHOLDS + 1] = { 0 }, others[HK_N_THRESHOLDS + 1] = { 0 };
	size_t n_own = 0;
	memset(ret, 0, sizeof(*ret));
	for (size_t i = 0; i < n_rows; i++) {
		const double p = probabilities[i * n_labels + label];
		uint32_t n_passed = 0;
		while (n_passed < HK_N_THRESHOLDS && p >= hk_threshold_at(n_passed)) {
			n_passed++;
		}
		own[n_passed] += labels[i] == label;
		others[n_passed] += labels[i] != label;
		n_own += labels[i] == label;
	}
	size_t n_true = 0, n_false = 0;
	for (uint32_t t = HK_N_THRESHOLDS; t-- > 0;) {
		n_true += own[t + 1];
		n_false += others[t + 1];
		const double n_passed = (double)(n_true + n_false);
		ret->precision[t] = n_passed > 0 ? (double)n_true / n_passed : (double)NAN;
		ret->recall[t] = n_own > 0 ? (double)n_true / (double)n_own : 0;
		ret->f1[t] = n_true > 0 ? 2 * (double)n_true / (n_passed + (double)n_own) : 0;
		ret->false_share[t] =
			n_rows > n_own ? (double)n_false / (double)(n_rows - n_own) : 0;
		if (ret->f1[t] > ret->f1[ret->best] || t == HK_N_THRESHOLDS - 1) {
			ret->best = t;
		}
	}
}
