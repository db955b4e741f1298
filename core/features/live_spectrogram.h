/* SPDX-License-Identifier: MIT */
/*
 * live_spectrogram: a stream of frames as a picture that scrolls: per column the extent of the waveform and
 * the spectrum in rows of log frequency, without the DC offset (highpass.h). For live views and
 * plots; nothing is decided by it.
 *
 * A column stands for hk_picture_column_frames frames (20 ms); its spectrum is that of the 40 ms
 * or more that end with it. One thread at a time; hk_picture_push allocates nothing. Not real-time.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define HK_PICTURE_ROWS 64
#define HK_PICTURE_FLOOR_DB (-100) /* nothing is darker than this */
#define HK_PICTURE_FMIN_HZ 60.0    /* lower edge of the lowest row */

struct hk_picture_column {
	uint64_t first_frame;
	float minimum, maximum; /* of the waveform */
	int8_t db
		[HK_PICTURE_ROWS]; /* strongest bin of each row, low first; 0 = a full-scale sine */
};

typedef void hk_picture_sink_fn(void *owner, const struct hk_picture_column *column);

struct hk_picture;

/* RATE_HZ: 1000..768000. Returns 0, -EINVAL, -ENOMEM. */
int hk_picture_new(
	struct hk_picture **ret, uint32_t rate_hz, hk_picture_sink_fn *sink, void *owner);
void hk_picture_free(struct hk_picture *picture);

uint32_t hk_picture_column_frames(const struct hk_picture *picture);

/* Lower edge of ROW in Hz, of frames at RATE_HZ; of HK_PICTURE_ROWS: the upper edge of the highest. */
double hk_picture_row_hz(uint32_t rate_hz, unsigned row);

/* Shapes: frames[n_frames], mono; what is no sound (sample.h) counts as 0. A position that does not
 * follow the last one begins anew. */
void hk_picture_push(
	struct hk_picture *picture, uint64_t first_frame, const float *frames, size_t n_frames);
