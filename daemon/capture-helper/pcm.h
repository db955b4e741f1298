/* SPDX-License-Identifier: MIT */
/*
 * pcm: raw little-endian samples as they come out of a pipe. Any host's byte order.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "daemon/capture-shared/capture_options.h"

/* Bytes of one sample. */
size_t hk_pcm_size(enum hk_sample_format format);

/* Shapes: bytes[n_samples * hk_pcm_size], ret[n_samples]. What is not a number stays as it is. */
void hk_pcm_decode(
	const uint8_t *bytes, size_t n_samples, enum hk_sample_format format, float *ret);
