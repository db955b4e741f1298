/* SPDX-License-Identifier: MIT */
#include "core/math/regression.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/math/cholesky.h"

/* X'WX and X'Wy of the centred, scaled terms. */
static void form_normal_equation(const struct hk_observations *o, const struct hk_moments *moments,
	double *ret_a, double *ret_b)
{
	const uint32_t p = o->n_terms;
	for (size_t i = 0; i < o->n; i++) {
		const double weight = hk_observation_weight(o, i);
		double row[HK_MAX_TERMS];
		for (uint32_t k = 0; k < p; k++) {
			row[k] = (o->x[i * p + k] - moments->means[k]) / moments->deviations[k];
		}
		for (uint32_t k = 0; k < p; k++) {
			ret_b[k] += weight * row[k] * (o->y[i] - moments->mean_y);
			for (uint32_t j = 0; j <= k; j++) {
				ret_a[k * p + j] += weight * row[k] * row[j];
			}
		}
	}
	for (uint32_t k = 0; k < p; k++) {
		ret_a[k * p + k] += o->ridge / (moments->deviations[k] * moments->deviations[k]);
	}
}

int hk_linear_fit(struct hk_linear *ret, const struct hk_observations *o)
{
	struct hk_moments moments;
	int r = hk_observations_moments(o, &moments);
	if (r < 0) {
		return r;
	}
	struct hk_linear linear = { .n_terms = o->n_terms, .mean_y = moments.mean_y };
	memcpy(linear.means, moments.means, sizeof(linear.means));
	double a[HK_MAX_TERMS * HK_MAX_TERMS] = { 0 };
	form_normal_equation(o, &moments, a, linear.coefficients);
	r = hk_cholesky_solve(a, linear.coefficients, o->n_terms);
	if (r < 0) {
		return r;
	}
	for (uint32_t k = 0; k < o->n_terms; k++) {
		linear.coefficients[k] /= moments.deviations[k];
	}
	*ret = linear;
	return 0;
}

double hk_linear_at(const struct hk_linear *linear, const double *x)
{
	double y = linear->mean_y;
	for (uint32_t k = 0; k < linear->n_terms; k++) {
		y += linear->coefficients[k] * (x[k] - linear->means[k]);
	}
	return y;
}

double hk_linear_intercept(const struct hk_linear *linear)
{
	static const double origin[HK_MAX_TERMS];
	return hk_linear_at(linear, origin);
}

/* u, u^2, ..., u^degree */
static void powers_of(double u, uint32_t degree, double *ret_powers)
{
	double power = 1.0;
	for (uint32_t k = 0; k < degree; k++) {
		power *= u;
		ret_powers[k] = power;
	}
}

static void find_range(const double *x, size_t n, struct hk_polynomial *ret)
{
	double low = x[0], high = x[0];
	for (size_t i = 1; i < n; i++) {
		low = fmin(low, x[i]);
		high = fmax(high, x[i]);
	}
	ret->centre = low + 0.5 * (high - low);
	ret->half_range = high > low ? 0.5 * (high - low) : 1.0;
}

/* The degree 0: the mean, by the same checks. */
static int fit_mean(struct hk_linear *ret, const double *x, const double *y, size_t n)
{
	const struct hk_observations observations = { .x = x, .y = y, .n = n, .n_terms = 1 };
	struct hk_moments moments;
	const int r = hk_observations_moments(&observations, &moments);
	if (r == 0) {
		*ret = (struct hk_linear){ .mean_y = moments.mean_y };
	}
	return r;
}

static int fit_powers(struct hk_polynomial *polynomial, const double *x, const double *y, size_t n,
	uint32_t degree, hk_linear_fit_fn *fit)
{
	double *terms = calloc(n * degree, sizeof(*terms));
	if (!terms) {
		return -ENOMEM;
	}
	for (size_t i = 0; i < n; i++) {
		powers_of((x[i] - polynomial->centre) / polynomial->half_range, degree,
			terms + i * degree);
	}
	const int r = fit(&polynomial->powers,
		&(struct hk_observations){ .x = terms, .y = y, .n = n, .n_terms = degree });
	free(terms);
	return r;
}

int hk_polynomial_fit(
	struct hk_polynomial *ret, const double *x, const double *y, size_t n, uint32_t degree)
{
	return hk_polynomial_fit_by(ret, x, y, n, degree, hk_linear_fit);
}

int hk_polynomial_fit_by(struct hk_polynomial *ret, const double *x, const double *y, size_t n,
	uint32_t degree, hk_linear_fit_fn *fit)
{
	if (n == 0 || degree > HK_MAX_DEGREE) {
		return -EINVAL;
	}
	struct hk_polynomial polynomial = { 0 };
	find_range(x, n, &polynomial);
	const int r = degree == 0 ? fit_mean(&polynomial.powers, x, y, n)
				  : fit_powers(&polynomial, x, y, n, degree, fit);
	if (r == 0) {
		*ret = polynomial;
	}
	return r;
}

double hk_polynomial_at(const struct hk_polynomial *polynomial, double x)
{
	double powers[HK_MAX_TERMS];
	powers_of((x - polynomial->centre) / polynomial->half_range, polynomial->powers.n_terms,
		powers);
	return hk_linear_at(&polynomial->powers, powers);
}

void hk_polynomial_expand(const struct hk_polynomial *polynomial, double *ret_coefficients)
{
	const uint32_t degree = polynomial->powers.n_terms;
	const double slope = 1.0 / polynomial->half_range;
	const double offset = -polynomial->centre * slope;
	/* Horner's scheme with (slope x + offset) in place of u. */
	memset(ret_coefficients, 0, (degree + 1) * sizeof(*ret_coefficients));
	for (uint32_t k = degree; k > 0; k--) {
		ret_coefficients[0] += polynomial->powers.coefficients[k - 1];
		for (uint32_t j = degree; j > 0; j--) {
			ret_coefficients[j] =
				ret_coefficients[j] * offset + ret_coefficients[j - 1] * slope;
		}
		ret_coefficients[0] *= offset;
	}
	ret_coefficients[0] += hk_linear_intercept(&polynomial->powers);
}

struct hk_residuals hk_residuals_of(const double *y, const double *predicted, size_t n)
{
	struct hk_residuals residuals = { 0 };
	double mean = 0.0, about_mean = 0.0;
	for (size_t i = 0; i < n; i++) {
		mean += y[i] / (double)n;
	}
	for (size_t i = 0; i < n; i++) {
		const double error = fabs(y[i] - predicted[i]);
		residuals.mse += error * error / (double)n;
		residuals.mae += error / (double)n;
		residuals.largest = fmax(residuals.largest, error);
		about_mean += (y[i] - mean) * (y[i] - mean) / (double)n;
	}
	if (about_mean > 0.0) {
		residuals.r2 = 1.0 - residuals.mse / about_mean;
	} else {
		residuals.r2 = residuals.mse > 0.0 ? 0.0 : 1.0;
	}
	return residuals;
}
