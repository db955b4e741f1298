/* SPDX-License-Identifier: MIT */
/*
 * print: an evaluation for people (text) and for programs (JSON).
 */
#pragma once

#include <jansson.h>

#include "clients/cli/output.h"
#include "clients/evaluate/evaluation.h"

void hk_evaluation_print(const struct hk_evaluation *evaluation, struct hk_output *out);

/* NULL: out of memory. */
json_t *hk_evaluation_json(const struct hk_evaluation *evaluation);
