/* SPDX-License-Identifier: MIT */
/*
 * cholesky: solves small symmetric positive definite systems (Cholesky). Any thread; no allocation.
 */
#pragma once

#include <stdint.h>

/*
 * Solve A x = b.
 * Shapes: a[n * n], row-major, of which the lower triangle is read and overwritten; b[n], which
 * becomes x. Returns 0; -EDOM when A is not positive definite to within rounding: a pivot below
 * 1e-12 of its diagonal element.
 */
int hk_cholesky_solve(double *a, double *b, uint32_t n);

/* The two steps of it, for several right sides: A = L L' with L in A's lower triangle (0, -EDOM),
 * and then L L' x = b for one b, which becomes x. */
int hk_cholesky_factorise(double *a, uint32_t n);
void hk_cholesky_substitute(const double *factor, double *b, uint32_t n);
