/* SPDX-License-Identifier: MIT */
#include "clients/plot/plot_picture.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/draw/chart.h"
#include "clients/draw/colour_map.h"

#define LEFT 76.0
#define RIGHT 170.0 /* room for the key */
#define TOP 62.0
#define BOTTOM 46.0
#define SPACE 14.0 /* between two plots */
#define ROW 22.0   /* height of a row of events */
#define KEY_ROW 17.0
#define KEY_SIZE 12.0
#define MAX_ROWS 12    /* of events; more share the room of these */
#define DYNAMICS_DB 80 /* what is this far below the loudest cell is black */

/* Colours that most people can tell apart (M. Okabe, K. Ito 2008), without the yellow, which is too
 * light on white. Classes beyond them share the grey. */
static const struct hk_colour_rgba class_colours[] = {
	{ 0.84, 0.37, 0.00, 1.0 },
	{ 0.00, 0.45, 0.70, 1.0 },
	{ 0.00, 0.62, 0.45, 1.0 },
	{ 0.80, 0.47, 0.65, 1.0 },
	{ 0.90, 0.62, 0.00, 1.0 },
	{ 0.34, 0.71, 0.91, 1.0 },
	{ 0.15, 0.15, 0.15, 1.0 },
};
#define N_COLOURS (sizeof(class_colours) / sizeof(class_colours[0]))
static const struct hk_colour_rgba other_colour = { 0.6, 0.6, 0.6, 1.0 };
static const struct hk_colour_rgba wave_colour = { 0.12, 0.38, 0.68, 1.0 };

struct drawing {
	struct hk_chart chart;
	const struct hk_plot *plot;
	struct hk_chart_range seconds;
	struct hk_axes wave, spectrum, classes, events;
	uint32_t *order;  /* n_labels: the labels as the key has them */
	uint32_t *row_of; /* n_labels: of its events, from the top; UINT32_MAX: it has none */
	uint32_t n_rows;
};

/* ---- which class where, in which colour ---- */

/* The colour of LABEL: those that were probable at some time have one of their own. */
static struct hk_colour_rgba colour_of(const struct drawing *drawing, uint32_t label)
{
	for (size_t i = 0; i < N_COLOURS && i < drawing->plot->hearing->model->n_labels; i++) {
		if (drawing->order[i] == label) {
			return class_colours[i];
		}
	}
	return other_colour;
}

static double peak_of(const struct hk_plotted_windows *hearing, uint32_t label)
{
	double peak = 0;
	for (size_t i = 0; i < hearing->n_windows; i++) {
		peak = fmax(peak, hearing->windows[i * (1 + hearing->model->n_labels) + 1 + label]);
	}
	return peak;
}

static int order_labels(struct drawing *drawing)
{
	const struct hk_plotted_windows *hearing = drawing->plot->hearing;
	const uint32_t n = hearing->model->n_labels;
	if (n <= N_COLOURS) {
		/* a class has the same colour in all pictures */
		for (uint32_t i = 0; i < n; i++) {
			drawing->order[i] = i;
		}
		return 0;
	}
	double *peaks = calloc(n, sizeof(*peaks));
	if (!peaks) {
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < n; i++) {
		peaks[i] = peak_of(hearing, i);
		uint32_t at = i;
		for (; at > 0 && peaks[drawing->order[at - 1]] < peaks[i]; at--) {
			drawing->order[at] = drawing->order[at - 1];
		}
		drawing->order[at] = i;
	}
	free(peaks);
	return 0;
}

/* One row for each class that has events, in the order of the key. */
static void give_rows(struct drawing *drawing)
{
	const struct hk_plotted_windows *hearing = drawing->plot->hearing;
	for (uint32_t i = 0; i < hearing->model->n_labels; i++) {
		const uint32_t label = drawing->order[i];
		drawing->row_of[label] = UINT32_MAX;
		for (size_t k = 0; k < hearing->n_events; k++) {
			if (hearing->events[k].label == label) {
				drawing->row_of[label] = drawing->n_rows++;
				break;
			}
		}
	}
}

