/* SPDX-License-Identifier: MIT */
/*
 * surface: what each straight line would cost: the cost over slope and intercept as contours, its
 * minimum marked; for the mean squared and the mean absolute error, or for the cross-entropy of a
 * logistic model.
 */
#pragma once

#include <jansson.h>

#include "clients/fit/solution.h"
#include "core/base/diag.h"

/*
 * Write the picture to PATH (.png or .svg). SOLUTION has one column of x and, if it is a
 * polynomial, degree 1. *ret_report: an array with an object a cost: its minimum and a grid of
 * values; the caller's; on success only. Returns 0; -EINVAL, -EDOM, -EIO, -ENOMEM with DIAG.
 */
int hk_fit_draw_surface(const struct hk_solution *solution, const char *path, json_t **ret_report,
	struct hk_diag *diag);
