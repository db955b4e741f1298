/* SPDX-License-Identifier: MIT */
/*
 * observations: rows of terms with what was seen for each: the input of every regression.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define HK_MAX_TERMS 16

/* The arrays are the caller's. */
struct hk_observations {
	const double *x;       /* n * n_terms, row-major */
	const double *y;       /* n */
	const double *weights; /* n, >= 0; NULL: all 1 */
	size_t n;
	uint32_t n_terms; /* 1..HK_MAX_TERMS */
	double ridge;     /* >= 0: pulls the coefficients towards 0; 0: not at all */
};

/* What the terms are centred and scaled with. */
struct hk_moments {
	double total; /* sum of the weights, > 0 */
	double mean_y;
	double means[HK_MAX_TERMS];
	double deviations[HK_MAX_TERMS]; /* standard deviations; 1 for a constant term */
};

static inline double hk_observation_weight(const struct hk_observations *o, size_t i)
{
	return o->weights ? o->weights[i] : 1.0;
}

/*
 * Weighted means and standard deviations, two-pass.
 * Returns 0; -EINVAL: n_terms, weights that add up to 0, or a value that is not finite.
 */
int hk_observations_moments(const struct hk_observations *observations, struct hk_moments *ret);
