/* SPDX-License-Identifier: MIT */
#include "learning/scoring/poisson.h"

#include <math.h>

#define N_HALVINGS 200 /* until a double has no middle left */

/* P(X <= N) for a Poisson X with this MEAN > 0. */
static double at_most(size_t n, double mean)
{
	double sum = 0;
	for (size_t k = 0; k <= n; k++) {
		sum += exp((double)k * log(mean) - mean - lgamma((double)k + 1.0));
	}
	return sum;
}

double hk_poisson_upper(size_t n, double confidence)
{
	const double left = 1.0 - confidence;
	double low = 0, high = (double)n + 10.0;
	while (at_most(n, high) > left) {
		high *= 2.0;
	}
	for (int i = 0; i < N_HALVINGS && low < high; i++) {
		const double middle = 0.5 * (low + high);
		if (middle <= low || middle >= high) {
			break;
		}
		if (at_most(n, middle) > left) {
			low = middle;
		} else {
			high = middle;
		}
	}
	return high;
}
