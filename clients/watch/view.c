/* SPDX-License-Identifier: MIT */
#include "clients/watch/view.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/time_text.h"
#include "core/base/utf8.h"

#define MARGIN 8 /* columns on the left: names and numbers */
#define MIN_COLUMNS 30
#define MIN_ROWS 8
#define MIN_PICTURE 4 /* rows of waveform and spectrogram, however many classes there are */
#define MAX_EVENTS 4
#define DYNAMICS_DB 70 /* what is this far below the loudest cell is black */
#define LEVEL_FLOOR_DBFS (-80.0)
#define LABEL_WIDTH 16

#define DIM 0x808080
#define GREEN 0x2ca02c
#define AMBER 0xe69f00
#define RED 0xd62728
#define BLUE 0x56b4e9

/* Where things lie. */
struct layout {
	int width; /* of the picture, in columns */
	int wave_top, n_wave, spectrum_top, n_spectrum, axis, level, bars_top, n_bars, events_top,
		n_events;
	uint64_t per_column; /* columns of the scene in one of ours */
	uint64_t first;      /* the oldest of them, in the leftmost */
};

/* What one column of the terminal shows. */
struct strip {
	bool any, lost;
	float minimum, maximum;
	int8_t db[HK_LIVE_SPECTROGRAM_ROWS];
};

static int least(int a, int b)
{
	return a < b ? a : b;
}

static struct layout lay_out(const struct hk_view *view, const struct hk_watch_scene *scene,
	const struct hk_canvas *canvas)
{
	struct layout layout = { .width = canvas->n_columns - MARGIN };
	const int rows = canvas->n_rows;
	layout.n_events = least(MAX_EVENTS, rows / 8);
	const int n_free = rows - 3 - layout.n_events - MIN_PICTURE;
	layout.n_bars = least((int)scene->n_classes, n_free > 0 ? n_free : 0);
	const int left = rows - 3 - layout.n_events - layout.n_bars;
	layout.n_wave = left / 4 > 1 ? left / 4 : 1;
	layout.n_spectrum = left - layout.n_wave;
	layout.wave_top = 1;
	layout.spectrum_top = layout.wave_top + layout.n_wave;
	layout.axis = layout.spectrum_top + layout.n_spectrum;
	layout.level = layout.axis + 1;
	layout.bars_top = layout.level + 1;
	layout.events_top = layout.bars_top + layout.n_bars;

	const double columns_per_s = scene->n_column_frames
		? (double)scene->rate_hz / (double)scene->n_column_frames
		: 50;
	double per_column = ceil(view->seconds * columns_per_s / layout.width);
	per_column =
		fmin(fmax(per_column, 1), floor((double)HK_WATCH_SCENE_COLUMNS / layout.width));
	layout.per_column = (uint64_t)fmax(per_column, 1);
	/* whole columns only, so that what was drawn moves but does not change */
	const uint64_t end = scene->n_columns / layout.per_column;
	layout.first = end > (uint64_t)layout.width ? end - (uint64_t)layout.width : 0;
	return layout;
}

static struct strip strip_at(
	const struct layout *layout, const struct hk_watch_scene *scene, int column)
{
	struct strip strip = { 0 };
	const uint64_t end = scene->n_columns / layout->per_column;
	const uint64_t at = layout->first + (uint64_t)column;
	memset(strip.db, HK_LIVE_SPECTROGRAM_FLOOR_DB, sizeof(strip.db));
	for (uint64_t i = 0; at < end && i < layout->per_column; i++) {
		const struct hk_watch_scene_column *from =
			hk_watch_scene_column_at(scene, at * layout->per_column + i);
		if (!from) {
			continue;
		}
		strip.lost |= from->lost;
		if (from->lost) {
			continue;
		}
		strip.minimum = strip.any ? fminf(strip.minimum, from->minimum) : from->minimum;
		strip.maximum = strip.any ? fmaxf(strip.maximum, from->maximum) : from->maximum;
		strip.any = true;
		for (size_t row = 0; row < HK_LIVE_SPECTROGRAM_ROWS; row++) {
			strip.db[row] =
				from->db[row] > strip.db[row] ? from->db[row] : strip.db[row];
		}
	}
	return strip;
}

