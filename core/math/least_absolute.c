/* SPDX-License-Identifier: MIT */
#include "core/math/least_absolute.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#define N_STEPS 60
#define MAX_ROUNDS 100 /* of exchanges; a few do */
#define FIRST 1.0      /* of the mean absolute error of least squares */
#define SHRINKING 0.65 /* a step: 6e-12 at the end */

struct breakpoint {
	double at, weight;
	size_t row;
};

struct scratch {
	double *unit;              /* n */
	struct breakpoint *points; /* n */
};

static double residual(const struct hk_linear *linear, const struct hk_observations *o, size_t i)
{
	return fabs(o->y[i] - hk_linear_at(linear, o->x + i * o->n_terms));
}

static double mean_error(const struct hk_linear *linear, const struct hk_observations *o)
{
	double sum = 0.0;
	for (size_t i = 0; i < o->n; i++) {
		sum += residual(linear, o, i);
	}
	return sum / (double)o->n;
}

/* Fit with WEIGHTS; *BEST and *BEST_ERROR become it if it is better. Returns as hk_linear_fit. */
static int try_weights(const struct hk_observations *o, const double *weights,
	struct hk_linear *ret, struct hk_linear *best, double *best_error)
{
	struct hk_observations weighted = *o;
	weighted.weights = weights;
	const int r = hk_linear_fit(ret, &weighted);
	if (r == 0) {
		const double error = mean_error(ret, o);
		if (error < *best_error) {
			*best = *ret;
			*best_error = error;
		}
	}
	return r;
}

/* Weight 1 for the N_TERMS + 1 rows nearest to LINEAR, 0 for the others. */
static void pick_nearest(
	const struct hk_linear *linear, const struct hk_observations *o, double *ret_weights)
{
	for (size_t i = 0; i < o->n; i++) {
		ret_weights[i] = 0.0;
	}
	for (size_t k = 0; k < (size_t)o->n_terms + 1 && k < o->n; k++) {
		size_t nearest = o->n;
		for (size_t i = 0; i < o->n; i++) {
			if (ret_weights[i] == 0.0 &&
				(nearest == o->n ||
					residual(linear, o, i) < residual(linear, o, nearest))) {
				nearest = i;
			}
		}
		ret_weights[nearest] = 1.0;
	}
}

static int by_place(const void *a, const void *b)
{
	const double x = ((const struct breakpoint *)a)->at, y = ((const struct breakpoint *)b)->at;
	return (x > y) - (x < y);
}

/* The row at which sum |residual - t EDGE(row)| is least in t: the weighted median of residual /
 * EDGE. N: none. */
static size_t end_of_edge(const struct hk_linear *linear, const struct hk_linear *edge,
	const struct hk_observations *o, struct breakpoint *room)
{
	size_t n = 0;
	double total = 0.0, sum = 0.0;
	for (size_t i = 0; i < o->n; i++) {
		const double *x = o->x + i * o->n_terms, slope = hk_linear_at(edge, x);
		if (fabs(slope) > 1e-9) {
			room[n++] =
				(struct breakpoint){ (o->y[i] - hk_linear_at(linear, x)) / slope,
					fabs(slope), i };
			total += fabs(slope);
		}
	}
	qsort(room, n, sizeof(*room), by_place);
	for (size_t k = 0; k < n; k++) {
		sum += room[k].weight;
		if (sum >= 0.5 * total) {
			return room[k].row;
		}
	}
	return o->n;
}

/* Exchange row K of the vertex WEIGHTS if that makes the error smaller. Returns whether it did. */
static bool exchange(const struct hk_observations *o, double *weights, size_t k,
	struct hk_linear *best, double *best_error, struct scratch *scratch)
{
	struct hk_observations along = *o;
	struct hk_linear edge, now;
	for (size_t i = 0; i < o->n; i++) {
		scratch->unit[i] = i == k;
	}
	along.y = scratch->unit;
	along.weights = weights;
	if (hk_linear_fit(&edge, &along) < 0) {
		return false;
	}
	const double before = *best_error;
	const size_t row = end_of_edge(best, &edge, o, scratch->points);
	if (row == o->n || row == k || weights[row] > 0.0) {
		return false;
	}
	weights[k] = 0.0;
	weights[row] = 1.0;
	if (try_weights(o, weights, &now, best, best_error) == 0 &&
		*best_error < before * (1.0 - 1e-14)) {
		return true;
	}
	weights[k] = 1.0;
	weights[row] = 0.0;
	return false;
}

/* From vertex to vertex, downhill. */
static void descend(const struct hk_observations *o, double *weights, struct hk_linear *best,
	double *best_error, struct scratch *scratch)
{
	bool moved = true;
	for (int round = 0; round < MAX_ROUNDS && moved; round++) {
		moved = false;
		for (size_t k = 0; k < o->n; k++) {
			moved |= weights[k] > 0.0 &&
				exchange(o, weights, k, best, best_error, scratch);
		}
	}
}

int hk_least_absolute_fit(struct hk_linear *ret, const struct hk_observations *observations)
{
	struct hk_linear best, now;
	int r = hk_linear_fit(&now, observations);
	if (r < 0) {
		return r;
	}
	double *weights = calloc(observations->n, sizeof(*weights));
	struct scratch scratch = {
		.unit = calloc(observations->n, sizeof(*scratch.unit)),
		.points = calloc(observations->n, sizeof(*scratch.points)),
	};
	r = weights && scratch.unit && scratch.points ? 0 : -ENOMEM;
	if (r < 0) {
		goto out;
	}
	best = now;
	double best_error = mean_error(&now, observations);
	double floor = FIRST * best_error;
	for (int step = 0; step < N_STEPS && r == 0 && floor > 0.0; step++, floor *= SHRINKING) {
		for (size_t i = 0; i < observations->n; i++) {
			weights[i] = floor / fmax(residual(&now, observations, i), floor);
		}
		r = try_weights(observations, weights, &now, &best, &best_error);
	}
	/* A failure here: weights too far apart for the normal equation, near the minimum. */
	pick_nearest(&best, observations, weights);
	double error = HUGE_VAL;
	if (try_weights(observations, weights, &now, &now, &error) == 0) {
		struct hk_linear vertex = now;
		descend(observations, weights, &vertex, &error, &scratch);
		best = error < best_error ? vertex : best;
	}
	*ret = best;
	r = 0;
out:
	free(weights);
	free(scratch.unit);
	free(scratch.points);
	return r;
}
