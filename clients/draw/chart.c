/* SPDX-License-Identifier: MIT */
#include "clients/draw/chart.h"

#include <cairo-svg.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/draw/chart_internal.h"
#include "core/base/file.h"

void hk_chart_set_colour(struct hk_chart *chart, struct hk_colour_rgba colour)
{
	cairo_set_source_rgba(chart->cairo, colour.red, colour.green, colour.blue, colour.alpha);
}

static bool ends_in(const char *text, const char *ending)
{
	const size_t n = strlen(text), n_ending = strlen(ending);
	return n >= n_ending && strcmp(text + n - n_ending, ending) == 0;
}

/* Status of the picture, as an errno with DIAG. Cairo writes to no file: what can fail is memory,
 * or too large a picture. */
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
		chart->cairo, HK_CHART_FONT, CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
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
	const int r = hk_text_buffer_begin(&ret->text);
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
	if (chart->text.file && hk_text_buffer_end(&chart->text, &text, NULL) == 0) {
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
		r = hk_text_buffer_end(&chart->text, ret_data, ret_length);
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
