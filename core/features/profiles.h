/* SPDX-License-Identifier: MIT */
/*
 * profiles: the table of all feature profiles.
 */
#pragma once

#include "core/features/profile.h"

/* All profiles, NULL-terminated. */
extern const struct hk_profile *const hk_profiles[];

/* The row of NAME, or NULL. */
const struct hk_profile *hk_profile_find(const char *name);
