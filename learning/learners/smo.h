/* SPDX-License-Identifier: MIT */
/*
 * smo: one binary C-SVC: the coefficients b of f(x) = sum b_i K(x_i, x) + bias that minimise
 * 1/2 b'Kb - y'b, with y = +-1, b_i between 0 and y_i times the row's cost, and sum b_i = 0.
 *
 * It stops where libsvm stops, when no pair of coefficients violates the optimality conditions by
 * more than the tolerance, and goes there by dense kernel rows that several problems share
 * (kernel_rows.h): some hundred of the coefficients that violate them most are solved among
 * themselves, two at a time, then the next. Sources: Fan, Chen and Lin, "Working set selection
 * using second order information for training support vector machines" (2005), WSS 2; Joachims,
 * "Making large-scale SVM learning practical" (1998), for the working sets; libsvm 3.24
 * calculate_rho.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "learning/learners/kernel_rows.h"

#define HK_SMO_ROWS_HELD 512 /* at a time, at most */

struct hk_smo {
	struct hk_kernel_rows *rows;
	const uint32_t *labels; /* n_rows */
	size_t n_rows;
	uint32_t label;   /* y is 1 for this one, -1 for the others */
	double costs[2];  /* of rows with the label, and without */
	double tolerance; /* libsvm's eps */
	size_t n_held;    /* kernel rows that may be held: 2..HK_SMO_ROWS_HELD */
};

/* Bytes that solving a problem of N_ROWS takes beside the kernel rows. */
size_t hk_smo_size(size_t n_rows);

/* Shapes: ret_coefs[n_rows], 0 for rows that are no support vectors. Returns 0, -ENOMEM. */
int hk_smo_solve(const struct hk_smo *problem, double *ret_coefs, double *ret_bias);
