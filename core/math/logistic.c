/* SPDX-License-Identifier: MIT */
#include "core/math/logistic.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "core/math/cholesky.h"

#define MAX_ITERATIONS 100
#define MAX_HALVINGS 40
#define TOLERANCE 1e-12 /* relative decrease of the loss that ends the fit */
#define N_PARAMETERS (HK_MAX_TERMS + 1)

/* Terms are fitted at zero mean and unit deviation; parameter 0 is the intercept. */
struct problem {
	const struct hk_observations *o;
	struct hk_moments moments;
};

double hk_sigmoid(double z)
{
	const double e = exp(-fabs(z));
	return z >= 0.0 ? 1.0 / (1.0 + e) : e / (1.0 + e);
}

double hk_cross_entropy(double z, double y)
{
	return fmax(z, 0.0) + log1p(exp(-fabs(z))) - y * z;
}

static double term(const struct problem *problem, size_t i, uint32_t k)
{
	const double x = problem->o->x[i * problem->o->n_terms + k];
	return (x - problem->moments.means[k]) / problem->moments.deviations[k];
}

static double sum_at(const struct problem *problem, const double *parameters, size_t i)
{
	double z = parameters[0];
	for (uint32_t k = 0; k < problem->o->n_terms; k++) {
		z += parameters[k + 1] * term(problem, i, k);
	}
	return z;
}

/* Mean cross-entropy plus penalty. */
static double loss(const struct problem *problem, const double *parameters)
{
	const struct hk_observations *o = problem->o;
	double sum = 0.0, penalty = 0.0;
	for (size_t i = 0; i < o->n; i++) {
		sum += hk_observation_weight(o, i) *
			hk_cross_entropy(sum_at(problem, parameters, i), o->y[i]);
	}
	for (uint32_t k = 1; k <= o->n_terms; k++) {
		penalty += parameters[k] * parameters[k];
	}
	return sum / problem->moments.total + 0.5 * o->ridge * penalty;
}

/* Newton's step: minus the gradient divided by the Hessian. */
static int find_step(const struct problem *problem, const double *parameters, double *ret_step)
{
	const struct hk_observations *o = problem->o;
	const uint32_t n = o->n_terms + 1;
	double hessian[N_PARAMETERS * N_PARAMETERS] = { 0 };
	memset(ret_step, 0, n * sizeof(*ret_step));
	for (size_t i = 0; i < o->n; i++) {
		double row[N_PARAMETERS] = { 1.0 };
		for (uint32_t k = 1; k < n; k++) {
			row[k] = term(problem, i, k - 1);
		}
		const double p = hk_sigmoid(sum_at(problem, parameters, i));
		const double weight = hk_observation_weight(o, i) / problem->moments.total;
		for (uint32_t k = 0; k < n; k++) {
			ret_step[k] += weight * (o->y[i] - p) * row[k];
			for (uint32_t j = 0; j <= k; j++) {
				hessian[k * n + j] += weight * p * (1.0 - p) * row[k] * row[j];
			}
		}
	}
	for (uint32_t k = 1; k < n; k++) {
		ret_step[k] -= o->ridge * parameters[k];
		hessian[k * n + k] += o->ridge;
	}
	return hk_cholesky_solve(hessian, ret_step, n);
}

/* Shorten STEP until it leads downhill. Returns the loss there, or the old one when there is no
 * such way. */
static double take_step(
	const struct problem *problem, double *parameters, const double *step, double before)
{
	const uint32_t n = problem->o->n_terms + 1;
	double length = 1.0;
	for (int halving = 0; halving < MAX_HALVINGS; halving++, length *= 0.5) {
		double candidate[N_PARAMETERS];
		for (uint32_t k = 0; k < n; k++) {
			candidate[k] = parameters[k] + length * step[k];
		}
		const double after = loss(problem, candidate);
		if (after < before) {
			memcpy(parameters, candidate, n * sizeof(*parameters));
			return after;
		}
	}
	return before;
}

int hk_logistic_fit(struct hk_logistic *ret, const struct hk_observations *observations)
{
	struct problem problem = { .o = observations };
	int r = hk_observations_moments(observations, &problem.moments);
	if (r < 0) {
		return r;
	}
	for (size_t i = 0; i < observations->n; i++) {
		if (observations->y[i] < 0.0 || observations->y[i] > 1.0) {
			return -EINVAL;
		}
	}
	double parameters[N_PARAMETERS] = { 0 }, step[N_PARAMETERS];
	double before = loss(&problem, parameters);
	for (uint32_t iteration = 1; iteration <= MAX_ITERATIONS; iteration++) {
		r = find_step(&problem, parameters, step);
		if (r < 0) {
			return r;
		}
		const double after = take_step(&problem, parameters, step, before);
		if (before - after > TOLERANCE * before) {
			before = after;
			continue;
		}
		struct hk_logistic logistic = {
			.n_terms = observations->n_terms,
			.intercept = parameters[0],
			.n_iterations = iteration,
		};
		for (uint32_t k = 0; k < logistic.n_terms; k++) {
			logistic.coefficients[k] =
				parameters[k + 1] / problem.moments.deviations[k];
			logistic.intercept -= logistic.coefficients[k] * problem.moments.means[k];
		}
		*ret = logistic;
		return 0;
	}
	return -EDOM;
}

static double linear_sum(const struct hk_logistic *logistic, const double *x)
{
	double z = logistic->intercept;
	for (uint32_t k = 0; k < logistic->n_terms; k++) {
		z += logistic->coefficients[k] * x[k];
	}
	return z;
}

double hk_logistic_at(const struct hk_logistic *logistic, const double *x)
{
	return hk_sigmoid(linear_sum(logistic, x));
}

struct hk_logistic_quality hk_logistic_quality_of(const struct hk_logistic *logistic,
	const struct hk_observations *observations, double threshold)
{
	struct hk_logistic_quality quality = { 0 };
	for (size_t i = 0; i < observations->n; i++) {
		const double z = linear_sum(logistic, observations->x + i * logistic->n_terms);
		const double y = observations->y[i];
		const bool yes = y >= 0.5, said_yes = hk_sigmoid(z) >= threshold;
		if (said_yes) {
			++*(yes ? &quality.n_true_yes : &quality.n_false_yes);
		} else {
			++*(yes ? &quality.n_false_no : &quality.n_true_no);
		}
		quality.cross_entropy += hk_cross_entropy(z, y) / (double)observations->n;
	}
	quality.accuracy =
		(double)(quality.n_true_yes + quality.n_true_no) / (double)observations->n;
	return quality;
}
