/* SPDX-License-Identifier: MIT */
#include "clients/train/softmax.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/spd.h"

#define MAX_STEPS 100
#define MAX_HALVINGS 40
#define MIN_SLOPE 1e-3
#define RIDGE 1e-6 /* biases are determined up to a constant only */

struct fit {
	const double *scores;
	const uint32_t *labels;
	const double *weights;
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
	double top = -INFINITY, sum = 0;
	for (uint32_t k = 0; k < fit->n_labels; k++) {
		ret[k] = parameters[0] * scores[k] + parameters[1 + k];
		top = fmax(top, ret[k]);
	}
	const double own = ret[fit->labels[row]] - top;
	for (uint32_t k = 0; k < fit->n_labels; k++) {
		ret[k] = exp(ret[k] - top);
		sum += ret[k];
	}
	for (uint32_t k = 0; k < fit->n_labels; k++) {
		ret[k] /= sum;
	}
	return log(sum) - own;
}

static double weight_of(const struct fit *fit, size_t row)
{
	return fit->weights ? fit->weights[row] : 1;
}

static double total_weight(const struct fit *fit)
{
	double sum = 0;
	for (size_t row = 0; row < fit->n_rows; row++) {
		sum += weight_of(fit, row);
	}
	return sum;
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
		sum += weight_of(fit, row) * probabilities(fit, parameters, row, p);
	}
	return sum / total_weight(fit) + pull(fit, parameters);
}

/* Gradient (in `step`) and Hessian of the loss at the parameters. */
static void derive(struct fit *fit)
{
	const size_t n = fit->n;
	const double total = total_weight(fit);
	double p[HK_MAX_CLASSES];
	memset(fit->step, 0, n * sizeof(double));
	memset(fit->hessian, 0, n * n * sizeof(double));
	for (size_t row = 0; row < fit->n_rows; row++) {
		const double *scores = fit->scores + row * fit->n_labels;
		const double weight = weight_of(fit, row) / total;
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

int hk_softmax_fit(struct hk_calibration *ret, const double *scores, const uint32_t *labels,
	const double *weights, size_t n_rows, uint32_t n_labels)
{
	if (n_rows == 0) {
		return -EINVAL;
	}
	const size_t n = 1 + n_labels;
	double *memory = calloc(n * n + 3 * n, sizeof(double));
	if (!memory) {
		return -ENOMEM;
	}
	struct fit fit = {
		.scores = scores,
		.labels = labels,
		.weights = weights,
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
		if (hk_spd_solve(fit.hessian, fit.step, (uint32_t)n) < 0 || descend(&fit) < 1e-12) {
			break;
		}
	}
	*ret = (struct hk_calibration){ .method = HK_CALIBRATION_SOFTMAX };
	ret->slope[0] = fit.parameters[0];
	memcpy(ret->bias, fit.parameters + 1, n_labels * sizeof(double));
	free(memory);
	return 0;
}
