/* SPDX-License-Identifier: MIT */
#include "clients/draw/chart.h"

#include <cairo-svg.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/file.h"
#include "core/base/utf8.h"

#define FONT "sans-serif"
#define TICK_SIZE 11.0
#define LABEL_SIZE 12.0
#define PIXELS_A_TICK 80.0
#define POINT_RADIUS 3.0

static const struct hk_colour_rgba ink = { 0.15, 0.15, 0.15, 1.0 };
static const struct hk_colour_rgba grid = { 0.88, 0.88, 0.88, 1.0 };

static void set_colour(struct hk_chart *chart, struct hk_colour_rgba colour)
{
	cairo_set_source_rgba(chart->cairo, colour.red, colour.green, colour.blue, colour.alpha);
}

static bool ends_in(const char *text, const char *ending)
{
	const size_t n = strlen(text), n_ending = strlen(ending);
	return n >= n_ending && strcmp(text + n - n_ending, ending) == 0;
}

/* Status of the picture, as an errno with DIAG. Cairo writes to no file: what can fail is memory, or too large
 * a picture. */
static int status_of(const struct hk_chart *chart, cairo_status_t status, struct hk_diag *diag)
{
	if (status == CAIRO_STATUS_NO_MEMORY || chart->out_of_memory) {
		return hk_diag_set(diag, -ENOMEM, "%s: out of memory", chart->path);
	}
	if (status == CAIRO_STATUS_SUCCESS) {
		return 0;
	}
	return hk_diag_set(diag, -EIO, "%s: the picture cannot be drawn: cairo reports \"%s\"",
		chart->path, cairo_status_to_string(status));
}

/* Begin to draw on CHART's surface; drops it on failure. */
static int prepare(struct hk_chart *chart, struct hk_diag *diag)
{
	chart->cairo = cairo_create(chart->surface);
	const int r = status_of(chart, cairo_status(chart->cairo), diag);
	if (r < 0) {
		hk_chart_drop(chart);
		return r;
	}
	cairo_set_source_rgb(chart->cairo, 1.0, 1.0, 1.0);
	cairo_paint(chart->cairo);
	cairo_select_font_face(
		chart->cairo, FONT, CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
	return 0;
}

int hk_chart_check(const char *path, struct hk_diag *diag)
{
	return ends_in(path, ".svg") || ends_in(path, ".png")
		? 0
		: hk_diag_set(diag, -EINVAL, "%s: expected a name that ends in .png or .svg", path);
}

static cairo_status_t write_stream(void *closure, const unsigned char *data, unsigned length)
{
	return fwrite(data, 1, length, closure) == length ? CAIRO_STATUS_SUCCESS
							  : CAIRO_STATUS_NO_MEMORY;
}

/* The stream writes into RET: it is filled where it stays. */
static int begin(struct hk_chart *ret, const char *path, bool svg, double width, double height,
	struct hk_diag *diag)
{
	*ret = (struct hk_chart){ .path = path, .svg = svg };
	const int r = hk_text_begin(&ret->text);
	if (r < 0) {
		*ret = (struct hk_chart){ 0 };
		return hk_diag_set(diag, r, "%s: out of memory", path);
	}
	ret->surface = svg
		? cairo_svg_surface_create_for_stream(write_stream, ret->text.file, width, height)
		: cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)width, (int)height);
	return prepare(ret, diag);
}

int hk_chart_begin(
	struct hk_chart *ret, const char *path, double width, double height, struct hk_diag *diag)
{
	int r = hk_chart_check(path, diag);
	return r < 0 ? r : begin(ret, path, ends_in(path, ".svg"), width, height, diag);
}

int hk_chart_begin_svg(
	struct hk_chart *ret, const char *what, double width, double height, struct hk_diag *diag)
{
	return begin(ret, what, true, width, height, diag);
}

void hk_chart_drop(struct hk_chart *chart)
{
	char *text;
	cairo_destroy(chart->cairo);
	cairo_surface_destroy(chart->surface);
	if (chart->text.file && hk_text_end(&chart->text, &text, NULL) == 0) {
		free(text);
	}
	*chart = (struct hk_chart){ 0 };
}

