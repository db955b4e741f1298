/* SPDX-License-Identifier: MIT */
/*
 * augmented_copies: a take with changes drawn from a seed (augment.h), in pieces of at most half a
 * minute, each changed in its own way. One object a thread; it holds one piece and ten seconds of a
 * partner.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/base/diag.h"
#include "learning/base/random.h"
#include "learning/data/manifest.h"

struct hk_copier;

/* A changed piece, at the copier's rate, valid until it returns. A negative result ends the copy.
 */
typedef int hk_copy_sink_fn(void *owner, const float *samples, size_t n_samples);

/* RATE_HZ: of what comes out. Returns 0, -ENOMEM. */
int hk_copier_new(struct hk_copier **ret, uint32_t rate_hz);
void hk_copier_free(struct hk_copier *copier);

/*
 * Copy TAKE, perhaps with PARTNER (or NULL) behind it. Returns 0; as hk_take_read; what SINK
 * returned; -ENOMEM.
 */
int hk_copy_take(struct hk_copier *copier, const struct hk_take *take,
	const struct hk_take *partner, struct hk_random random, hk_copy_sink_fn *sink, void *owner,
	struct hk_diag *diag);
