/* SPDX-License-Identifier: MIT */
/*
 * live_spectrogram: a stream of frames as a picture that scrolls: per column the extent of the
 * waveform and the spectrum in rows of log frequency, without the DC offset (highpass.h). For live
 * views and plots; nothing is decided by it.
 *
 * A column stands for hk_live_spectrogram_column_frames frames (20 ms); its spectrum is that of the
 * 40 ms or more that end with it. One thread at a time; hk_live_spectrogram_push allocates nothing.
 * Not real-time.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define HK_LIVE_SPECTROGRAM_ROWS 64
#define HK_LIVE_SPECTROGRAM_FLOOR_DB (-100) /* nothing is darker than this */
#define HK_LIVE_SPECTROGRAM_FMIN_HZ 60.0    /* lower edge of the lowest row */

struct hk_live_spectrogram_column {
	uint64_t first_frame;
	float minimum, maximum;              /* of the waveform */
	int8_t db[HK_LIVE_SPECTROGRAM_ROWS]; /* strongest bin of each row, low first; 0 = a
						full-scale sine */
};

typedef void hk_live_spectrogram_sink_fn(
	void *owner, const struct hk_live_spectrogram_column *column);

struct hk_live_spectrogram;

/* RATE_HZ: 1000..768000. Returns 0, -EINVAL, -ENOMEM. */
int hk_live_spectrogram_new(struct hk_live_spectrogram **ret, uint32_t rate_hz,
	hk_live_spectrogram_sink_fn *sink, void *owner);
void hk_live_spectrogram_free(struct hk_live_spectrogram *picture);

uint32_t hk_live_spectrogram_column_frames(const struct hk_live_spectrogram *picture);

/* Lower edge of ROW in Hz, of frames at RATE_HZ; of HK_LIVE_SPECTROGRAM_ROWS: the upper edge of the
 * highest. */
double hk_live_spectrogram_row_hz(uint32_t rate_hz, unsigned row);

/* Shapes: frames[n_frames], mono; what is no sound (sample.h) counts as 0. A position that does not
 * follow the last one begins anew. */
void hk_live_spectrogram_push(struct hk_live_spectrogram *picture, uint64_t first_frame,
	const float *frames, size_t n_frames);