/* ---- the plots ---- */

static void lay_out(struct drawing *drawing)
{
	const struct hk_plot *plot = drawing->plot;
	const double rows = fmin(MAX_ROWS, fmax(1, drawing->n_rows));
	const double left_over = plot->height - TOP - BOTTOM - 3 * SPACE - rows * ROW;
	struct hk_axes axes = {
		.left = LEFT,
		.top = TOP,
		.width = plot->width - LEFT - RIGHT,
		.x = drawing->seconds,
		.no_x_numbers = true,
	};
	double peak = 1e-4; /* silence is a line in the middle */
	for (size_t i = 0; i < plot->overview->n_columns; i++) {
		peak = fmax(peak, fabs((double)plot->overview->minimum[i]));
		peak = fmax(peak, fabs((double)plot->overview->maximum[i]));
	}
	axes.height = floor(0.2 * left_over);
	axes.y = (struct hk_chart_range){ -1.05 * peak, 1.05 * peak };
	axes.y_label = "amplitude";
	drawing->wave = axes;

	axes.top += axes.height + SPACE;
	axes.height = floor(0.5 * left_over);
	axes.y = (struct hk_chart_range){ hk_live_spectrogram_row_hz(plot->overview->rate_hz, 0),
		hk_live_spectrogram_row_hz(plot->overview->rate_hz, HK_LIVE_SPECTROGRAM_ROWS) };
	axes.log_y = true;
	axes.y_label = "frequency / Hz";
	drawing->spectrum = axes;

	axes.top += axes.height + SPACE;
	axes.height = floor(0.3 * left_over);
	axes.y = (struct hk_chart_range){ 0, 1 };
	axes.log_y = false;
	axes.y_label = "probability";
	drawing->classes = axes;

	axes.top += axes.height + SPACE;
	axes.height = rows * ROW;
	axes.y = (struct hk_chart_range){ 0, fmax(1, drawing->n_rows) };
	axes.y_label = NULL;
	axes.no_y_numbers = true;
	axes.no_x_numbers = false;
	axes.x_label = "time / s";
	drawing->events = axes;
}

static void draw_heading(struct drawing *drawing)
{
	const struct hk_plot *plot = drawing->plot;
	const struct hk_model *model = plot->hearing->model;
	char figures[256];
	snprintf(figures, sizeof(figures), "%.1f s at %u Hz; model %s: %zu windows, %zu event%s",
		drawing->seconds.high, plot->overview->rate_hz, model->name,
		plot->hearing->n_windows, plot->hearing->n_events,
		plot->hearing->n_events == 1 ? "" : "s");
	const double width = plot->width - LEFT - 20.0;
	hk_chart_text(&drawing->chart, LEFT, 26.0, width, 16.0, plot->title);
	hk_chart_text(&drawing->chart, LEFT, 46.0, width, 12.0, figures);
}

static void draw_wave(struct drawing *drawing)
{
	const struct hk_overview *overview = drawing->plot->overview;
	hk_chart_axes(&drawing->chart, &drawing->wave);
	hk_chart_band(&drawing->chart, &drawing->wave, overview->minimum, overview->maximum,
		overview->n_columns, wave_colour);
}

static uint32_t pixel_of(double part)
{
	const struct hk_rgb colour = hk_colour_map(part);
	return (uint32_t)colour.red << 16 | (uint32_t)colour.green << 8 | colour.blue;
}

