/* SPDX-License-Identifier: MIT */
/*
 * least_absolute: the weighted sum of terms whose mean absolute error is least (least absolute
 * deviations).
 *
 * Method: least squares again and again with weights 1 / max(|residual|, e), e falling (iteratively
 * re-weighted least squares, Schlossmacher, JASA 68, 1973). The minimum lies in an equation that
 * goes through n_terms + 1 rows, a vertex of the linear programme: from the one it came nearest to,
 * rows are exchanged while that makes the error smaller (as Barrodale and Roberts, SIAM J. Numer.
 * Anal. 10, 1973). Any thread.
 */
#pragma once

#include "core/math/regression.h"

/*
 * OBSERVATIONS: without weights and ridge. Returns as hk_linear_fit; -ENOMEM. *ret untouched on
 * failure. Where several equations have the least error, one of them.
 */
int hk_least_absolute_fit(struct hk_linear *ret, const struct hk_observations *observations);
