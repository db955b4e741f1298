/* SPDX-License-Identifier: MIT */
/*
 * bundle: the model a command works with.
 */
#pragma once

#include "clients/cli/exit_codes.h"
#include "core/model/model.h"

/*
 * The folder of the model that OPTION names (what --model says: a folder, or the name of a bundle
 * that came with hearken); when it is "" the one that $HEARKEN_MODEL names, or `home`. Says on
 * stderr what is wrong. Shapes: ret_path[PATH_MAX]. Returns HK_EXIT_OK or HK_EXIT_CONFIG.
 */
enum hk_exit hk_bundle_find(const char *option, char *ret_path);

/*
 * Load that model; says on stderr what is wrong.
 * Returns HK_EXIT_OK with *ret for hk_model_free, or HK_EXIT_CONFIG.
 */
enum hk_exit hk_bundle_load(struct hk_model **ret, const char *option);