/* What the colours mean, in the key beside the spectrogram. */
static void draw_scale(struct drawing *drawing, double low_db, double high_db)
{
	const struct hk_axes *beside = &drawing->spectrum;
	const struct hk_axes scale = {
		.left = beside->left + beside->width + 50.0,
		.top = beside->top,
		.width = 14.0,
		.height = beside->height,
		.x = { 0, 1 },
		.y = { low_db, high_db },
		.no_x_numbers = true,
	};
	uint32_t pixels[256];
	for (size_t i = 0; i < 256; i++) {
		pixels[i] = pixel_of(1.0 - (double)i / 255.0);
	}
	hk_chart_axes(&drawing->chart, &scale);
	hk_chart_image(&drawing->chart, &scale, pixels, 1, 256);
	hk_chart_text(&drawing->chart, scale.left + 22.0, scale.top + 10.0, 90.0, KEY_SIZE,
		"dB of full scale");
}

static int draw_spectrum(struct drawing *drawing)
{
	const struct hk_overview *overview = drawing->plot->overview;
	uint32_t *pixels = calloc(overview->n_columns * HK_LIVE_SPECTROGRAM_ROWS, sizeof(*pixels));
	if (!pixels) {
		return -ENOMEM;
	}
	const double high_db = fmax(HK_LIVE_SPECTROGRAM_FLOOR_DB + 10.0, overview->peak_db);
	const double low_db = fmax(HK_LIVE_SPECTROGRAM_FLOOR_DB, high_db - DYNAMICS_DB);
	for (size_t column = 0; column < overview->n_columns; column++) {
		for (size_t row = 0; row < HK_LIVE_SPECTROGRAM_ROWS; row++) {
			const double db = overview->db[column * HK_LIVE_SPECTROGRAM_ROWS + row];
			pixels[(HK_LIVE_SPECTROGRAM_ROWS - 1 - row) * overview->n_columns +
				column] = pixel_of((db - low_db) / (high_db - low_db));
		}
	}
	hk_chart_axes(&drawing->chart, &drawing->spectrum);
	hk_chart_image(&drawing->chart, &drawing->spectrum, pixels, overview->n_columns,
		HK_LIVE_SPECTROGRAM_ROWS);
	draw_scale(drawing, low_db, high_db);
	free(pixels);
	return 0;
}

/* The line of LABEL, broken where windows are digital zeros. */
static void draw_class(struct drawing *drawing, uint32_t label, double *x, double *y)
{
	const struct hk_plotted_windows *hearing = drawing->plot->hearing;
	size_t n = 0;
	for (size_t i = 0; i < hearing->n_windows; i++) {
		const double *row = hearing->windows + i * (1 + hearing->model->n_labels);
		if (isnan(row[1 + label])) {
			hk_chart_line(&drawing->chart, &drawing->classes, x, y, n,
				colour_of(drawing, label));
			n = 0;
			continue;
		}
		x[n] = row[0];
		y[n++] = row[1 + label];
	}
	hk_chart_line(&drawing->chart, &drawing->classes, x, y, n, colour_of(drawing, label));
}

/* A line of the key at row ROW beside the plot of the classes. */
static void draw_key(
	struct drawing *drawing, uint32_t row, struct hk_colour_rgba colour, const char *text)
{
	const struct hk_axes *beside = &drawing->classes;
	const double left = beside->left + beside->width + 14.0;
	const double middle = beside->top + 8.0 + row * KEY_ROW;
	const struct hk_axes swatch = { .left = left,
		.top = middle - 2.0,
		.width = 16.0,
		.height = 4.0,
		.x = { 0, 1 },
		.y = { 0, 1 } };
	hk_chart_box(&drawing->chart, &swatch, swatch.x, swatch.y, colour);
	hk_chart_text(&drawing->chart, left + 22.0, middle + 4.0, RIGHT - 44.0, KEY_SIZE, text);
}

