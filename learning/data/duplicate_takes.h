/* SPDX-License-Identifier: MIT */
/*
 * duplicate_takes: recordings that are there twice, under whatever name: their windows are the same
 * to the last bit. Under two classes they contradict each other; in two groups what is tested is
 * learnt.
 */
#pragma once

#include "learning/data/dataset.h"
#include "learning/data/manifest.h"

/* A_TAKE and B_TAKE (indices in the manifest) hold the same, and differ in class or group. */
typedef void hk_double_sink_fn(void *owner, size_t a_take, size_t b_take);

/* Tell SINK of each pair of neighbours among equal takes. Returns 0, -ENOMEM. */
int hk_doubles_find(const struct hk_dataset *dataset, const struct hk_manifest *manifest,
	hk_double_sink_fn *sink, void *owner);