/* The picture's bytes, malloc'd. The chart is gone whatever happens. */
static int finish(struct hk_chart *chart, char **ret_data, size_t *ret_length, struct hk_diag *diag)
{
	cairo_status_t status = cairo_status(chart->cairo);
	if (status == CAIRO_STATUS_SUCCESS && !chart->svg) {
		status = cairo_surface_write_to_png_stream(
			chart->surface, write_stream, chart->text.file);
	} else if (status == CAIRO_STATUS_SUCCESS) {
		cairo_surface_finish(chart->surface);
		status = cairo_surface_status(chart->surface);
	}
	int r = status_of(chart, status, diag);
	if (r == 0) {
		r = hk_text_end(&chart->text, ret_data, ret_length);
		chart->text.file = NULL;
		if (r < 0) {
			hk_diag_set(diag, r, "%s: out of memory", chart->path);
		}
	}
	hk_chart_drop(chart);
	return r;
}

int hk_chart_end(struct hk_chart *chart, struct hk_diag *diag)
{
	const char *path = chart->path;
	char *data;
	size_t length;
	int r = finish(chart, &data, &length, diag);
	if (r == 0) {
		r = hk_file_replace(path, data, length, diag);
		free(data);
	}
	return r < 0 && r != -ENOMEM ? -EIO : r;
}

int hk_chart_end_svg(
	struct hk_chart *chart, char **ret_text, size_t *ret_length, struct hk_diag *diag)
{
	return finish(chart, ret_text, ret_length, diag);
}

struct hk_chart_range hk_chart_range_of(const double *values, size_t n)
{
	double low = HUGE_VAL, high = -HUGE_VAL;
	for (size_t i = 0; i < n; i++) {
		low = fmin(low, values[i]);
		high = fmax(high, values[i]);
	}
	/* Around a single value, and never narrower than what a double can tell apart. */
	const double size = fmax(fabs(low), fabs(high));
	const double margin = fmax(0.05 * (high - low), size > 0.0 ? 1e-9 * size : 1.0);
	return (struct hk_chart_range){ low - margin, high + margin };
}

static double x_pixel(const struct hk_axes *axes, double x)
{
	return axes->left + (x - axes->x.low) / (axes->x.high - axes->x.low) * axes->width;
}

static double y_pixel(const struct hk_axes *axes, double y)
{
	const double part = axes->log_y ? log(y / axes->y.low) / log(axes->y.high / axes->y.low)
					: (y - axes->y.low) / (axes->y.high - axes->y.low);
	return axes->top + axes->height - part * axes->height;
}

/* The step of 1, 2 or 5 times a power of ten that gives at most N_TICKS ticks. */
static double tick_step(struct hk_chart_range range, double n_ticks)
{
	const double least = (range.high - range.low) / fmax(n_ticks, 1.0);
	const double power = pow(10.0, floor(log10(least)));
	static const double factors[] = { 1.0, 2.0, 5.0 };
	for (size_t i = 0; i < sizeof(factors) / sizeof(factors[0]); i++) {
		if (factors[i] * power >= least) {
			return factors[i] * power;
		}
	}
	return 10.0 * power;
}

/* VALUE, a multiple of STEP, with as many digits as STEP needs; no "1e+03" before a million. */
static void tick_text(double value, double step, char *ret_text, size_t size)
{
	if (fabs(value) < 0.5 * step) {
		value = 0.0; /* no "-1e-17" */
	}
	const int digits = (int)ceil(log10(fmax(fabs(value), step) / step)) + 2;
	const int whole = fabs(value) < 1e6 ? 6 : 3;
	snprintf(ret_text, size, "%.*g", digits > whole ? digits : whole, value);
}

static void hair_line(struct hk_chart *chart, double x0, double y0, double x1, double y1)
{
	/* On pixel centres: sharp. */
	cairo_move_to(chart->cairo, floor(x0) + 0.5, floor(y0) + 0.5);
	cairo_line_to(chart->cairo, floor(x1) + 0.5, floor(y1) + 0.5);
	set_colour(chart, grid);
	cairo_set_line_width(chart->cairo, 1.0);
	cairo_stroke(chart->cairo);
}

