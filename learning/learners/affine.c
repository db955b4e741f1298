/* SPDX-License-Identifier: MIT */
#include "learning/learners/affine.h"

#include "core/math/multiversion.h"

typedef double lanes __attribute__((
	vector_size(HK_AFFINE_LANES * sizeof(double)), aligned(sizeof(double)), may_alias));

_Static_assert(HK_AFFINE_ROWS == 4, "the loops below are written out for four");

HK_INLINE void apply_body(const struct hk_affine *affine, const double *weights,
	const float *const *rows, double *ret)
{
	const size_t width = affine->width, n = affine->n_features;
	for (size_t first = 0; first < width; first += HK_AFFINE_LANES) {
		const lanes bias = *(const lanes *)(weights + n * width + first);
		lanes z0 = bias, z1 = bias, z2 = bias, z3 = bias;
		for (size_t j = 0; j < n; j++) {
			const lanes w = *(const lanes *)(weights + j * width + first);
			z0 += (double)rows[0][j] * w;
			z1 += (double)rows[1][j] * w;
			z2 += (double)rows[2][j] * w;
			z3 += (double)rows[3][j] * w;
		}
		*(lanes *)(ret + first) = z0;
		*(lanes *)(ret + width + first) = z1;
		*(lanes *)(ret + 2 * width + first) = z2;
		*(lanes *)(ret + 3 * width + first) = z3;
	}
}

HK_INLINE void add_gradient_body(const struct hk_affine *affine, const float *const *rows,
	const double *residuals, double *gradient)
{
	const size_t width = affine->width, n = affine->n_features;
	for (size_t first = 0; first < width; first += HK_AFFINE_LANES) {
		const lanes r0 = *(const lanes *)(residuals + first);
		const lanes r1 = *(const lanes *)(residuals + width + first);
		const lanes r2 = *(const lanes *)(residuals + 2 * width + first);
		const lanes r3 = *(const lanes *)(residuals + 3 * width + first);
		for (size_t j = 0; j < n; j++) {
			lanes *sum = (lanes *)(gradient + j * width + first);
			*sum += ((double)rows[0][j] * r0 + (double)rows[1][j] * r1) +
				((double)rows[2][j] * r2 + (double)rows[3][j] * r3);
		}
		*(lanes *)(gradient + n * width + first) += (r0 + r1) + (r2 + r3);
	}
}

HK_MULTIVERSION_VOID(apply,
	(const struct hk_affine *affine, const double *weights, const float *const *rows,
		double *ret),
	(affine, weights, rows, ret))

HK_MULTIVERSION_VOID(add_gradient,
	(const struct hk_affine *affine, const float *const *rows, const double *residuals,
		double *gradient),
	(affine, rows, residuals, gradient))

void hk_affine_apply(const struct hk_affine *affine, const double *weights,
	const float *const rows[HK_AFFINE_ROWS], double *ret)
{
	apply(affine, weights, rows, ret);
}

void hk_affine_add_gradient(const struct hk_affine *affine, const float *const rows[HK_AFFINE_ROWS],
	const double *residuals, double *gradient)
{
	add_gradient(affine, rows, residuals, gradient);
}
