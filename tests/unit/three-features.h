/* SPDX-License-Identifier: MIT */
/*
 * three-features: the smallest profile, for tests of files that name a profile's features. It has
 * no extractor.
 */
#pragma once

#include <stdio.h>

#include "core/features/profile.h"

static inline size_t three_features_count(const void *config)
{
	(void)config;
	return 3;
}

static inline void three_features_name(
	const void *config, size_t index, char ret_name[HK_FEATURE_NAME_SIZE])
{
	(void)config;
	snprintf(ret_name, HK_FEATURE_NAME_SIZE, "f%zu", index);
}

static const struct hk_profile three_features = {
	.name = "three-features",
	.n_features = three_features_count,
	.feature_name = three_features_name,
};
