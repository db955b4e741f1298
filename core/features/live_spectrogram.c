/* SPDX-License-Identifier: MIT */
#include "core/features/live_spectrogram.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/audio/highpass.h"
#include "core/audio/sample.h"
#include "core/features/stft.h"

#define COLUMNS_PER_S 50
#define SPECTRUM_S 0.04 /* long enough to part low tones, short enough to see a beep */

struct hk_live_spectrogram {
	uint32_t rate_hz;
	uint32_t n_column; /* frames of a column */
	uint32_t n_fft;
	hk_live_spectrogram_sink_fn *sink;
	void *owner;
	struct hk_stft *stft;
	float *history; /* n_fft: the newest frames, oldest first */
	float *power;   /* n_fft / 2 + 1 */
	uint32_t first_bin[HK_LIVE_SPECTROGRAM_ROWS + 1];
	uint64_t next_frame;
	uint32_t n_filled; /* frames of the column so far */
	struct hk_live_spectrogram_column column;
	struct hk_highpass highpass;
};

double hk_live_spectrogram_row_hz(uint32_t rate_hz, unsigned row)
{
	const double fmax_hz = rate_hz / 2.0;
	return HK_LIVE_SPECTROGRAM_FMIN_HZ *
		pow(fmax_hz / HK_LIVE_SPECTROGRAM_FMIN_HZ, row / (double)HK_LIVE_SPECTROGRAM_ROWS);
}

static uint32_t fft_size(uint32_t rate_hz)
{
	uint32_t n_fft = 64;
	while (n_fft < 32768 && n_fft < rate_hz * SPECTRUM_S) {
		n_fft *= 2;
	}
	return n_fft;
}

int hk_live_spectrogram_new(struct hk_live_spectrogram **ret, uint32_t rate_hz,
	hk_live_spectrogram_sink_fn *sink, void *owner)
{
	if (rate_hz < HK_MIN_RATE_HZ || rate_hz > HK_MAX_RATE_HZ) {
		return -EINVAL;
	}
	struct hk_live_spectrogram *picture = calloc(1, sizeof(*picture));
	if (!picture) {
		return -ENOMEM;
	}
	picture->rate_hz = rate_hz;
	hk_highpass_begin(&picture->highpass, rate_hz);
	picture->n_column = rate_hz / COLUMNS_PER_S;
	picture->n_fft = fft_size(rate_hz);
	picture->sink = sink;
	picture->owner = owner;
	picture->history = calloc(picture->n_fft, sizeof(*picture->history));
	picture->power = calloc(picture->n_fft / 2 + 1, sizeof(*picture->power));
	const int r = hk_stft_new(&picture->stft, picture->n_fft, picture->n_fft);
	if (r < 0 || !picture->history || !picture->power) {
		hk_live_spectrogram_free(picture);
		return r < 0 ? r : -ENOMEM;
	}
	for (unsigned row = 0; row <= HK_LIVE_SPECTROGRAM_ROWS; row++) {
		const double bin =
			hk_live_spectrogram_row_hz(rate_hz, row) * picture->n_fft / rate_hz;
		picture->first_bin[row] = (uint32_t)lround(bin);
	}
	*ret = picture;
	return 0;
}

void hk_live_spectrogram_free(struct hk_live_spectrogram *picture)
{
	if (!picture) {
		return;
	}
	hk_stft_free(picture->stft);
	free(picture->history);
	free(picture->power);
	free(picture);
}

uint32_t hk_live_spectrogram_column_frames(const struct hk_live_spectrogram *picture)
{
	return picture->n_column;
}

/* POWER of a bin in dB; a full-scale sine in the middle of a bin is 0. */
static int8_t level_db(const struct hk_live_spectrogram *picture, float power)
{
	const double full_scale = picture->n_fft / 4.0; /* half the sum of the Hann window */
	const double db = 10 * log10((double)power / (full_scale * full_scale) + 1e-30);
	return (int8_t)lround(fmin(0, fmax(HK_LIVE_SPECTROGRAM_FLOOR_DB, db)));
}

static void finish_column(struct hk_live_spectrogram *picture)
{
	hk_stft_power(picture->stft, picture->history, picture->power);
	for (unsigned row = 0; row < HK_LIVE_SPECTROGRAM_ROWS; row++) {
		/* the lowest rows are narrower than a bin: each shows the one it lies in */
		const uint32_t first = picture->first_bin[row];
		const uint32_t end = picture->first_bin[row + 1];
		float highest = picture->power[first];
		for (uint32_t bin = first + 1; bin < end; bin++) {
			highest = fmaxf(highest, picture->power[bin]);
		}
		picture->column.db[row] = level_db(picture, highest);
	}
	picture->sink(picture->owner, &picture->column);
	picture->n_filled = 0;
}

/* The column's frames, at most as many as it lacks. */
static void add(struct hk_live_spectrogram *picture, const float *frames, uint32_t n_frames)
{
	struct hk_live_spectrogram_column *column = &picture->column;
	if (picture->n_filled == 0) {
		column->first_frame = picture->next_frame;
		column->minimum = INFINITY;
		column->maximum = -INFINITY;
	}
	/* a column is never longer than the history: it has a fiftieth of a second, that a
	 * twenty-fifth */
	memmove(picture->history, picture->history + n_frames,
		(picture->n_fft - n_frames) * sizeof(*picture->history));
	float *newest = picture->history + picture->n_fft - n_frames;
	for (uint32_t i = 0; i < n_frames; i++) {
		newest[i] = hk_sample_clean(frames[i]);
	}
	hk_highpass_run(&picture->highpass, newest, n_frames);
	for (uint32_t i = 0; i < n_frames; i++) {
		column->minimum = fminf(column->minimum, newest[i]);
		column->maximum = fmaxf(column->maximum, newest[i]);
	}
	picture->next_frame += n_frames;
	picture->n_filled += n_frames;
}

void hk_live_spectrogram_push(struct hk_live_spectrogram *picture, uint64_t first_frame,
	const float *frames, size_t n_frames)
{
	if (first_frame != picture->next_frame) {
		memset(picture->history, 0, picture->n_fft * sizeof(*picture->history));
		picture->next_frame = first_frame;
		picture->n_filled = 0;
		hk_highpass_begin(&picture->highpass, picture->rate_hz);
	}
	while (n_frames > 0) {
		const size_t n_lacking = picture->n_column - picture->n_filled;
		const uint32_t n = (uint32_t)(n_frames < n_lacking ? n_frames : n_lacking);
		add(picture, frames, n);
		frames += n;
		n_frames -= n;
		if (picture->n_filled == picture->n_column) {
			finish_column(picture);
		}
	}
}
