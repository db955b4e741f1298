/* SPDX-License-Identifier: MIT */
#include "clients/plot/overview.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/audio/audio_file.h"

#define BLOCK_FRAMES 4096

struct overview_reading {
	struct hk_overview *overview;
	size_t n_picture_columns; /* that the recording has */
	size_t n_seen;
};

static void add_column(void *owner, const struct hk_live_spectrogram_column *column)
{
	struct overview_reading *reading = owner;
	struct hk_overview *overview = reading->overview;
	if (reading->n_seen == reading->n_picture_columns) {
		return; /* the file has grown since it was counted */
	}
	const size_t at = reading->n_seen++ * overview->n_columns / reading->n_picture_columns;
	overview->minimum[at] = fminf(overview->minimum[at], column->minimum);
	overview->maximum[at] = fmaxf(overview->maximum[at], column->maximum);
	int8_t *rows = overview->db + at * HK_LIVE_SPECTROGRAM_ROWS;
	for (size_t row = 0; row < HK_LIVE_SPECTROGRAM_ROWS; row++) {
		rows[row] = column->db[row] > rows[row] ? column->db[row] : rows[row];
	}
}

static int prepare(struct overview_reading *reading, size_t n_picture_columns, size_t max_columns)
{
	struct hk_overview *overview = reading->overview;
	reading->n_picture_columns = n_picture_columns;
	overview->n_columns = n_picture_columns < max_columns ? n_picture_columns : max_columns;
	const size_t n = overview->n_columns;
	overview->minimum = calloc(n, sizeof(*overview->minimum));
	overview->maximum = calloc(n, sizeof(*overview->maximum));
	overview->db = malloc(n * HK_LIVE_SPECTROGRAM_ROWS);
	if (!overview->minimum || !overview->maximum || !overview->db) {
		return -ENOMEM;
	}
	memset(overview->db, HK_LIVE_SPECTROGRAM_FLOOR_DB, n * HK_LIVE_SPECTROGRAM_ROWS);
	for (size_t i = 0; i < n; i++) {
		overview->minimum[i] = HUGE_VALF;
		overview->maximum[i] = -HUGE_VALF;
	}
	return 0;
}

static int read_frames(
	struct hk_audio_file *file, struct hk_live_spectrogram *picture, struct hk_diag *diag)
{
	float frames[BLOCK_FRAMES];
	uint64_t first_frame = 0;
	for (;;) {
		const int64_t n = hk_audio_read(file, frames, BLOCK_FRAMES, diag);
		if (n <= 0) {
			return (int)n;
		}
		hk_live_spectrogram_push(picture, first_frame, frames, (size_t)n);
		first_frame += (uint64_t)n;
	}
}

static void find_extremes(struct hk_overview *overview)
{
	overview->lowest_db = 0;
	overview->peak_db = HK_LIVE_SPECTROGRAM_FLOOR_DB;
	for (size_t i = 0; i < overview->n_columns * HK_LIVE_SPECTROGRAM_ROWS; i++) {
		const int8_t db = overview->db[i];
		overview->lowest_db = db < overview->lowest_db ? db : overview->lowest_db;
		overview->peak_db = db > overview->peak_db ? db : overview->peak_db;
	}
}

int hk_overview_read(struct hk_overview *ret, const char *path, uint32_t channel, uint64_t n_frames,
	size_t max_columns, struct hk_diag *diag)
{
	*ret = (struct hk_overview){ .n_frames = n_frames };
	struct overview_reading reading = { .overview = ret };
	struct hk_audio_file *file = NULL;
	struct hk_live_spectrogram *picture = NULL;
	int r = hk_audio_open(&file, path, channel, diag);
	if (r < 0) {
		return r;
	}
	struct hk_audio_info info;
	hk_audio_info(file, &info);
	ret->rate_hz = info.rate_hz;
	r = hk_live_spectrogram_new(&picture, info.rate_hz, add_column, &reading);
	if (r == 0) {
		const uint32_t n_column_frames = hk_live_spectrogram_column_frames(picture);
		r = prepare(&reading, (size_t)(n_frames / n_column_frames), max_columns);
	}
	if (r < 0) {
		hk_diag_set(diag, r, "%s: %s", path, strerror(-r));
	} else {
		r = read_frames(file, picture, diag);
	}
	hk_live_spectrogram_free(picture);
	hk_audio_close(file);
	if (r < 0) {
		hk_overview_finish(ret);
		return r;
	}
	find_extremes(ret);
	return 0;
}

void hk_overview_finish(struct hk_overview *overview)
{
	free(overview->minimum);
	free(overview->maximum);
	free(overview->db);
	*overview = (struct hk_overview){ 0 };
}
