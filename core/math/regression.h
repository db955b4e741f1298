/* SPDX-License-Identifier: MIT */
/*
 * regression: least squares by the normal equation: straight lines, several terms, polynomials.
 *
 * Terms are centred on their means and scaled before the normal equation is formed, so large
 * offsets (frame numbers, nanoseconds) cost no digits. Any thread; only
 * hk_polynomial_fit allocates.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/math/observations.h"

#define HK_MAX_DEGREE 10

/* y ~ mean_y + sum of coefficient * (term - mean). */
struct hk_linear {
	uint32_t n_terms;
	double mean_y;
	double means[HK_MAX_TERMS];
	double coefficients[HK_MAX_TERMS];
};

/*
 * OBSERVATIONS->ridge is added to the sum of squares of each term about its mean.
 * Returns 0; -EINVAL (no observations of any weight, a value that is not finite); -EDOM (the terms
 * do not determine the coefficients: too few observations, or one term is a sum of others). *ret
 * untouched on failure.
 */
int hk_linear_fit(struct hk_linear *ret, const struct hk_observations *observations);

/* Shapes: x[n_terms]. */
double hk_linear_at(const struct hk_linear *linear, const double *x);
double hk_linear_intercept(const struct hk_linear *linear);

/* Powers of u = (x - centre) / half_range, which lies in [-1, 1]. */
struct hk_polynomial {
	double centre, half_range;
	struct hk_linear powers; /* u, u^2, ..., u^degree */
};

/*
 * Shapes: x[n], y[n]. DEGREE: 0..HK_MAX_DEGREE; 0 is the mean.
 * Returns 0; -EINVAL (no observations, a value that is not finite, DEGREE); -EDOM (fewer distinct x
 * than DEGREE + 1); -ENOMEM.
 */
int hk_polynomial_fit(
	struct hk_polynomial *ret, const double *x, const double *y, size_t n, uint32_t degree);

/* The same, its powers fitted by FIT (hk_linear_fit; hk_least_absolute_fit: DEGREE 1 or more).
 * Returns as FIT, too. */
typedef int hk_linear_fit_fn(struct hk_linear *ret, const struct hk_observations *observations);
int hk_polynomial_fit_by(struct hk_polynomial *ret, const double *x, const double *y, size_t n,
	uint32_t degree, hk_linear_fit_fn *fit);
double hk_polynomial_at(const struct hk_polynomial *polynomial, double x);

/* Coefficients of 1, x, x^2, ... Shapes: ret_coefficients[degree + 1]. */
void hk_polynomial_expand(const struct hk_polynomial *polynomial, double *ret_coefficients);

/* How well predictions meet observations. */
struct hk_residuals {
	double mse;     /* mean squared error */
	double mae;     /* mean absolute error */
	double largest; /* absolute */
	double r2; /* 1 - sum of squares left / sum of squares about the mean; y constant: 1 when
		      met exactly, else 0 */
};

/* Shapes: y[n], predicted[n]; n >= 1. */
struct hk_residuals hk_residuals_of(const double *y, const double *predicted, size_t n);
