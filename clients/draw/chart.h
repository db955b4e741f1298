/* SPDX-License-Identifier: MIT */
/*
 * chart: pictures with axes, drawn with cairo into a PNG or SVG file. Main thread only.
 *
 * Drawing cannot fail by itself: the first failure is kept and hk_chart_end tells it. A picture is
 * made in memory and its file is replaced in one step. Texts may hold bytes that are no UTF-8: they
 * are drawn as U+FFFD.
 */
#pragma once

#include <cairo.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/diag.h"
#include "core/base/text_buffer.h"

struct hk_colour_rgba {
	double red, green, blue, alpha;
};

struct hk_chart_range {
	double low, high; /* high > low */
};

/* Where an axis has a line and what stands there. */
struct hk_chart_tick {
	double at;
	char text[24];
};

/* One pair of axes; the picture may have several. */
struct hk_axes {
	double left, top, width, height; /* of the plot within the frame, in pixels */
	struct hk_chart_range x, y;
	const char *x_label, *y_label; /* NULL: none */
	bool log_y;                    /* y.low > 0 */
	bool no_x_numbers;             /* the axes below share them */
	bool no_y_numbers;
	const struct hk_chart_tick *x_ticks; /* in place of numbers on the x axis; NULL: numbers */
	size_t n_x_ticks;
};

struct hk_chart {
	const char *path; /* the caller's; what messages call the picture */
	bool svg;
	bool out_of_memory;         /* something could not be drawn */
	struct hk_text_buffer text; /* its bytes */
	cairo_surface_t *surface;
	cairo_t *cairo;
};

/* Returns 0 when PATH ends in .png or .svg, else -EINVAL with DIAG. */
int hk_chart_check(const char *path, struct hk_diag *diag);

/*
 * Begin a white picture of WIDTH x HEIGHT pixels for the file PATH, which ends in .png or .svg.
 * Returns 0; -EINVAL (another ending), -EIO, -ENOMEM, each with DIAG.
 */
int hk_chart_begin(
	struct hk_chart *ret, const char *path, double width, double height, struct hk_diag *diag);

/* The same as an SVG picture in memory. WHAT: what messages call it. */
int hk_chart_begin_svg(
	struct hk_chart *ret, const char *what, double width, double height, struct hk_diag *diag);

/* Write the file and free the chart. Returns 0; -EIO, -ENOMEM with DIAG. */
int hk_chart_end(struct hk_chart *chart, struct hk_diag *diag);

/* End a chart of hk_chart_begin_svg: its text, malloc'd. Returns 0; -EIO, -ENOMEM with DIAG. */
int hk_chart_end_svg(
	struct hk_chart *chart, char **ret_text, size_t *ret_length, struct hk_diag *diag);

/* Free the chart without writing. */
void hk_chart_drop(struct hk_chart *chart);

/* The smallest range around VALUES, widened by 5 % on both sides so that nothing touches the frame.
 * Of one single value: a range around it. */
struct hk_chart_range hk_chart_range_of(const double *values, size_t n);

/* Frame, grid, ticks and labels. */
void hk_chart_axes(struct hk_chart *chart, const struct hk_axes *axes);

/* What lies outside the frame is cut off; a NAN in Y is a gap in the line. Shapes: x[n], y[n]. */
void hk_chart_line(struct hk_chart *chart, const struct hk_axes *axes, const double *x,
	const double *y, size_t n, struct hk_colour_rgba colour);
void hk_chart_points(struct hk_chart *chart, const struct hk_axes *axes, const double *x,
	const double *y, size_t n, struct hk_colour_rgba colour);

/* From white (0) over the one colour (1) that pictures of tables have. */
struct hk_colour_rgba hk_chart_shade(double value);

/*
 * A table of VALUES from 0 to 1, each a cell of its shade, that fills the frame; row 0 at the
 * bottom. Shapes: values[n_rows * n_columns].
 */
void hk_chart_cells(struct hk_chart *chart, const struct hk_axes *axes, const float *values,
	uint32_t n_rows, uint32_t n_columns);

/* The area between LOW and HIGH of N columns that share the x range. Shapes: low[n], high[n]. */
void hk_chart_band(struct hk_chart *chart, const struct hk_axes *axes, const float *low,
	const float *high, size_t n, struct hk_colour_rgba colour);

/* A box from X to Y of the axes. */
void hk_chart_box(struct hk_chart *chart, const struct hk_axes *axes, struct hk_chart_range x,
	struct hk_chart_range y, struct hk_colour_rgba colour);

/* An image that fills the frame. Shapes: pixels[n_rows][n_columns], 0xRRGGBB, the top row first. */
void hk_chart_image(struct hk_chart *chart, const struct hk_axes *axes, const uint32_t *pixels,
	size_t n_columns, size_t n_rows);

/* A dashed line across at height Y. */
void hk_chart_level(
	struct hk_chart *chart, const struct hk_axes *axes, double y, struct hk_colour_rgba colour);

/* TEXT (UTF-8) with its left end at X and its baseline at Y, made smaller until it is at most WIDTH
 * pixels wide. */
void hk_chart_text(
	struct hk_chart *chart, double x, double y, double width, double size, const char *text);
