/* SPDX-License-Identifier: MIT */
/* libsvm 3.24, sigmoid_predict and multiclass_probability. */
#include <errno.h>
#include <math.h>

#include "core/classifier/svm.h"

#define MAX_PAIRS (HK_MAX_CLASSES * (HK_MAX_CLASSES - 1) / 2)
#define MIN_PROBABILITY 1e-7

/* 1 / (1 + exp(a d + b)), without overflow. */
static double sigmoid(double decision, double a, double b)
{
	const double z = decision * a + b;
	return z >= 0 ? exp(-z) / (1 + exp(-z)) : 1 / (1 + exp(z));
}

/* Index of the pair of classes I and J in the order 0v1, 0v2, ..., 1v2, ... */
static uint32_t pair_of(uint32_t i, uint32_t j, uint32_t k)
{
	const uint32_t low = i < j ? i : j, high = i < j ? j : i;
	return low * (2 * k - low - 1) / 2 + high - low - 1;
}

/*
 * The second method of Wu, Lin and Weng, "Probability estimates for multi-class classification by
 * pairwise coupling" (2004): minimise p'Qp with Q_tt = sum r_jt^2, Q_tj = -r_jt r_tj, where r_tj is
 * the probability of class t against class j. R holds r_ij for i < j; r_ji = 1 - r_ij.
 */
static void couple(const double *r, uint32_t k, double *p)
{
	double diagonal[HK_MAX_CLASSES] = { 0 }, qp[HK_MAX_CLASSES];
	for (uint32_t t = 0; t < k; t++) {
		p[t] = 1.0 / k;
		for (uint32_t j = 0; j < k; j++) {
			if (j != t) {
				const double r_pair = r[pair_of(t, j, k)];
				const double r_jt = j < t ? r_pair : 1 - r_pair;
				diagonal[t] += r_jt * r_jt;
			}
		}
	}
	const double tolerance = 0.005 / k;
	const uint32_t max_rounds = k > 100 ? k : 100;
	for (uint32_t round = 0; round < max_rounds; round++) {
		double pqp = 0, worst = 0;
		for (uint32_t t = 0; t < k; t++) {
			qp[t] = diagonal[t] * p[t];
			for (uint32_t j = 0; j < k; j++) {
				if (j != t) {
					const double r_pair = r[pair_of(t, j, k)];
					qp[t] -= r_pair * (1 - r_pair) * p[j];
				}
			}
			pqp += p[t] * qp[t];
		}
		for (uint32_t t = 0; t < k; t++) {
			worst = fmax(worst, fabs(qp[t] - pqp));
		}
		if (worst < tolerance) {
			return;
		}
		for (uint32_t t = 0; t < k; t++) {
			const double diff = (pqp - qp[t]) / diagonal[t];
			p[t] += diff;
			pqp = (pqp + diff * (diff * diagonal[t] + 2 * qp[t])) / (1 + diff) /
				(1 + diff);
			for (uint32_t j = 0; j < k; j++) {
				const double r_pair = j == t ? 0 : r[pair_of(t, j, k)];
				const double q_tj = j == t ? diagonal[t] : -r_pair * (1 - r_pair);
				qp[j] = (qp[j] + diff * q_tj) / (1 + diff);
				p[j] /= 1 + diff;
			}
		}
	}
}

int hk_svm_probabilities(
	const struct hk_svm *svm, const double *decisions, double *ret_probabilities)
{
	if (!svm->prob_a || svm->decision != HK_SVM_ONE_VS_ONE) {
		return -ENODATA;
	}
	double r[MAX_PAIRS], p[HK_MAX_CLASSES];
	for (uint32_t i = 0; i < svm->n_decisions; i++) {
		const double probability = sigmoid(decisions[i], svm->prob_a[i], svm->prob_b[i]);
		r[i] = fmin(fmax(probability, MIN_PROBABILITY), 1 - MIN_PROBABILITY);
	}
	if (svm->n_classes == 2) {
		p[0] = r[0];
		p[1] = 1 - r[0];
	} else {
		couple(r, svm->n_classes, p);
	}
	for (uint32_t i = 0; i < svm->n_classes; i++) {
		ret_probabilities[svm->labels[i]] = p[i];
	}
	return 0;
}
