/* SPDX-License-Identifier: MIT */
#include "learning/learners/minimise.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define N_PAIRS 10 /* steps that the Hessian is guessed from */
#define MAX_HALVINGS 40
#define SUFFICIENT 1e-4 /* part of the decrease the slope promises that a step must keep */

struct descent {
	const struct hk_minimisation *problem;
	double *memory;
	double *x, *gradient;           /* where it is */
	double *trial, *trial_gradient; /* where it might go */
	double *direction;
	double *divided; /* the newest change, divided by the guess of the Hessian */
	double *moves[N_PAIRS], *changes[N_PAIRS]; /* of x and of the gradient, the newest first */
	double curvatures[N_PAIRS];                /* move'change, > 0 */
	uint32_t n_pairs;
};

static double product(const double *a, const double *b, size_t n)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++) {
		sum += a[i] * b[i];
	}
	return sum;
}

static void add(double *to, double factor, const double *what, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		to[i] += factor * what[i];
	}
}

static int init(struct descent *walk, const struct hk_minimisation *problem, double *x)
{
	const size_t n = problem->n;
	*walk = (struct descent){ .problem = problem, .x = x };
	walk->memory = calloc((5 + 2 * N_PAIRS) * n, sizeof(double));
	if (!walk->memory) {
		return -ENOMEM;
	}
	double *next = walk->memory;
	walk->gradient = next;
	walk->trial = next += n;
	walk->trial_gradient = next += n;
	walk->direction = next += n;
	walk->divided = next += n;
	for (int i = 0; i < N_PAIRS; i++) {
		walk->moves[i] = next += n;
		walk->changes[i] = next += n;
	}
	return 0;
}

static void divide(const struct descent *walk, double *vector)
{
	if (walk->problem->divide) {
		walk->problem->divide(walk->problem->owner, vector);
	}
}

/* How much too steep the guess of the Hessian was along the last step; at first a step of length 1.
 */
static double scale_of(struct descent *walk)
{
	const size_t n = walk->problem->n;
	if (walk->n_pairs > 0) {
		memcpy(walk->divided, walk->changes[0], n * sizeof(double));
		divide(walk, walk->divided);
		return walk->curvatures[0] / product(walk->changes[0], walk->divided, n);
	}
	return walk->problem->divide ? 1 : 1 / sqrt(product(walk->gradient, walk->gradient, n));
}

/* Minus the guessed inverse Hessian times the gradient, by the two loops of algorithm 7.4. */
static void find_direction(struct descent *walk)
{
	const size_t n = walk->problem->n;
	double *direction = walk->direction, shares[N_PAIRS] = { 0 };
	for (size_t i = 0; i < n; i++) {
		direction[i] = -walk->gradient[i];
	}
	for (uint32_t k = 0; k < walk->n_pairs; k++) {
		shares[k] = product(walk->moves[k], direction, n) / walk->curvatures[k];
		add(direction, -shares[k], walk->changes[k], n);
	}
	divide(walk, direction);
	const double scale = scale_of(walk);
	for (size_t i = 0; i < n; i++) {
		direction[i] *= scale;
	}
	for (uint32_t k = walk->n_pairs; k-- > 0;) {
		const double back = product(walk->changes[k], direction, n) / walk->curvatures[k];
		add(direction, shares[k] - back, walk->moves[k], n);
	}
}

/* Along the direction as far as the value falls enough; the value there, or NAN: nowhere. */
static double try_steps(struct descent *walk, double value)
{
	const struct hk_minimisation *problem = walk->problem;
	const double slope = product(walk->direction, walk->gradient, problem->n);
	double length = 1;
	for (int i = 0; i < MAX_HALVINGS && slope < 0; i++, length /= 2) {
		memcpy(walk->trial, walk->x, problem->n * sizeof(double));
		add(walk->trial, length, walk->direction, problem->n);
		const double there =
			problem->function(problem->owner, walk->trial, walk->trial_gradient);
		if (there <= value + SUFFICIENT * length * slope) {
			return there;
		}
	}
	return NAN;
}

/* Go to the trial; what the way there tells of the Hessian takes the place of the oldest. */
static void arrive(struct descent *walk)
{
	const size_t n = walk->problem->n;
	double *move = walk->moves[N_PAIRS - 1], *change = walk->changes[N_PAIRS - 1];
	for (size_t i = 0; i < n; i++) {
		move[i] = walk->trial[i] - walk->x[i];
		change[i] = walk->trial_gradient[i] - walk->gradient[i];
	}
	memcpy(walk->x, walk->trial, n * sizeof(double));
	memcpy(walk->gradient, walk->trial_gradient, n * sizeof(double));
	const double curvature = product(move, change, n);
	if (!(curvature > 0)) {
		/* a straight piece tells nothing; it was written over the oldest */
		walk->n_pairs = walk->n_pairs < N_PAIRS ? walk->n_pairs : N_PAIRS - 1;
		return;
	}
	for (int k = N_PAIRS - 1; k > 0; k--) {
		walk->moves[k] = walk->moves[k - 1];
		walk->changes[k] = walk->changes[k - 1];
		walk->curvatures[k] = walk->curvatures[k - 1];
	}
	walk->moves[0] = move;
	walk->changes[0] = change;
	walk->curvatures[0] = curvature;
	walk->n_pairs = walk->n_pairs < N_PAIRS ? walk->n_pairs + 1 : N_PAIRS;
}

int hk_minimise(const struct hk_minimisation *problem, double *x)
{
	struct descent walk;
	if (init(&walk, problem, x) < 0) {
		return -ENOMEM;
	}
	double value = problem->function(problem->owner, x, walk.gradient);
	const double enough =
		problem->tolerance * sqrt(product(walk.gradient, walk.gradient, problem->n));
	uint32_t step = 0;
	while (step < problem->max_steps &&
		sqrt(product(walk.gradient, walk.gradient, problem->n)) > enough) {
		find_direction(&walk);
		const double there = try_steps(&walk, value);
		if (isnan(there) && walk.n_pairs > 0) {
			walk.n_pairs = 0; /* what was learnt elsewhere misleads here */
			continue;
		}
		if (isnan(there)) {
			break; /* as near as doubles come */
		}
		arrive(&walk);
		value = there;
		step++;
	}
	free(walk.memory);
	return (int)step;
}
