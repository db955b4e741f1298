/* SPDX-License-Identifier: MIT */
/*
 * db_picture: the power of STFT frames as a picture in dB of a fixed number of rows and columns.
 *
 * The reference is the largest power of any bin of any frame (0 dB), the floor is 80 dB below it;
 * powers below 1e-10 count as 1e-10. Rows (frequency, low first) and columns (time) are resized by
 * linear interpolation between two neighbours, so only 2 bins a row and 2 frames a column are ever
 * looked at, and only those are kept and get a logarithm. Source: librosa 0.10.2 amplitude_to_db
 * (ref = max, top_db = 80); OpenCV 4.6 resize INTER_LINEAR, to the bit. One thread at a time.
 */
#pragma once

#include <stdint.h>

struct hk_db_picture;

/* Returns 0, -ENOMEM. */
int hk_db_picture_new(struct hk_db_picture **ret, uint32_t n_bins, uint32_t n_frames,
	uint32_t n_rows, uint32_t n_columns);
void hk_db_picture_free(struct hk_db_picture *picture);

/* Start a new picture: the next frame is frame 0. Real-time: yes. */
void hk_db_picture_begin(struct hk_db_picture *picture);

/* The next of n_frames frames. Shapes: power[n_bins]. Real-time: yes. */
void hk_db_picture_add(struct hk_db_picture *picture, const float *power);

/* Shapes: ret_cells[n_rows * n_columns], row-major, dB. All frames were added. Real-time: yes. */
void hk_db_picture_draw(struct hk_db_picture *picture, float *ret_cells);