/* ---- the title ---- */

static void draw_title(
	const struct hk_view *view, const struct hk_watch_scene *scene, struct hk_canvas *canvas)
{
	char text[160];
	int at = 0;
	if (view->n_places > 1) {
		snprintf(text, sizeof(text), "%zu of %zu, Tab: next ", view->place, view->n_places);
		at = hk_canvas_text(canvas, 0, 0, text, DIM, false) + 1;
	}
	if (*view->news) {
		hk_canvas_text(canvas, 0, at, view->news, RED, true);
		return;
	}
	if (!scene->has_status) {
		return;
	}
	const bool hears = strcmp(scene->state, "hearing") == 0;
	at = hk_canvas_text(canvas, 0, at, scene->instance, HK_DEFAULT_COLOUR, true);
	at = hk_canvas_text(canvas, 0, at + 1, scene->state, hears ? GREEN : RED, true);
	if (!hears && scene->why[0]) {
		at = hk_canvas_text(canvas, 0, at, ": ", RED, false);
		at = hk_canvas_text(canvas, 0, at, scene->why, RED, false);
	}
	snprintf(text, sizeof(text), "model %s", scene->model);
	at = hk_canvas_text(canvas, 0, at + 2, text, HK_DEFAULT_COLOUR, false);
	if (scene->has_drift) {
		snprintf(text, sizeof(text), "clock %+.1f ppm", scene->drift_ppm);
		at = hk_canvas_text(canvas, 0, at + 2, text, HK_DEFAULT_COLOUR, false);
	}
	snprintf(text, sizeof(text), "gaps %" PRId64 ", %" PRId64 " frames lost", scene->n_gaps,
		scene->n_lost_frames);
	const bool lossy = scene->n_gaps > 0 || scene->n_lost_frames > 0;
	at = hk_canvas_text(canvas, 0, at + 2, text, lossy ? AMBER : HK_DEFAULT_COLOUR, lossy);
	hk_canvas_text(canvas, 0, at + 2, "q quits", DIM, false);
}

/* ---- waveform and spectrogram ---- */

/* Two halves of a cell, each with its colour; HK_DEFAULT_COLOUR: empty. */
static void put_halves(struct hk_canvas *canvas, int row, int column, int32_t upper, int32_t lower)
{
	struct hk_cell cell = { HK_UPPER_HALF, upper, lower, 0 };
	if (upper == HK_DEFAULT_COLOUR && lower == HK_DEFAULT_COLOUR) {
		cell.character = ' ';
	} else if (upper == HK_DEFAULT_COLOUR) {
		cell = (struct hk_cell){ HK_LOWER_HALF, lower, HK_DEFAULT_COLOUR, 0 };
	}
	hk_canvas_put(canvas, row, column, cell);
}

static void draw_lost(struct hk_canvas *canvas, int top, int n_rows, int column)
{
	for (int row = 0; row < n_rows; row++) {
		hk_canvas_put(canvas, top + row, column,
			(struct hk_cell){ '!', RED, HK_DEFAULT_COLOUR, 1 });
	}
}

static void draw_wave_column(const struct layout *layout, struct hk_canvas *canvas, int column,
	const struct strip *strip, double scale)
{
	const int n = 2 * layout->n_wave;
	for (int row = 0; row < layout->n_wave; row++) {
		int32_t halves[2];
		for (int half = 0; half < 2; half++) {
			/* from the top: this half stands for HIGH down to LOW */
			const double high = scale * (1 - 2.0 * (2 * row + half) / n);
			const double low = scale * (1 - 2.0 * (2 * row + half + 1) / n);
			const bool hit =
				(double)strip->maximum >= low && (double)strip->minimum <= high;
			halves[half] = hit ? BLUE : HK_DEFAULT_COLOUR;
		}
		if (canvas->colours != HK_COLOURS_PLAIN) {
			put_halves(canvas, layout->wave_top + row, MARGIN + column, halves[0],
				halves[1]);
		} else if (halves[0] != HK_DEFAULT_COLOUR || halves[1] != HK_DEFAULT_COLOUR) {
			hk_canvas_put(canvas, layout->wave_top + row, MARGIN + column,
				(struct hk_cell){ '#', HK_DEFAULT_COLOUR, HK_DEFAULT_COLOUR, 0 });
		}
	}
}

