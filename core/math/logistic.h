/* SPDX-License-Identifier: MIT */
/*
 * logistic: logistic regression: the probability of "yes" as the sigmoid of a weighted sum of
 * terms, fitted by Newton's method (iteratively re-weighted least squares) on the mean
 * cross-entropy plus an L2 penalty. Any thread; no allocation.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/math/observations.h"

struct hk_logistic {
	uint32_t n_terms;
	double intercept; /* of the terms as they came */
	double coefficients[HK_MAX_TERMS];
	uint32_t n_iterations; /* Newton steps it took */
};

/* 1 / (1 + exp(-z)) without overflow. */
double hk_sigmoid(double z);

/* Cross-entropy in nats of the probability hk_sigmoid(Z) when the truth is Y: ln(1 + e^z) - y z. */
double hk_cross_entropy(double z, double y);

/*
 * Fit y (0 or 1; anything between is a share of "yes"). OBSERVATIONS->ridge: the penalty is half of
 * it times the sum of the squared coefficients of the terms at unit deviation, so that a separable
 * problem (the AND gate) has a finite answer; 0 is allowed for problems that are not separable.
 * Returns 0; -EINVAL (no observations, a value that is not finite, y outside 0..1, n_terms); -EDOM
 * (no minimum found: a separable problem without ridge, or terms that are sums of others). *ret
 * untouched on failure.
 */
int hk_logistic_fit(struct hk_logistic *ret, const struct hk_observations *observations);

/* Probability of "yes". Shapes: x[n_terms]. */
double hk_logistic_at(const struct hk_logistic *logistic, const double *x);

struct hk_logistic_quality {
	double cross_entropy; /* mean, in nats */
	double accuracy;      /* part of the observations on the right side of the threshold */
	size_t n_true_yes, n_false_yes, n_true_no, n_false_no;
};

/* Every observation counts alike, with "yes" meaning probability >= THRESHOLD, and observed "yes"
 * meaning y >= 0.5. */
struct hk_logistic_quality hk_logistic_quality_of(const struct hk_logistic *logistic,
	const struct hk_observations *observations, double threshold);
