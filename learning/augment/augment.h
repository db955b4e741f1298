/* SPDX-License-Identifier: MIT */
/*
 * augment: a piece of a recording as it might have been: faster or slower, somewhere else in its
 * first second, with something else in the background, in another room, through another microphone,
 * with noise, at another level.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "learning/base/random.h"

/* Longest result for N samples: the slowest speed. */
size_t hk_augment_room(size_t n);

/*
 * Change *N samples in place; what is done is drawn from RANDOM. PARTNER (N_PARTNER samples, or
 * NULL) may be heard behind it, repeated when it is shorter.
 * Shapes: samples[hk_augment_room(*n)]. Returns 0 with the new length in *n; -ENOMEM.
 */
int hk_augment(float *samples, size_t *n, uint32_t rate_hz, const float *partner, size_t n_partner,
	struct hk_random *random);