/* The strongest of the rows that half HALF of 2 N_SPECTRUM, from the bottom, stands for: 0 to 1. */
static double part_of(
	const struct layout *layout, const struct strip *strip, int half, double top_db)
{
	const int n = 2 * layout->n_spectrum;
	const int first = half * HK_LIVE_SPECTROGRAM_ROWS / n;
	int end = (half + 1) * HK_LIVE_SPECTROGRAM_ROWS / n;
	end = end > first ? end : first + 1;
	int8_t db = strip->db[first];
	for (int row = first + 1; row < end; row++) {
		db = strip->db[row] > db ? strip->db[row] : db;
	}
	return fmax(0, 1 + (db - top_db) / DYNAMICS_DB);
}

static int32_t pixel_of(double part)
{
	const struct hk_rgb colour = hk_colour_map(part);
	return colour.red << 16 | colour.green << 8 | colour.blue;
}

static void draw_spectrum_column(const struct layout *layout, struct hk_canvas *canvas, int column,
	const struct strip *strip, double top_db)
{
	static const char shades[] = " .:-=+*#%@";
	for (int row = 0; row < layout->n_spectrum; row++) {
		const int upper = 2 * (layout->n_spectrum - row) - 1;
		const double high = part_of(layout, strip, upper, top_db);
		const double low = part_of(layout, strip, upper - 1, top_db);
		const int y = layout->spectrum_top + row;
		if (canvas->colours != HK_COLOURS_PLAIN) {
			put_halves(canvas, y, MARGIN + column, pixel_of(high), pixel_of(low));
		} else {
			const size_t shade =
				(size_t)(fmin(1, fmax(high, low)) * (sizeof(shades) - 2));
			hk_canvas_put(canvas, y, MARGIN + column,
				(struct hk_cell){ (uint32_t)shades[shade], HK_DEFAULT_COLOUR,
					HK_DEFAULT_COLOUR, 0 });
		}
	}
}

static void draw_axes(const struct layout *layout, const struct hk_watch_scene *scene,
	struct hk_canvas *canvas, double scale)
{
	char text[32];
	snprintf(text, sizeof(text), "%6.*f", scale < 0.1 ? 4 : 2, scale);
	hk_canvas_text(canvas, layout->wave_top, 0, text, DIM, false);
	static const int marks_hz[] = { 100, 200, 500, 1000, 2000, 5000, 10000, 20000 };
	int last_row = -1;
	for (size_t i = 0; i < sizeof(marks_hz) / sizeof(marks_hz[0]); i++) {
		if (scene->rate_hz == 0 || marks_hz[i] >= scene->fmax_hz ||
			marks_hz[i] <= scene->fmin_hz) {
			continue;
		}
		const double part =
			log(marks_hz[i] / scene->fmin_hz) / log(scene->fmax_hz / scene->fmin_hz);
		const int row = layout->axis - 1 -
			least((int)(part * layout->n_spectrum), layout->n_spectrum - 1);
		if (row != last_row) {
			snprintf(text, sizeof(text), marks_hz[i] < 1000 ? "%4d Hz" : "%3d kHz",
				marks_hz[i] < 1000 ? marks_hz[i] : marks_hz[i] / 1000);
			hk_canvas_text(canvas, row, 0, text, DIM, false);
			last_row = row;
		}
	}
	if (scene->rate_hz > 0) {
		const double column_s = (double)scene->n_column_frames / (double)scene->rate_hz *
			(double)layout->per_column;
		for (int s = 1; s < 60; s++) {
			const int column = MARGIN + layout->width - (int)lround(s / column_s);
			if (column < MARGIN || (column_s > 0.1 && s % 2)) {
				continue;
			}
			snprintf(text, sizeof(text), "-%d s", s);
			hk_canvas_text(canvas, layout->axis, column, text, DIM, false);
		}
		hk_canvas_text(canvas, layout->axis, MARGIN + layout->width - 3, "now", DIM, false);
	}
}