static int draw_classes(struct drawing *drawing)
{
	const struct hk_plotted_windows *hearing = drawing->plot->hearing;
	const uint32_t n_labels = hearing->model->n_labels;
	double *x = calloc(hearing->n_windows, sizeof(*x));
	double *y = calloc(hearing->n_windows, sizeof(*y));
	const bool fits = x && y;
	if (fits) {
		hk_chart_axes(&drawing->chart, &drawing->classes);
		/* the first of the key on top */
		for (uint32_t i = n_labels; i > 0; i--) {
			draw_class(drawing, drawing->order[i - 1], x, y);
		}
		for (uint32_t i = 0; i < n_labels && i < N_COLOURS; i++) {
			draw_key(drawing, i, class_colours[i],
				hearing->model->labels[drawing->order[i]]);
		}
		if (n_labels > N_COLOURS) {
			char text[32];
			snprintf(text, sizeof(text), "%zu others", n_labels - N_COLOURS);
			draw_key(drawing, N_COLOURS, other_colour, text);
		}
	}
	free(x);
	free(y);
	return fits ? 0 : -ENOMEM;
}

static void draw_events(struct drawing *drawing)
{
	const struct hk_plotted_windows *hearing = drawing->plot->hearing;
	const struct hk_axes *axes = &drawing->events;
	const double rate_hz = drawing->plot->overview->rate_hz;
	const double beside = axes->left + axes->width + 14.0;
	hk_chart_axes(&drawing->chart, axes);
	for (size_t i = 0; i < hearing->n_events; i++) {
		const struct hk_event *event = &hearing->events[i];
		const double row = drawing->n_rows - 1.0 - drawing->row_of[event->label];
		hk_chart_box(&drawing->chart, axes,
			(struct hk_chart_range){ (double)event->start_frame / rate_hz,
				(double)event->end_frame / rate_hz },
			(struct hk_chart_range){ row + 0.15, row + 0.85 },
			colour_of(drawing, event->label));
	}
	const double height = axes->height / fmax(1, drawing->n_rows);
	for (uint32_t label = 0; label < hearing->model->n_labels; label++) {
		if (drawing->row_of[label] != UINT32_MAX) {
			hk_chart_text(&drawing->chart, beside,
				axes->top + (drawing->row_of[label] + 0.5) * height + 4.0,
				RIGHT - 22.0, fmin(KEY_SIZE, height),
				hearing->model->labels[label]);
		}
	}
	hk_chart_text(&drawing->chart, 22.0, axes->top + 0.5 * axes->height + 4.0, LEFT - 26.0,
		KEY_SIZE, drawing->n_rows > 0 ? "events" : "no events");
}

static int draw(struct drawing *drawing, const char *path, struct hk_diag *diag)
{
	const struct hk_plot *plot = drawing->plot;
	int r = order_labels(drawing);
	if (r < 0) {
		return hk_diag_set(diag, r, "%s: out of memory", path);
	}
	give_rows(drawing);
	lay_out(drawing);
	r = hk_chart_begin(&drawing->chart, path, plot->width, plot->height, diag);
	if (r < 0) {
		return r;
	}
	draw_heading(drawing);
	draw_wave(drawing);
	r = draw_spectrum(drawing);
	if (r == 0) {
		r = draw_classes(drawing);
	}
	if (r < 0) {
		hk_chart_drop(&drawing->chart);
		return hk_diag_set(diag, r, "%s: out of memory", path);
	}
	draw_events(drawing);
	return hk_chart_end(&drawing->chart, diag);
}

size_t hk_plot_columns(double width)
{
	return (size_t)(width - LEFT - RIGHT);
}

int hk_plot_draw(const struct hk_plot *plot, const char *path, struct hk_diag *diag)
{
	const uint32_t n_labels = plot->hearing->model->n_labels;
	struct drawing drawing = {
		.plot = plot,
		.seconds = { 0, (double)plot->overview->n_frames / plot->overview->rate_hz },
		.order = calloc(n_labels, sizeof(*drawing.order)),
		.row_of = calloc(n_labels, sizeof(*drawing.row_of)),
	};
	const int r = drawing.order && drawing.row_of
		? draw(&drawing, path, diag)
		: hk_diag_set(diag, -ENOMEM, "%s: out of memory", path);
	free(drawing.order);
	free(drawing.row_of);
	return r;
}
