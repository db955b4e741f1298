/* SPDX-License-Identifier: MIT */
/*
 * capture_options_check: whether a source with these options can exist at all.
 */
#pragma once

#include "core/base/diag.h"
#include "daemon/capture-shared/capture_options.h"

/* Returns 0, or -EINVAL with DIAG: what was found and what was expected. */
int hk_capture_options_check(const struct hk_capture_options *options, struct hk_diag *diag);
