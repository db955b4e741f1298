/* SPDX-License-Identifier: MIT */
/*
 * fit_report: a solution in words and numbers.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "clients/cli/output.h"
#include "clients/fit/solution.h"

/* For people. WITH_ROWS: also what the model says of every row, and how far off it is. */
void hk_fit_print(const struct hk_solution *solution, bool with_rows, struct hk_output *out);

/* The same as one object; NULL when out of memory. */
json_t *hk_fit_json(const struct hk_solution *solution, bool with_rows);
