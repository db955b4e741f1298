/* SPDX-License-Identifier: MIT */
#include "learning/learners/distances.h"

#include "core/math/multiversion.h"

#define N_LANES 8

typedef float lanes __attribute__((vector_size(N_LANES * sizeof(float)), may_alias));

_Static_assert(HK_DISTANCES_FEW == 4, "the loop below is written out for four");

/* By address: how a vector wider than the baseline's is passed by value depends on the instruction
 * set. */
HK_INLINE float sum_of(const lanes *values)
{
	float sum = 0;
	for (int i = 0; i < N_LANES; i++) {
		sum += (*values)[i];
	}
	return sum;
}

HK_INLINE void distances_body(
	const float *const *few, const float *many, size_t n_many, size_t stride, float *const *ret)
{
	for (size_t i = 0; i < n_many; i++) {
		const float *row = many + i * stride;
		lanes s0 = { 0 }, s1 = { 0 }, s2 = { 0 }, s3 = { 0 };
		for (size_t j = 0; j < stride; j += N_LANES) {
			const lanes x = *(const lanes *)(row + j);
			const lanes d0 = *(const lanes *)(few[0] + j) - x;
			const lanes d1 = *(const lanes *)(few[1] + j) - x;
			const lanes d2 = *(const lanes *)(few[2] + j) - x;
			const lanes d3 = *(const lanes *)(few[3] + j) - x;
			s0 += d0 * d0;
			s1 += d1 * d1;
			s2 += d2 * d2;
			s3 += d3 * d3;
		}
		ret[0][i] = sum_of(&s0);
		ret[1][i] = sum_of(&s1);
		ret[2][i] = sum_of(&s2);
		ret[3][i] = sum_of(&s3);
	}
}

HK_MULTIVERSION_VOID(distances,
	(const float *const *few, const float *many, size_t n_many, size_t stride,
		float *const *ret),
	(few, many, n_many, stride, ret))

void hk_distances(const float *const few[HK_DISTANCES_FEW], const float *many, size_t n_many,
	size_t stride, float *const ret[HK_DISTANCES_FEW])
{
	distances(few, many, n_many, stride, ret);
}
