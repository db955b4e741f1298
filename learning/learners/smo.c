/* SPDX-License-Identifier: MIT */
#include "learning/learners/smo.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MIN_BEND 1e-12      /* of two rows that are alike */
#define INNER_SHARE 0.1     /* of the worst violation that a working set is solved to */
#define MAX_INNER_STEPS 100 /* a row of the working set */
#define MAX_ROUNDS 100000   /* rounding has taken over long before */

/* Coefficients with their bounds, and what each would gain by growing: y_i - f(x_i), without the
 * bias. */
struct box {
	size_t n;
	double *coefs, *slopes, *low, *high;
};

struct solver {
	const struct hk_smo *problem;
	double *memory;
	struct box all;     /* n_rows; its coefficients are the caller's */
	struct box set;     /* n_held: the working set */
	double *before;     /* n_held: the set's coefficients as they were */
	size_t *members;    /* n_held: its rows */
	size_t *order;      /* n_rows: by slope */
	bool *is_member;    /* n_rows */
	const float **rows; /* n_held: kernel rows of the members */
	float *kernel;      /* n_held * n_held: among the members */
};

static bool can_grow(const struct box *box, size_t i)
{
	return box->coefs[i] < box->high[i];
}

static bool can_shrink(const struct box *box, size_t i)
{
	return box->coefs[i] > box->low[i];
}

/* ---- two at a time ---- */

/* The coefficient that gains most by growing, or SIZE_MAX. */
static size_t find_first(const struct box *box)
{
	size_t best = SIZE_MAX;
	double steepest = -INFINITY;
	for (size_t i = 0; i < box->n; i++) {
		if (box->slopes[i] > steepest && can_grow(box, i)) {
			steepest = box->slopes[i];
			best = i;
		}
	}
	return best;
}

/*
 * The one whose shrinking by as much as FIRST grows gains most; SIZE_MAX when no pair violates the
 * conditions by more than TOLERANCE. ROW: kernel of the first one.
 */
static size_t find_second(const struct box *box, size_t first, const float *row, double tolerance)
{
	size_t best = SIZE_MAX;
	double most = 0, lowest = INFINITY;
	for (size_t i = 0; i < box->n; i++) {
		const double gap = box->slopes[first] - box->slopes[i];
		if (gap <= 0 || !can_shrink(box, i)) {
			continue;
		}
		const double bend = fmax(2 - 2 * (double)row[i], MIN_BEND);
		lowest = fmin(lowest, box->slopes[i]);
		if (gap * gap > most * bend) {
			most = gap * gap / bend;
			best = i;
		}
	}
	return box->slopes[first] - lowest < tolerance ? SIZE_MAX : best;
}

/* Let I grow and J shrink to where the pair gains nothing more, within their bounds. */
static void move(struct box *box, size_t i, size_t j, const float *row_i, const float *row_j)
{
	const double bend = fmax(2 - 2 * (double)row_i[j], MIN_BEND);
	const double room_i = box->high[i] - box->coefs[i];
	const double room_j = box->coefs[j] - box->low[j];
	const double step = fmin((box->slopes[i] - box->slopes[j]) / bend, fmin(room_i, room_j));
	box->coefs[i] = step == room_i ? box->high[i] : box->coefs[i] + step;
	box->coefs[j] = step == room_j ? box->low[j] : box->coefs[j] - step;
	for (size_t k = 0; k < box->n; k++) {
		box->slopes[k] -= step * ((double)row_i[k] - (double)row_j[k]);
	}
}

static void solve_set(struct solver *solver, double tolerance)
{
	struct box *set = &solver->set;
	size_t left = MAX_INNER_STEPS * set->n;
	while (left-- > 0) {
		const size_t i = find_first(set);
		const float *row_i = solver->kernel + i * set->n;
		const size_t j = i == SIZE_MAX ? i : find_second(set, i, row_i, tolerance);
		if (j == SIZE_MAX) {
			return;
		}
		move(set, i, j, row_i, solver->kernel + j * set->n);
	}
}

/* ---- working sets ---- */

static int by_slope(const void *a, const void *b, void *owner)
{
	const size_t i = *(const size_t *)a, j = *(const size_t *)b;
	const double *slopes = owner;
	return slopes[i] != slopes[j] ? (slopes[i] > slopes[j] ? -1 : 1) : (i > j) - (i < j);
}

/* How much the worst pair of all violates the conditions. */
static double worst_violation(const struct box *all)
{
	double most = -INFINITY, least = INFINITY;
	for (size_t i = 0; i < all->n; i++) {
		most = can_grow(all, i) ? fmax(most, all->slopes[i]) : most;
		least = can_shrink(all, i) ? fmin(least, all->slopes[i]) : least;
	}
	return most - least;
}

static void add_member(struct solver *solver, size_t row)
{
	if (!solver->is_member[row]) {
		solver->is_member[row] = true;
		solver->members[solver->set.n++] = row;
	}
}

/*
 * Members between their bounds stay, up to half of the set: they are what goes back and forth. The
 * others are those that gain most, by growing and by shrinking in turn.
 */
