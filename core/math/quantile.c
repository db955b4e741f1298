/* SPDX-License-Identifier: MIT */
#include "core/math/quantile.h"

#include <math.h>
#include <stdbool.h>

/*
 * Put the values of [first, end) that are below PIVOT (or, OR_EQUAL, not above it) before the
 * others. Returns where the others begin. Without a branch on what is compared: of a spectrum's
 * bins no processor guesses which are below their median, and every wrong guess costs more than the
 * swap.
 */
static inline uint32_t partition(
	float *values, uint32_t first, uint32_t end, float pivot, bool or_equal)
{
	uint32_t border = first;
	for (uint32_t i = first; i < end; i++) {
		const float value = values[i];
		values[i] = values[border];
		values[border] = value;
		border += or_equal ? value <= pivot : value < pivot;
	}
	return border;
}

float hk_select(float *values, uint32_t n, uint32_t k)
{
	uint32_t first = 0, end = n;
	for (;;) {
		const float pivot = values[first + (end - first) / 2];
		const uint32_t middle = partition(values, first, end, pivot, false);
		if (k < middle) {
			end = middle;
			continue;
		}
		if (middle > first) {
			first = middle;
			continue;
		}
		/* nothing is below it: take it and its likes away */
		const uint32_t above = partition(values, first, end, pivot, true);
		if (k < above || above == first) { /* no number is not even like itself */
			return pivot;
		}
		first = above;
	}
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