static void draw_pictures(
	const struct layout *layout, const struct hk_watch_scene *scene, struct hk_canvas *canvas)
{
	double scale = 0.002;
	int strongest_db = HK_LIVE_SPECTROGRAM_FLOOR_DB + DYNAMICS_DB;
	for (int column = 0; column < layout->width; column++) {
		const struct strip strip = strip_at(layout, scene, column);
		scale = fmax(scale, fmax(fabs((double)strip.minimum), fabs((double)strip.maximum)));
		for (size_t row = 0; row < HK_LIVE_SPECTROGRAM_ROWS; row++) {
			/* not fmax of doubles: Debian 12's gcc for arm64 breaks down at it */
			strongest_db = strip.db[row] > strongest_db ? strip.db[row] : strongest_db;
		}
	}
	/* in steps, so that it stays for a while */
	scale = pow(2, ceil(log2(scale)));
	const double top_db = 10 * ceil(strongest_db / 10.0);
	for (int column = 0; column < layout->width; column++) {
		const struct strip strip = strip_at(layout, scene, column);
		if (strip.lost) {
			draw_lost(canvas, layout->wave_top, layout->n_wave + layout->n_spectrum,
				MARGIN + column);
		} else if (strip.any) {
			draw_wave_column(layout, canvas, column, &strip, scale);
			draw_spectrum_column(layout, canvas, column, &strip, top_db);
		}
	}
	draw_axes(layout, scene, canvas, scale);
}

/* ---- bars ---- */

/* PART (0 to 1) of WIDTH columns from COLUMN on. */
static void draw_bar(
	struct hk_canvas *canvas, int row, int column, int width, double part, int32_t colour)
{
	const int n = (int)lround(fmin(1, fmax(0, part)) * width);
	const bool plain = canvas->colours == HK_COLOURS_PLAIN;
	for (int i = 0; i < width; i++) {
		const uint32_t full = plain ? '#' : HK_FULL_BLOCK;
		hk_canvas_put(canvas, row, column + i,
			(struct hk_cell){
				i < n ? full : '.', i < n ? colour : DIM, HK_DEFAULT_COLOUR, 0 });
	}
}

static void draw_level(
	const struct layout *layout, const struct hk_watch_scene *scene, struct hk_canvas *canvas)
{
	hk_canvas_text(canvas, layout->level, 0, "level", HK_DEFAULT_COLOUR, false);
	if (!scene->has_window) {
		return;
	}
	const int width = canvas->n_columns - MARGIN - LABEL_WIDTH - 24;
	const double part = 1 - scene->level_dbfs / LEVEL_FLOOR_DBFS;
	char text[64];
	if (scene->zeros) {
		hk_canvas_text(canvas, layout->level, MARGIN,
			"no change: the source is muted or dead", RED, true);
		return;
	}
	draw_bar(canvas, layout->level, MARGIN + LABEL_WIDTH, width, part,
		scene->peak_dbfs > -1           ? RED
			: scene->peak_dbfs > -6 ? AMBER
						: GREEN);
	snprintf(text, sizeof(text), "%.1f dBFS, peak %.1f", scene->level_dbfs, scene->peak_dbfs);
	hk_canvas_text(
		canvas, layout->level, canvas->n_columns - 23, text, HK_DEFAULT_COLOUR, false);
}

