/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "clients/draw/chart_internal.h"

#define POINT_RADIUS 3.0

void hk_chart_line(struct hk_chart *chart, const struct hk_axes *axes, const double *x,
	const double *y, size_t n, struct hk_colour_rgba colour)
{
	hk_chart_clip_to(chart, axes);
	for (size_t i = 0; i < n; i++) {
		if (isnan(y[i])) {
			cairo_new_sub_path(chart->cairo);
		} else {
			cairo_line_to(chart->cairo, hk_chart_x_pixel(axes, x[i]),
				hk_chart_y_pixel(axes, y[i]));
		}
	}
	hk_chart_set_colour(chart, colour);
	cairo_set_line_width(chart->cairo, 2.0);
	cairo_stroke(chart->cairo);
	cairo_restore(chart->cairo);
}

void hk_chart_points(struct hk_chart *chart, const struct hk_axes *axes, const double *x,
	const double *y, size_t n, struct hk_colour_rgba colour)
{
	hk_chart_clip_to(chart, axes);
	hk_chart_set_colour(chart, colour);
	for (size_t i = 0; i < n; i++) {
		cairo_arc(chart->cairo, hk_chart_x_pixel(axes, x[i]), hk_chart_y_pixel(axes, y[i]),
			POINT_RADIUS, 0.0, 2.0 * M_PI);
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
	hk_chart_clip_to(chart, axes);
	hk_chart_set_colour(chart, colour);
	for (size_t i = 0; i < n; i++) {
		/* half a pixel more, so that silence is a line and neighbours touch */
		const double top = hk_chart_y_pixel(axes, (double)high[i]) - 0.5;
		const double bottom = hk_chart_y_pixel(axes, (double)low[i]) + 0.5;
		cairo_rectangle(
			chart->cairo, axes->left + (double)i * width, top, width, bottom - top);
	}
	cairo_fill(chart->cairo);
	cairo_restore(chart->cairo);
}

void hk_chart_box(struct hk_chart *chart, const struct hk_axes *axes, struct hk_chart_range x,
	struct hk_chart_range y, struct hk_colour_rgba colour)
{
	const double left = hk_chart_x_pixel(axes, x.low), right = hk_chart_x_pixel(axes, x.high);
	const double top = hk_chart_y_pixel(axes, y.high), bottom = hk_chart_y_pixel(axes, y.low);
	hk_chart_clip_to(chart, axes);
	cairo_rectangle(chart->cairo, left, top, fmax(right - left, 1.0), bottom - top);
	hk_chart_set_colour(chart, colour);
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
	hk_chart_clip_to(chart, axes);
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
	hk_chart_clip_to(chart, axes);
	cairo_move_to(chart->cairo, axes->left, hk_chart_y_pixel(axes, y));
	cairo_line_to(chart->cairo, axes->left + axes->width, hk_chart_y_pixel(axes, y));
	hk_chart_set_colour(chart, colour);
	cairo_set_line_width(chart->cairo, 1.0);
	cairo_set_dash(chart->cairo, dashes, 2, 0.0);
	cairo_stroke(chart->cairo);
	cairo_restore(chart->cairo);
}
