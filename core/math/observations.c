/* SPDX-License-Identifier: MIT */
#include "core/math/observations.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>

static bool are_finite(const double *values, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!isfinite(values[i])) {
			return false;
		}
	}
	return true;
}

int hk_observations_moments(const struct hk_observations *o, struct hk_moments *ret)
{
	if (o->n_terms < 1 || o->n_terms > HK_MAX_TERMS || !are_finite(o->x, o->n * o->n_terms) ||
		!are_finite(o->y, o->n)) {
		return -EINVAL;
	}
	struct hk_moments moments = { 0 };
	for (size_t i = 0; i < o->n; i++) {
		moments.total += hk_observation_weight(o, i);
	}
	if (!(moments.total > 0.0 && isfinite(moments.total))) {
		return -EINVAL;
	}
	for (size_t i = 0; i < o->n; i++) {
		const double part = hk_observation_weight(o, i) / moments.total;
		moments.mean_y += part * o->y[i];
		for (uint32_t k = 0; k < o->n_terms; k++) {
			moments.means[k] += part * o->x[i * o->n_terms + k];
		}
	}
	for (uint32_t k = 0; k < o->n_terms; k++) {
		double squares = 0.0;
		for (size_t i = 0; i < o->n; i++) {
			const double d = o->x[i * o->n_terms + k] - moments.means[k];
			squares += hk_observation_weight(o, i) / moments.total * d * d;
		}
		moments.deviations[k] = squares > 0.0 ? sqrt(squares) : 1.0;
	}
	*ret = moments;
	return 0;
}
