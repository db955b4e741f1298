/* SPDX-License-Identifier: MIT */
/*
 * reverb: a room: four feedback combs in parallel, then two all-passes, added to the direct sound.
 * Decays by 60 dB in 0.6 s; of white noise, the room is as loud as the direct sound. One object a
 * thread. Source: M. R. Schroeder, Natural Sounding Artificial Reverberation, JAES 10 (1962).
 */
#pragma once

#include <stdint.h>

struct hk_reverb;

/* Returns 0, -ENOMEM. */
int hk_reverb_new(struct hk_reverb **ret, uint32_t rate_hz);
void hk_reverb_free(struct hk_reverb *reverb);

/* The next sample. */
double hk_reverb_step(struct hk_reverb *reverb, double x);
