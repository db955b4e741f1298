/* SPDX-License-Identifier: MIT */
/*
 * minimise: the minimum of a smooth convex function of many variables, by L-BFGS: Newton's method
 * with a Hessian that is guessed from the last few steps. One thread; the function may use more.
 *
 * Source: Nocedal and Wright, "Numerical Optimization" (2006), algorithms 7.4 and 3.1.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* The function's value at X. Shapes: x[n], ret_gradient[n]. */
typedef double hk_minimise_fn(void *owner, const double *x, double *ret_gradient);

/* Divide VECTOR in place by a guess of the Hessian, symmetric and positive definite. Shapes:
 * vector[n]. */
typedef void hk_minimise_divide_fn(void *owner, double *vector);

struct hk_minimisation {
	hk_minimise_fn *function;
	hk_minimise_divide_fn *divide; /* NULL: nothing is known of the Hessian */
	void *owner;
	size_t n;
	double tolerance; /* the end: a gradient this small, compared with the one at the start */
	uint32_t max_steps;
};

/*
 * Walk X from where it is to the minimum.
 * Shapes: x[n]. Returns the number of steps, at most max_steps; -ENOMEM (X is as it was).
 */
int hk_minimise(const struct hk_minimisation *problem, double *x);