/* Where a text stands. */
struct place {
	double x, y;      /* of its baseline */
	double shift;     /* to the left, as a share of its width */
	double max_width; /* a wider text gets smaller letters; HUGE_VAL: none does */
};

/* Draw TEXT with letters of SIZE. Cairo draws nothing more after a text that is not UTF-8. */
static void draw_text(
	struct hk_chart *chart, const struct place *place, double size, const char *text)
{
	cairo_text_extents_t extents;
	char *valid = hk_utf8_valid(text);
	if (!valid) {
		chart->out_of_memory = true;
		return;
	}
	cairo_set_font_size(chart->cairo, size);
	cairo_text_extents(chart->cairo, valid, &extents);
	if (extents.x_advance > place->max_width) {
		cairo_set_font_size(chart->cairo, size * place->max_width / extents.x_advance);
	}
	cairo_move_to(chart->cairo, place->x - extents.x_advance * place->shift, place->y);
	set_colour(chart, ink);
	cairo_show_text(chart->cairo, valid);
	free(valid);
}

/* TEXT with its middle (or right end) at X, its baseline at Y. */
static void aligned_text(
	struct hk_chart *chart, double x, double y, double size, bool right, const char *text)
{
	const struct place place = {
		.x = x, .y = y, .shift = right ? 1.0 : 0.5, .max_width = HUGE_VAL
	};
	draw_text(chart, &place, size, text);
}

static void x_ticks(struct hk_chart *chart, const struct hk_axes *axes)
{
	const double bottom = axes->top + axes->height;
	const double step = tick_step(axes->x, axes->width / PIXELS_A_TICK);
	for (double x = ceil(axes->x.low / step) * step; x <= axes->x.high; x += step) {
		char text[32];
		tick_text(x, step, text, sizeof(text));
		hair_line(chart, x_pixel(axes, x), axes->top, x_pixel(axes, x), bottom);
		if (!axes->no_x_numbers) {
			aligned_text(
				chart, x_pixel(axes, x), bottom + 16.0, TICK_SIZE, false, text);
		}
	}
}

static void y_tick(struct hk_chart *chart, const struct hk_axes *axes, double y, const char *text)
{
	const double at = y_pixel(axes, y);
	hair_line(chart, axes->left, at, axes->left + axes->width, at);
	aligned_text(chart, axes->left - 6.0, at + 4.0, TICK_SIZE, true, text);
}

/* At 1, 2 and 5 times the powers of ten. */
static void log_y_ticks(struct hk_chart *chart, const struct hk_axes *axes)
{
	static const double factors[] = { 1.0, 2.0, 5.0 };
	for (double power = pow(10.0, floor(log10(axes->y.low))); power <= axes->y.high;
		power *= 10.0) {
		for (size_t i = 0; i < sizeof(factors) / sizeof(factors[0]); i++) {
			const double y = factors[i] * power;
			if (y >= axes->y.low && y <= axes->y.high) {
				char text[32];
				snprintf(text, sizeof(text), "%g%s", y >= 1000.0 ? y / 1000.0 : y,
					y >= 1000.0 ? " k" : "");
				y_tick(chart, axes, y, text);
			}
		}
	}
}

static void y_ticks(struct hk_chart *chart, const struct hk_axes *axes)
{
	const double step = tick_step(axes->y, 1.5 + axes->height / (PIXELS_A_TICK * 0.6));
	for (double y = ceil(axes->y.low / step) * step; y <= axes->y.high; y += step) {
		char text[32];
		tick_text(y, step, text, sizeof(text));
		y_tick(chart, axes, y, text);
	}
}

