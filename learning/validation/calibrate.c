/* SPDX-License-Identifier: MIT */
#include "learning/validation/calibrate.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/math/cholesky.h"
#include "core/math/logistic.h"
#include "core/math/softmax.h"

#define MAX_STEPS 100
#define MAX_HALVINGS 40
#define MIN_SLOPE 1e-3
#define RIDGE 1e-6         /* biases are determined up to a constant only */
#define SIGMOID_RIDGE 1e-4 /* scores that tell all would have an infinite slope */

struct fit {
	const double *scores;
	const uint32_t *labels;
	size_t n_rows;
	uint32_t n_labels;
	size_t n; /* parameters: slope, then biases */
	double *parameters, *trial, *step, *hessian;
};

/* Probabilities of ROW; returns its cross-entropy. */
static double probabilities(
	const struct fit *fit, const double *parameters, size_t row, double *ret)
{
	const double *scores = fit->scores + row * fit->n_labels;
	for (uint32_t k = 0; k < fit->n_labels; k++) {
		ret[k] = parameters[0] * scores[k] + parameters[1 + k];
	}
	const double own = ret[fit->labels[row]];
	return hk_softmax(ret, fit->n_labels) - own;
}

static double pull(const struct fit *fit, const double *parameters)
{
	double sum = 0;
	for (uint32_t k = 0; k < fit->n_labels; k++) {
		sum += parameters[1 + k] * parameters[1 + k];
	}
	return 0.5 * RIDGE * sum;
}

static double loss(const struct fit *fit, const double *parameters)
{
	double p[HK_MAX_CLASSES], sum = 0;
	for (size_t row = 0; row < fit->n_rows; row++) {
		sum += probabilities(fit, parameters, row, p);
	}
	return sum / (double)fit->n_rows + pull(fit, parameters);
}

/* Gradient (in `step`) and Hessian of the loss at the parameters. */
static void derive(struct fit *fit)
{
	const size_t n = fit->n;
	const double weight = 1 / (double)fit->n_rows;
	double p[HK_MAX_CLASSES];
	memset(fit->step, 0, n * sizeof(double));
	memset(fit->hessian, 0, n * n * sizeof(double));
	for (size_t row = 0; row < fit->n_rows; row++) {
		const double *scores = fit->scores + row * fit->n_labels;
		double mean = 0;
		probabilities(fit, fit->parameters, row, p);
		for (uint32_t k = 0; k < fit->n_labels; k++) {
			mean += p[k] * scores[k];
		}
		fit->step[0] += weight * (mean - scores[fit->labels[row]]);
		for (uint32_t k = 0; k < fit->n_labels; k++) {
			const double deviation = p[k] * (scores[k] - mean);
			fit->step[1 + k] += weight * (p[k] - (k == fit->labels[row]));
			fit->hessian[0] += weight * deviation * scores[k];
			fit->hessian[1 + k] += weight * deviation;
			for (uint32_t j = 0; j <= k; j++) {
				fit->hessian[(1 + k) * n + 1 + j] +=
					weight * p[k] * ((j == k) - p[j]);
			}
		}
	}
	for (uint32_t k = 0; k < fit->n_labels; k++) {
		fit->step[1 + k] += RIDGE * fit->parameters[1 + k];
		fit->hessian[(1 + k) * n] = fit->hessian[1 + k];
		fit->hessian[(1 + k) * n + 1 + k] += RIDGE;
	}
	fit->hessian[0] += RIDGE;
}

/* Walk along the step until the loss falls. Returns by how much. */
static double descend(struct fit *fit)
{
	const double before = loss(fit, fit->parameters);
	double length = 1;
	for (int i = 0; i < MAX_HALVINGS; i++, length /= 2) {
		for (size_t j = 0; j < fit->n; j++) {
			fit->trial[j] = fit->parameters[j] - length * fit->step[j];
		}
		fit->trial[0] = fmax(fit->trial[0], MIN_SLOPE);
		const double after = loss(fit, fit->trial);
		if (after < before) {
			memcpy(fit->parameters, fit->trial, fit->n * sizeof(double));
			return before - after;
		}
	}
	return 0;
}

static int fit_softmax(struct hk_calibration *ret, const double *scores, const uint32_t *labels,
	size_t n_rows, uint32_t n_labels)
{
	const size_t n = 1 + n_labels;
	double *memory = calloc(n * n + 3 * n, sizeof(double));
	if (!memory) {
		return -ENOMEM;
	}
	struct fit fit = {
		.scores = scores,
		.labels = labels,
		.n_rows = n_rows,
		.n_labels = n_labels,
		.n = n,
		.parameters = memory,
		.trial = memory + n,
		.step = memory + 2 * n,
		.hessian = memory + 3 * n,
	};
	fit.parameters[0] = 1;
	for (int i = 0; i < MAX_STEPS; i++) {
		derive(&fit);
		if (hk_cholesky_solve(fit.hessian, fit.step, (uint32_t)n) < 0 ||
			descend(&fit) < 1e-12) {
			break;
		}
	}
	ret->slope[0] = fit.parameters[0];
	memcpy(ret->bias, fit.parameters + 1, n_labels * sizeof(double));
	free(memory);
	return 0;
}

static int fit_sigmoid(
	struct hk_calibration *ret, uint32_t label, const struct hk_observations *observations)
{
	struct hk_logistic logistic;
	const int r = hk_logistic_fit(&logistic, observations);
	if (r < 0) {
		return r;
	}
	ret->slope[label] = fmax(logistic.coefficients[0], MIN_SLOPE);
	ret->bias[label] = logistic.intercept;
	return 0;
}

static int fit_sigmoids(struct hk_calibration *ret, const double *scores, const uint32_t *labels,
	size_t n_rows, uint32_t n_labels)
{
	double *memory = calloc(2 * n_rows, sizeof(double));
	if (!memory) {
		return -ENOMEM;
	}
	const struct hk_observations observations = {
		.x = memory,
		.y = memory + n_rows,
		.n = n_rows,
		.n_terms = 1,
		.ridge = SIGMOID_RIDGE,
	};
	int r = 0;
	for (uint32_t c = 0; c < n_labels && r == 0; c++) {
		for (size_t row = 0; row < n_rows; row++) {
			memory[row] = scores[row * n_labels + c];
			memory[n_rows + row] = labels[row] == c;
		}
		r = fit_sigmoid(ret, c, &observations);
	}
	free(memory);
	return r;
}

int hk_calibrate(struct hk_calibration *ret, enum hk_calibration_method method,
	const double *scores, const uint32_t *labels, size_t n_rows, uint32_t n_labels)
{
	assert(method == HK_CALIBRATION_SOFTMAX || method == HK_CALIBRATION_SIGMOID);
	if (n_rows == 0) {
		return -EINVAL;
	}
	struct hk_calibration calibration = { .method = method };
	const int r = method == HK_CALIBRATION_SOFTMAX
		? fit_softmax(&calibration, scores, labels, n_rows, n_labels)
		: fit_sigmoids(&calibration, scores, labels, n_rows, n_labels);
	if (r == 0) {
		*ret = calibration;
	}
	return r;
}
