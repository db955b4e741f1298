/* SPDX-License-Identifier: MIT */
#include "core/calibration.h"

#include <assert.h>
#include <math.h>

static double log_sigmoid(double z)
{
	return z >= 0 ? -log1p(exp(-z)) : z - log1p(exp(z));
}

/* In place; sums to 1 whatever the values, since the largest becomes exp(0). */
static void softmax(double *values, uint32_t n)
{
	double largest = values[0], sum = 0;
	for (uint32_t i = 1; i < n; i++) {
		largest = fmax(largest, values[i]);
	}
	for (uint32_t i = 0; i < n; i++) {
		values[i] = exp(values[i] - largest);
		sum += values[i];
	}
	for (uint32_t i = 0; i < n; i++) {
		values[i] /= sum;
	}
}

void hk_calibration_apply(const struct hk_calibration *calibration, const struct hk_svm *svm,
	const double *scores, const double *decisions, double *ret_probabilities)
{
	const double *slope = calibration->slope, *bias = calibration->bias;
	for (uint32_t i = 0; i < svm->n_classes; i++) {
		switch (calibration->method) {
		case HK_CALIBRATION_NONE:
			ret_probabilities[i] = scores[i];
			break;
		case HK_CALIBRATION_SOFTMAX:
			ret_probabilities[i] = slope[0] * scores[i] + bias[i];
			break;
		case HK_CALIBRATION_SIGMOID:
			/* as logarithms: sigmoids that are all tiny still have a ratio */
			ret_probabilities[i] = log_sigmoid(slope[i] * scores[i] + bias[i]);
			break;
		case HK_CALIBRATION_LIBSVM: {
			const int r = hk_svm_probabilities(svm, decisions, ret_probabilities);
			assert(r == 0); /* the loader takes `libsvm` only with probA and probB */
			(void)r;
			return;
		}
		}
	}
	softmax(ret_probabilities, svm->n_classes);
}