void hk_chart_axes(struct hk_chart *chart, const struct hk_axes *axes)
{
	x_ticks(chart, axes);
	if (axes->log_y) {
		log_y_ticks(chart, axes);
	} else if (!axes->no_y_numbers) {
		y_ticks(chart, axes);
	}
	cairo_rectangle(chart->cairo, floor(axes->left) + 0.5, floor(axes->top) + 0.5,
		floor(axes->width), floor(axes->height));
	set_colour(chart, ink);
	cairo_set_line_width(chart->cairo, 1.0);
	cairo_stroke(chart->cairo);
	if (axes->x_label) {
		aligned_text(chart, axes->left + 0.5 * axes->width, axes->top + axes->height + 34.0,
			LABEL_SIZE, false, axes->x_label);
	}
	if (axes->y_label) {
		cairo_save(chart->cairo);
		cairo_translate(chart->cairo, 16.0, axes->top + 0.5 * axes->height);
		cairo_rotate(chart->cairo, -M_PI / 2.0);
		aligned_text(chart, 0.0, 0.0, LABEL_SIZE, false, axes->y_label);
		cairo_restore(chart->cairo);
	}
}

static void clip_to(struct hk_chart *chart, const struct hk_axes *axes)
{
	cairo_save(chart->cairo);
	cairo_rectangle(chart->cairo, axes->left, axes->top, axes->width, axes->height);
	cairo_clip(chart->cairo);
}

void hk_chart_line(struct hk_chart *chart, const struct hk_axes *axes, const double *x,
	const double *y, size_t n, struct hk_colour_rgba colour)
{
	clip_to(chart, axes);
	for (size_t i = 0; i < n; i++) {
		if (isnan(y[i])) {
			cairo_new_sub_path(chart->cairo);
		} else {
			cairo_line_to(chart->cairo, x_pixel(axes, x[i]), y_pixel(axes, y[i]));
		}
	}
	set_colour(chart, colour);
	cairo_set_line_width(chart->cairo, 2.0);
	cairo_stroke(chart->cairo);
	cairo_restore(chart->cairo);
}

void hk_chart_points(struct hk_chart *chart, const struct hk_axes *axes, const double *x,
	const double *y, size_t n, struct hk_colour_rgba colour)
{
	clip_to(chart, axes);
	set_colour(chart, colour);
	for (size_t i = 0; i < n; i++) {
		cairo_arc(chart->cairo, x_pixel(axes, x[i]), y_pixel(axes, y[i]), POINT_RADIUS, 0.0,
			2.0 * M_PI);
		cairo_fill(chart->cairo);
	}
	cairo_restore(chart->cairo);
}

struct hk_colour_rgba hk_chart_shade(double value)
{
	const double v = fmin(fmax(value, 0.0), 1.0);
	return (struct hk_colour_rgba){ 1.0 - 0.94 * v, 1.0 - 0.72 * v, 1.0 - 0.46 * v, 1.0 };
}

/* VALUE's shade as a pixel of CAIRO_FORMAT_RGB24. */
static uint32_t shade_pixel(float value)
{
	const struct hk_colour_rgba colour = hk_chart_shade((double)value);
	return (uint32_t)lround(255.0 * colour.red) << 16 |
		(uint32_t)lround(255.0 * colour.green) << 8 | (uint32_t)lround(255.0 * colour.blue);
}

/* VALUES as an image of so many pixels a cell; NULL: out of memory. */
static cairo_surface_t *cells_image(const float *values, uint32_t n_rows, uint32_t n_columns,
	uint32_t cell_width, uint32_t cell_height)
{
	const uint32_t width = n_columns * cell_width, height = n_rows * cell_height;
	cairo_surface_t *image =
		cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)width, (int)height);
	unsigned char *pixels = cairo_image_surface_get_data(image);
	for (uint32_t y = 0; pixels && y < height; y++) {
		unsigned char *line =
			pixels + (size_t)y * (size_t)cairo_image_surface_get_stride(image);
		const float *row = values + (size_t)(n_rows - 1 - y / cell_height) * n_columns;
		for (uint32_t x = 0; x < width; x++) {
			const uint32_t pixel = shade_pixel(row[x / cell_width]);
			memcpy(line + x * sizeof(pixel), &pixel, sizeof(pixel));
		}
	}
	cairo_surface_mark_dirty(image);
	return image;
}

