/* SPDX-License-Identifier: MIT */
#include "core/classifier/calibration.h"

#include <assert.h>

#include "core/math/logistic.h"
#include "core/math/softmax.h"

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
			ret_probabilities[i] = -hk_cross_entropy(slope[i] * scores[i] + bias[i], 1);
			break;
		case HK_CALIBRATION_LIBSVM: {
			const int r = hk_svm_probabilities(svm, decisions, ret_probabilities);
			assert(r == 0); /* the loader takes `libsvm` only with probA and probB */
			(void)r;
			return;
		}
		}
	}
	hk_softmax(ret_probabilities, svm->n_classes);
}
