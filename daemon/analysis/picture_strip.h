/* SPDX-License-Identifier: MIT */
/*
 * picture_strip: some columns of the live picture that travel together. A plain value. Any thread.
 */
#pragma once

#include <jansson.h>
#include <stdint.h>

#include "core/features/live_spectrogram.h"

#define HK_PICTURE_STRIP_COLUMNS 4 /* of 20 ms: twelve strips a second */

struct hk_picture_strip {
	uint32_t n_columns; /* one at least; they follow each other without a hole */
	uint32_t n_column_frames;
	struct hk_live_spectrogram_column columns[HK_PICTURE_STRIP_COLUMNS];
};

/* Type Picture of io.hearken, of frames at RATE_HZ. New reference; NULL: out of memory. */
json_t *hk_picture_strip_json(const struct hk_picture_strip *strip, uint32_t rate_hz);
