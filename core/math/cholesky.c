/* SPDX-License-Identifier: MIT */
#include "core/math/cholesky.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#define SMALLEST_PIVOT 1e-12

#define AT_ONCE 4 /* rows: one sum alone waits for each of its steps */

/* Elements 0 .. I - 1 of the rows I .. I + AT_ONCE - 1, each as it would be alone. */
static void fill_rows(double *a, uint32_t n, size_t i)
{
	double *const rows[AT_ONCE] = { a + i * n, a + (i + 1) * n, a + (i + 2) * n,
		a + (i + 3) * n };
	for (size_t k = 0; k < i; k++) {
		const double *above = a + k * n;
		double rest[AT_ONCE] = { rows[0][k], rows[1][k], rows[2][k], rows[3][k] };
		for (size_t j = 0; j < k; j++) {
			for (size_t r = 0; r < AT_ONCE; r++) {
				rest[r] -= rows[r][j] * above[j];
			}
		}
		for (size_t r = 0; r < AT_ONCE; r++) {
			rows[r][k] = rest[r] / above[k];
		}
	}
}

/* Elements FIRST .. I of row I. Returns 0, -EDOM. */
static int finish_row(double *a, uint32_t n, size_t i, size_t first)
{
	for (size_t k = first; k <= i; k++) {
		double rest = a[i * n + k];
		for (size_t j = 0; j < k; j++) {
			rest -= a[i * n + j] * a[k * n + j];
		}
		if (k < i) {
			a[i * n + k] = rest / a[k * n + k];
			continue;
		}
		if (!(rest > SMALLEST_PIVOT * a[i * n + i])) {
			return -EDOM;
		}
		a[i * n + i] = sqrt(rest);
	}
	return 0;
}

int hk_cholesky_factorise(double *a, uint32_t n)
{
	int r = 0;
	for (size_t i = 0; i < n && r == 0; i++) {
		const size_t first = i / AT_ONCE * AT_ONCE; /* of its group */
		const bool whole = first + AT_ONCE <= n;
		if (whole && i == first) {
			fill_rows(a, n, i);
		}
		r = finish_row(a, n, i, whole ? first : 0);
	}
	return r;
}

void hk_cholesky_substitute(const double *factor, double *b, uint32_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < i; j++) {
			b[i] -= factor[i * n + j] * b[j];
		}
		b[i] /= factor[i * n + i];
	}
	for (size_t i = n; i-- > 0;) {
		b[i] /= factor[i * n + i];
		for (size_t j = 0; j < i; j++) {
			b[j] -= factor[i * n + j] * b[i]; /* along a row: in the cache */
		}
	}
}

int hk_cholesky_solve(double *a, double *b, uint32_t n)
{
	const int r = hk_cholesky_factorise(a, n);
	if (r == 0) {
		hk_cholesky_substitute(a, b, n);
	}
	return r;
}
