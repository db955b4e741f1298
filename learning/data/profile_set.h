/* SPDX-License-Identifier: MIT */
/*
 * profile_set: the parameters of a profile as a command line gives them: "KEY=VALUE;KEY=VALUE".
 */
#pragma once

#include "core/base/diag.h"
#include "core/features/profile.h"

/* Make CONFIG that of the profile NAME, with its defaults. Returns 0; -EINVAL with DIAG listing the
 * profiles. */
int hk_profile_choose(struct hk_profile_config *config, const char *name, struct hk_diag *diag);

/* Change CONFIG by the assignments in TEXT (may be ""). Returns 0; -EINVAL, -ERANGE with DIAG;
 * -ENOMEM. */
int hk_profile_set(struct hk_profile_config *config, const char *text, struct hk_diag *diag);
