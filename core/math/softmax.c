/* SPDX-License-Identifier: MIT */
#include "core/math/softmax.h"

#include <math.h>

double hk_softmax(double *values, uint32_t n)
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
	return largest + log(sum);
}
