/* SPDX-License-Identifier: MIT */
#include "core/features/spectrogram/db_picture.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "core/math/lanes.h"

static const float floor_power = 1e-10f;
static const float floor_db = -80.0f;

/* One axis of the resize: output i = source[before] * (1 - fraction) + source[after] * fraction. */
struct axis {
	uint32_t n;
	uint32_t *before, *after;
	float *fraction;
};

struct hk_db_picture {
	uint32_t n_bins;
	uint32_t n_frames;
	struct axis rows;
	struct axis columns; /* before and after are lines of `levels` */
	uint32_t *line; /* n_frames: a frame's line of `levels`, UNUSED for most of a long clip */
	uint32_t n_lines;
	/* A line is a frame: the bins before each row, then the bins after each row. Power while
	 * frames are added, then dB. */
	float *levels;
	float max_power;
	uint32_t n_added;
};

#define UNUSED UINT32_MAX

static void axis_finish(struct axis *axis)
{
	free(axis->before);
	free(axis->after);
	free(axis->fraction);
}

/* OpenCV's own arithmetic: the position is rounded to float before its fraction is taken. */
static int axis_init(struct axis *axis, uint32_t n_source, uint32_t n)
{
	axis->n = n;
	axis->before = calloc(n, sizeof(*axis->before));
	axis->after = calloc(n, sizeof(*axis->after));
	axis->fraction = calloc(n, sizeof(*axis->fraction));
	if (!axis->before || !axis->after || !axis->fraction) {
		return -ENOMEM;
	}
	const double scale = (double)n_source / n;
	for (uint32_t i = 0; i < n; i++) {
		const float position = (float)((i + 0.5) * scale - 0.5);
		const float whole = floorf(position);
		if (whole < 0.0f) {
			continue;
		}
		if (whole >= (float)(n_source - 1)) {
			axis->before[i] = axis->after[i] = n_source - 1;
			continue;
		}
		axis->before[i] = (uint32_t)whole;
		axis->after[i] = (uint32_t)whole + 1;
		axis->fraction[i] = position - whole;
	}
	return 0;
}

/* Give every frame that a column looks at a line, in order, and let the columns name lines. */
static void assign_lines(struct hk_db_picture *picture)
{
	struct axis *columns = &picture->columns;
	for (uint32_t t = 0; t < picture->n_frames; t++) {
		picture->line[t] = UNUSED;
	}
	for (uint32_t c = 0; c < columns->n; c++) {
		picture->line[columns->before[c]] = 0;
		picture->line[columns->after[c]] = 0;
	}
	for (uint32_t t = 0; t < picture->n_frames; t++) {
		if (picture->line[t] != UNUSED) {
			picture->line[t] = picture->n_lines++;
		}
	}
	for (uint32_t c = 0; c < columns->n; c++) {
		columns->before[c] = picture->line[columns->before[c]];
		columns->after[c] = picture->line[columns->after[c]];
	}
}

int hk_db_picture_new(struct hk_db_picture **ret, uint32_t n_bins, uint32_t n_frames,
	uint32_t n_rows, uint32_t n_columns)
{
	struct hk_db_picture *picture = calloc(1, sizeof(*picture));
	if (!picture) {
		return -ENOMEM;
	}
	picture->n_bins = n_bins;
	picture->n_frames = n_frames;
	picture->line = calloc(n_frames, sizeof(*picture->line));
	if (!picture->line || axis_init(&picture->rows, n_bins, n_rows) < 0 ||
		axis_init(&picture->columns, n_frames, n_columns) < 0) {
		hk_db_picture_free(picture);
		return -ENOMEM;
	}
	assign_lines(picture);
	picture->levels = calloc((size_t)picture->n_lines * n_rows * 2, sizeof(*picture->levels));
	if (!picture->levels) {
		hk_db_picture_free(picture);
		return -ENOMEM;
	}
	*ret = picture;
	return 0;
}

void hk_db_picture_free(struct hk_db_picture *picture)
{
	if (!picture) {
		return;
	}
	axis_finish(&picture->rows);
	axis_finish(&picture->columns);
	free(picture->line);
	free(picture->levels);
	free(picture);
}

void hk_db_picture_begin(struct hk_db_picture *picture)
{
	picture->max_power = 0.0f;
	picture->n_added = 0;
}

HK_INLINE float max_of_body(const float *power, uint32_t n)
{
	return hk_lanes_peak(power, n);
}

HK_MULTIVERSION(float, max_of, (const float *power, uint32_t n), (power, n))

void hk_db_picture_add(struct hk_db_picture *picture, const float *power)
{
	assert(picture->n_added < picture->n_frames);
	const float max = max_of(power, picture->n_bins);
	picture->max_power = max > picture->max_power ? max : picture->max_power;

	const uint32_t line = picture->line[picture->n_added++];
	if (line == UNUSED) {
		return;
	}
	const struct axis *rows = &picture->rows;
	float *before = picture->levels + (size_t)line * rows->n * 2;
	float *after = before + rows->n;
	for (uint32_t r = 0; r < rows->n; r++) {
		before[r] = power[rows->before[r]];
		after[r] = power[rows->after[r]];
	}
}

/* 10 log10(POWER), within 3e-5 dB. */
HK_INLINE float decibels(float power)
{
	return 4.34294482f * hk_lanes_log(power > floor_power ? power : floor_power);
}

HK_INLINE void powers_to_db_body(float *levels, size_t n, float reference_db)
{
	for (size_t i = 0; i < n; i++) {
		const float level = decibels(levels[i]) - reference_db;
		levels[i] = level > floor_db ? level : floor_db;
	}
}

HK_MULTIVERSION_VOID(
	powers_to_db, (float *levels, size_t n, float reference_db), (levels, n, reference_db))

void hk_db_picture_draw(struct hk_db_picture *picture, float *ret_cells)
{
	assert(picture->n_added == picture->n_frames);
	const struct axis *rows = &picture->rows;
	const struct axis *columns = &picture->columns;
	const size_t n_levels = (size_t)picture->n_lines * rows->n * 2;
	powers_to_db(picture->levels, n_levels, decibels(picture->max_power));
	for (uint32_t c = 0; c < columns->n; c++) {
		const float *left = picture->levels + (size_t)columns->before[c] * rows->n * 2;
		const float *right = picture->levels + (size_t)columns->after[c] * rows->n * 2;
		const float f = columns->fraction[c];
		for (uint32_t r = 0; r < rows->n; r++) {
			const uint32_t b = r + rows->n;
			const float below = left[r] * (1.0f - f) + right[r] * f;
			const float above = left[b] * (1.0f - f) + right[b] * f;
			ret_cells[(size_t)r * columns->n + c] =
				below * (1.0f - rows->fraction[r]) + above * rows->fraction[r];
		}
	}
}
