/* SPDX-License-Identifier: MIT */
/*
 * room: a recording as another room would have it: convolution with a random impulse response of
 * direct sound, a few early reflections and an exponentially decaying tail of noise.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "learning/base/random.h"

/*
 * Put N samples in place into a room drawn from RANDOM: 0.1 to 1 s of reverberation, direct sound
 * from 12 dB below to 15 dB above the rest. Returns 0, -ENOMEM.
 */
int hk_room_apply(float *samples, size_t n, uint32_t rate_hz, struct hk_random *random);