static void choose_set(struct solver *solver)
{
	const struct box *all = &solver->all;
	const size_t n = all->n, n_held = solver->problem->n_held, n_old = solver->set.n;
	memset(solver->is_member, 0, n * sizeof(bool));
	solver->set.n = 0;
	for (size_t k = 0; k < n_old && solver->set.n < n_held / 2; k++) {
		const size_t row = solver->members[k]; /* at or behind the place it is put to */
		if (can_grow(all, row) && can_shrink(all, row)) {
			add_member(solver, row);
		}
	}
	for (size_t i = 0; i < n; i++) {
		solver->order[i] = i;
	}
	qsort_r(solver->order, n, sizeof(size_t), by_slope, all->slopes);
	size_t top = 0, bottom = n;
	while (solver->set.n < n_held && (top < n || bottom > 0)) {
		while (top < n && !can_grow(all, solver->order[top])) {
			top++;
		}
		if (top < n) {
			add_member(solver, solver->order[top++]);
		}
		while (bottom > 0 && !can_shrink(all, solver->order[bottom - 1])) {
			bottom--;
		}
		if (bottom > 0 && solver->set.n < n_held) {
			add_member(solver, solver->order[--bottom]);
		}
	}
}

/* Copy what the set is about. */
static void gather(struct solver *solver)
{
	const struct box *all = &solver->all;
	struct box *set = &solver->set;
	hk_kernel_rows_hold(solver->problem->rows, solver->members, set->n, solver->rows);
	for (size_t k = 0; k < set->n; k++) {
		const size_t row = solver->members[k];
		solver->before[k] = set->coefs[k] = all->coefs[row];
		set->slopes[k] = all->slopes[row];
		set->low[k] = all->low[row];
		set->high[k] = all->high[row];
		for (size_t l = 0; l < set->n; l++) {
			solver->kernel[k * set->n + l] = solver->rows[k][solver->members[l]];
		}
	}
}

/* What the set has become, told to all. */
static void spread(struct solver *solver)
{
	struct box *all = &solver->all;
	for (size_t k = 0; k < solver->set.n; k++) {
		const size_t row = solver->members[k];
		const double change = solver->set.coefs[k] - solver->before[k];
		all->coefs[row] = solver->set.coefs[k];
		for (size_t i = 0; change != 0 && i < all->n; i++) {
			all->slopes[i] -= change * (double)solver->rows[k][i];
		}
	}
	hk_kernel_rows_let_go(solver->problem->rows, solver->members, solver->set.n);
}

/* ---- the whole ---- */

/* Coefficients between their bounds say it; without any it is in the middle of what is possible. */
static double find_bias(const struct box *all)
{
	double sum = 0, least = -INFINITY, most = INFINITY;
	size_t n_free = 0;
	for (size_t i = 0; i < all->n; i++) {
		if (can_grow(all, i) && can_shrink(all, i)) {
			sum += all->slopes[i];
			n_free++;
		} else if (can_grow(all, i)) {
			least = fmax(least, all->slopes[i]);
		} else {
			most = fmin(most, all->slopes[i]);
		}
	}
	return n_free > 0 ? sum / (double)n_free : (least + most) / 2;
}

static void finish(struct solver *solver)
{
	free(solver->memory);
	free(solver->members);
	free(solver->order);
	free(solver->is_member);
	free(solver->rows);
	free(solver->kernel);
}

static int init(struct solver *solver, const struct hk_smo *problem, double *coefs)
{
	const size_t n = problem->n_rows, n_held = problem->n_held;
	double *memory = calloc(3 * n + 5 * n_held, sizeof(double));
	*solver = (struct solver){
		.problem = problem,
		.memory = memory,
		.members = calloc(n_held, sizeof(size_t)),
		.order = calloc(n, sizeof(size_t)),
		.is_member = calloc(n, sizeof(bool)),
		.rows = calloc(n_held, sizeof(float *)),
		.kernel = calloc(n_held * n_held, sizeof(float)),
	};
	if (!memory || !solver->members || !solver->order || !solver->is_member || !solver->rows ||
		!solver->kernel) {
		finish(solver);
		return -ENOMEM;
	}
	double *set = memory + 3 * n;
	solver->all = (struct box){ n, coefs, memory, memory + n, memory + 2 * n };
	solver->set = (struct box){ 0, set, set + n_held, set + 2 * n_held, set + 3 * n_held };
	solver->before = set + 4 * n_held;
	for (size_t i = 0; i < n; i++) {
		const bool is_own = problem->labels[i] == problem->label;
		coefs[i] = 0;
		solver->all.slopes[i] = is_own ? 1 : -1;
		solver->all.low[i] = is_own ? 0 : -problem->costs[1];
		solver->all.high[i] = is_own ? problem->costs[0] : 0;
	}
	return 0;
}

size_t hk_smo_size(size_t n_rows)
{
	return n_rows * (3 * sizeof(double) + sizeof(size_t) + sizeof(bool)) +
		(size_t)HK_SMO_ROWS_HELD * HK_SMO_ROWS_HELD * sizeof(float);
}

int hk_smo_solve(const struct hk_smo *problem, double *ret_coefs, double *ret_bias)
{
	struct solver solver;
	if (init(&solver, problem, ret_coefs) < 0) {
		return -ENOMEM;
	}
	for (uint32_t round = 0; round < MAX_ROUNDS; round++) {
		const double worst = worst_violation(&solver.all);
		if (worst < problem->tolerance) {
			break;
		}
		choose_set(&solver);
		gather(&solver);
		solve_set(&solver, fmax(problem->tolerance / 2, INNER_SHARE * worst));
		spread(&solver);
	}
	*ret_bias = find_bias(&solver.all);
	finish(&solver);
	return 0;
}
