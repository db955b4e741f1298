/* SPDX-License-Identifier: MIT */
/* labels: a model of three classes and nothing else, for the targets that read rules. One thread.
 */
#pragma once

#include "core/model/model.h"

#define FUZZ_N_LABELS 3

/* Labels alarm, music and silence, rules as they are without a word. The same each time. */
const struct hk_model *fuzz_labels(void);
