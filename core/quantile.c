/* SPDX-License-Identifier: MIT */
#include "core/quantile.h"

#include <math.h>

/* Put what is below the middle element's value before what is above it, within [first, last].
 * Returns the last index of the lower part, which is below LAST as the pivot is not at LAST. */
static uint32_t partition(float *values, uint32_t first, uint32_t last)
{
	const float pivot = values[first + (last - first) / 2];
	for (uint32_t i = first, j = last;; i++, j--) {
		while (values[i] < pivot) {
			i++;
		}
		while (values[j] > pivot) {
			j--;
		}
		if (i >= j) {
			return j;
		}
		const float swapped = values[i];
		values[i] = values[j];
		values[j] = swapped;
	}
}

float hk_select(float *values, uint32_t n, uint32_t k)
{
	uint32_t first = 0, last = n - 1;
	while (first < last) {
		const uint32_t middle = partition(values, first, last);
		if (k <= middle) {
			last = middle;
		} else {
			first = middle + 1;
		}
	}
	return values[k];
}

double hk_quantile(float *values, uint32_t n, double q)
{
	const double position = q * (n - 1);
	const uint32_t k = (uint32_t)position;
	const double part = position - k;
	const double below = (double)hk_select(values, n, k);
	if (part <= 0.0) {
		return below;
	}
	float above = values[k + 1];
	for (uint32_t i = k + 2; i < n; i++) {
		above = fminf(above, values[i]);
	}
	return below + part * ((double)above - below);
}
