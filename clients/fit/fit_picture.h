/* SPDX-License-Identifier: MIT */
/*
 * fit_picture: a solution drawn: the observations and the curve over the one column of x, or over
 * the weighted sum of several; below, what the curve leaves.
 */
#pragma once

#include "clients/fit/solution.h"
#include "core/base/diag.h"

/* Write the picture to PATH (.png or .svg). Returns 0; -EINVAL, -EIO, -ENOMEM with DIAG. */
int hk_fit_draw(const struct hk_solution *solution, const char *path, struct hk_diag *diag);
