/* SPDX-License-Identifier: MIT */
#include "core/spd.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>

#define SMALLEST_PIVOT 1e-12

int hk_spd_factorise(double *a, uint32_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k <= i; k++) {
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
	}
	return 0;
}

void hk_spd_substitute(const double *factor, double *b, uint32_t n)
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

int hk_spd_solve(double *a, double *b, uint32_t n)
{
	const int r = hk_spd_factorise(a, n);
	if (r == 0) {
		hk_spd_substitute(a, b, n);
	}
	return r;
}
