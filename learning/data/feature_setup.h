/* SPDX-License-Identifier: MIT */
/*
 * feature_setup: what a new model listens with: profile, parameters, rate and window, and the
 * starting values of what is learnt on it.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/base/diag.h"
#include "core/detection/window_pipeline.h"
#include "core/features/profile.h"
#include "learning/data/manifest.h"

/* What suits a profile when the user does not say otherwise. */
struct hk_profile_habits {
	const char *profile;
	const char *parameters; /* as --set takes them */
	double cost;
	double gamma; /* times 1 / n_features */
	double clip;
};

/* The row of PROFILE; profiles without one have the last. */
const struct hk_profile_habits *hk_profile_habits(const char *profile);

/*
 * Make SETUP (its profile is CONFIG) from a profile's name ("": the default one) and PARAMETERS
 * ("key=value;..."; ""); RATE_HZ 0: the profile's, or that of the first recording of MANIFEST that
 * can be read.
 * Returns 0; -EINVAL with DIAG; -ENOENT with DIAG (no readable recording and no rate).
 */
int hk_shape(struct hk_window_pipeline_setup *ret_setup, struct hk_profile_config *ret_config,
	const char *profile, const char *parameters, uint32_t rate_hz,
	const struct hk_manifest *manifest, struct hk_diag *diag);