static size_t most_probable(const struct hk_watch_scene *scene)
{
	size_t best = 0;
	for (size_t i = 1; i < scene->n_classes; i++) {
		if (scene->classes[i].probability > scene->classes[best].probability) {
			best = i;
		}
	}
	return best;
}

static void draw_classes(
	const struct layout *layout, const struct hk_watch_scene *scene, struct hk_canvas *canvas)
{
	if (!scene->has_window || scene->zeros) {
		return;
	}
	const int width = canvas->n_columns - MARGIN - LABEL_WIDTH - 24;
	const size_t best = most_probable(scene);
	for (int i = 0; i < layout->n_bars; i++) {
		const bool is_best = (size_t)i == best;
		const struct hk_watch_scene_class *class = &scene->classes[i];
		const int row = layout->bars_top + i;
		const bool open = strcmp(class->gate, "open") == 0;
		char text[HK_WATCH_SCENE_TEXT];
		hk_canvas_text(canvas, row, 0, i == 0 ? "now" : "", HK_DEFAULT_COLOUR, true);
		snprintf(text, sizeof(text), "%.*s",
			(int)hk_utf8_prefix(class->label, LABEL_WIDTH - 1), class->label);
		hk_canvas_text(canvas, row, MARGIN, text, open ? AMBER : HK_DEFAULT_COLOUR,
			open || is_best);
		draw_bar(canvas, row, MARGIN + LABEL_WIDTH, width, class->probability,
			open ? AMBER : BLUE);
		snprintf(text, sizeof(text), "%.2f", class->probability);
		hk_canvas_text(
			canvas, row, canvas->n_columns - 23, text, HK_DEFAULT_COLOUR, is_best);
		if (strcmp(class->gate, "closed") != 0) {
			hk_canvas_text(canvas, row, canvas->n_columns - 18, class->gate,
				open ? AMBER : DIM, open);
		}
	}
}

static void draw_events(const struct hk_view *view, const struct layout *layout,
	const struct hk_watch_scene *scene, struct hk_canvas *canvas)
{
	const char *title = layout->n_events > 0 ? "events" : "";
	hk_canvas_text(canvas, layout->events_top, 0, title, HK_DEFAULT_COLOUR, false);
	for (int i = 0; i < layout->n_events && i < (int)scene->n_events; i++) {
		const struct hk_watch_scene_event *event = &scene->events[i];
		const bool ongoing = strcmp(event->state, "ongoing") == 0;
		const bool counts = ongoing && view->now_us > event->start_us;
		const int64_t age_ms = (view->now_us - event->start_us) / 1000;
		const int32_t colour = ongoing ? AMBER : HK_DEFAULT_COLOUR,
			      row = layout->events_top + i;
		char start[HK_TIME_TEXT_SIZE], duration[32], text[128];
		hk_time_print_local(event->start_us, start);
		hk_duration_text(counts ? age_ms : event->duration_ms, duration, sizeof(duration));
		snprintf(text, sizeof(text), " %-11s %9s  peak %.2f", event->state, duration,
			event->peak_probability);
		int at = hk_canvas_text(canvas, row, MARGIN, start + 11, colour, ongoing) + 2;
		const int least = at + LABEL_WIDTH - 1;
		at = hk_canvas_text(canvas, row, at, event->label, colour, ongoing);
		hk_canvas_text(canvas, row, at < least ? least : at, text, colour, ongoing);
	}
}

void hk_view_draw(
	const struct hk_view *view, const struct hk_watch_scene *scene, struct hk_canvas *canvas)
{
	hk_canvas_clear(canvas);
	if (canvas->n_columns < MIN_COLUMNS || canvas->n_rows < MIN_ROWS) {
		hk_canvas_text(canvas, 0, 0, "too small", RED, true);
		return;
	}
	const struct layout layout = lay_out(view, scene, canvas);
	draw_title(view, scene, canvas);
	draw_pictures(&layout, scene, canvas);
	draw_level(&layout, scene, canvas);
	draw_classes(&layout, scene, canvas);
	draw_events(view, &layout, scene, canvas);
}