void hk_chart_cells(struct hk_chart *chart, const struct hk_axes *axes, const float *values,
	uint32_t n_rows, uint32_t n_columns)
{
	/* Browsers smooth what they enlarge, whatever the filter: give them two pixels for one. */
	const uint32_t cell_width = (uint32_t)ceil(2.0 * axes->width / n_columns);
	const uint32_t cell_height = (uint32_t)ceil(2.0 * axes->height / n_rows);
	cairo_surface_t *image = cells_image(values, n_rows, n_columns, cell_width, cell_height);
	cairo_save(chart->cairo);
	cairo_translate(chart->cairo, axes->left, axes->top);
	cairo_scale(chart->cairo, axes->width / (n_columns * cell_width),
		axes->height / (n_rows * cell_height));
	cairo_set_source_surface(chart->cairo, image, 0.0, 0.0);
	cairo_paint(chart->cairo);
	cairo_restore(chart->cairo);
	cairo_surface_destroy(image);
}

void hk_chart_band(struct hk_chart *chart, const struct hk_axes *axes, const float *low,
	const float *high, size_t n, struct hk_colour_rgba colour)
{
	const double width = axes->width / (double)n;
	clip_to(chart, axes);
	set_colour(chart, colour);
	for (size_t i = 0; i < n; i++) {
		/* half a pixel more, so that silence is a line and neighbours touch */
		const double top = y_pixel(axes, (double)high[i]) - 0.5;
		const double bottom = y_pixel(axes, (double)low[i]) + 0.5;
		cairo_rectangle(
			chart->cairo, axes->left + (double)i * width, top, width, bottom - top);
	}
	cairo_fill(chart->cairo);
	cairo_restore(chart->cairo);
}

void hk_chart_box(struct hk_chart *chart, const struct hk_axes *axes, struct hk_chart_range x,
	struct hk_chart_range y, struct hk_colour_rgba colour)
{
	const double left = x_pixel(axes, x.low), right = x_pixel(axes, x.high);
	const double top = y_pixel(axes, y.high), bottom = y_pixel(axes, y.low);
	clip_to(chart, axes);
	cairo_rectangle(chart->cairo, left, top, fmax(right - left, 1.0), bottom - top);
	set_colour(chart, colour);
	cairo_fill(chart->cairo);
	cairo_restore(chart->cairo);
}

void hk_chart_image(struct hk_chart *chart, const struct hk_axes *axes, const uint32_t *pixels,
	size_t n_columns, size_t n_rows)
{
	cairo_surface_t *image =
		cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)n_columns, (int)n_rows);
	unsigned char *data = cairo_image_surface_get_data(image);
	for (size_t row = 0; data && row < n_rows; row++) {
		memcpy(data + row * (size_t)cairo_image_surface_get_stride(image),
			pixels + row * n_columns, n_columns * sizeof(*pixels));
	}
	cairo_surface_mark_dirty(image);
	clip_to(chart, axes);
	cairo_translate(chart->cairo, axes->left, axes->top);
	cairo_scale(chart->cairo, axes->width / (double)n_columns, axes->height / (double)n_rows);
	/* an image that could not be made passes its status on to the chart */
	cairo_set_source_surface(chart->cairo, image, 0.0, 0.0);
	cairo_pattern_set_filter(cairo_get_source(chart->cairo), CAIRO_FILTER_NEAREST);
	cairo_paint(chart->cairo);
	cairo_restore(chart->cairo);
	cairo_surface_destroy(image);
}

void hk_chart_level(
	struct hk_chart *chart, const struct hk_axes *axes, double y, struct hk_colour_rgba colour)
{
	static const double dashes[] = { 6.0, 4.0 };
	clip_to(chart, axes);
	cairo_move_to(chart->cairo, axes->left, y_pixel(axes, y));
	cairo_line_to(chart->cairo, axes->left + axes->width, y_pixel(axes, y));
	set_colour(chart, colour);
	cairo_set_line_width(chart->cairo, 1.0);
	cairo_set_dash(chart->cairo, dashes, 2, 0.0);
	cairo_stroke(chart->cairo);
	cairo_restore(chart->cairo);
}

void hk_chart_text(
	struct hk_chart *chart, double x, double y, double width, double size, const char *text)
{
	const struct place place = { .x = x, .y = y, .max_width = width };
	draw_text(chart, &place, size, text);
}
