/* SPDX-License-Identifier: MIT */
/*
 * model_text: what a loaded bundle is, as JSON for programs and as lines for people.
 */
#pragma once

#include <jansson.h>
#include <stdint.h>

#include "clients/cli/output.h"
#include "core/model/model.h"

/* N_BYTES: of the bundle's files. NULL when out of memory. */
json_t *hk_model_json(const struct hk_model *model, const char *path, uint64_t n_bytes);

void hk_model_print(
	const struct hk_model *model, const char *path, uint64_t n_bytes, struct hk_output *out);
