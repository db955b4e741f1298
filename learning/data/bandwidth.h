/* SPDX-License-Identifier: MIT */
/*
 * bandwidth: up to which frequency a recording holds sound: half its rate, or less when it was
 * recorded at a lower rate and converted since. That shows as a cliff in its mean spectrum: noise
 * below half of a usual rate, and nothing but rounding above. One object a thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct hk_bandwidth;

/* Returns 0, -ENOMEM. */
int hk_bandwidth_new(struct hk_bandwidth **ret);
void hk_bandwidth_free(struct hk_bandwidth *bandwidth);

/* Begin a recording at RATE_HZ. */
void hk_bandwidth_begin(struct hk_bandwidth *bandwidth, uint32_t rate_hz);

/* Its next frames, mono. */
void hk_bandwidth_push(struct hk_bandwidth *bandwidth, const float *frames, size_t n);

/* Hz above which it holds nothing. */
uint32_t hk_bandwidth_end_hz(const struct hk_bandwidth *bandwidth);
