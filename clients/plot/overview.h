/* SPDX-License-Identifier: MIT */
/*
 * overview: the waveform and the spectrum of a whole recording, in as many columns as a picture has
 * room for. One thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/base/diag.h"
#include "core/features/live_spectrogram.h"

struct hk_overview {
	uint32_t rate_hz;
	uint64_t n_frames;
	size_t n_columns;         /* they share the recording equally */
	float *minimum, *maximum; /* n_columns: of the waveform */
	int8_t *db; /* n_columns * HK_LIVE_SPECTROGRAM_ROWS: the strongest of each cell */
	int8_t lowest_db, peak_db; /* of the cells */
};

/*
 * Read the file at PATH (CHANNEL: see hk_audio_open) of N_FRAMES frames, at least one column, into
 * at most MAX_COLUMNS columns. Returns 0, -ENOMEM or what hk_audio_open and hk_audio_read return,
 * with DIAG.
 */
int hk_overview_read(struct hk_overview *ret, const char *path, uint32_t channel, uint64_t n_frames,
	size_t max_columns, struct hk_diag *diag);
void hk_overview_finish(struct hk_overview *overview);
