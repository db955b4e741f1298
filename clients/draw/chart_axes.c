/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "clients/draw/chart_internal.h"
#include "core/base/utf8.h"

#define TICK_SIZE 11.0
#define LABEL_SIZE 12.0
#define PIXELS_A_TICK 80.0

static const struct hk_colour_rgba grid = { 0.88, 0.88, 0.88, 1.0 };

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

double hk_chart_x_pixel(const struct hk_axes *axes, double x)
{
	return axes->left + (x - axes->x.low) / (axes->x.high - axes->x.low) * axes->width;
}

double hk_chart_y_pixel(const struct hk_axes *axes, double y)
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
	hk_chart_set_colour(chart, grid);
	cairo_set_line_width(chart->cairo, 1.0);
	cairo_stroke(chart->cairo);
}

/* Where a text stands. */
struct text_place {
	double x, y;      /* of its baseline */
	double shift;     /* to the left, as a share of its width */
	double max_width; /* a wider text gets smaller letters; HUGE_VAL: none does */
};

/* Draw TEXT with letters of SIZE. Cairo draws nothing more after a text that is not UTF-8. */
static void draw_text(
	struct hk_chart *chart, const struct text_place *place, double size, const char *text)
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
	hk_chart_set_colour(chart, hk_chart_ink);
	cairo_show_text(chart->cairo, valid);
	free(valid);
}

/* TEXT with its middle (or right end) at X, its baseline at Y. */
static void aligned_text(
	struct hk_chart *chart, double x, double y, double size, bool right, const char *text)
{
	const struct text_place place = {
		.x = x, .y = y, .shift = right ? 1.0 : 0.5, .max_width = HUGE_VAL
	};
	draw_text(chart, &place, size, text);
}

static void x_tick(struct hk_chart *chart, const struct hk_axes *axes, double x, const char *text)
{
	const double at = hk_chart_x_pixel(axes, x), bottom = axes->top + axes->height;
	hair_line(chart, at, axes->top, at, bottom);
	if (!axes->no_x_numbers) {
		aligned_text(chart, at, bottom + 16.0, TICK_SIZE, false, text);
	}
}

static void x_ticks(struct hk_chart *chart, const struct hk_axes *axes)
{
	for (size_t i = 0; axes->x_ticks && i < axes->n_x_ticks; i++) {
		x_tick(chart, axes, axes->x_ticks[i].at, axes->x_ticks[i].text);
	}
	if (axes->x_ticks) {
		return;
	}
	const double step = tick_step(axes->x, axes->width / PIXELS_A_TICK);
	for (double x = ceil(axes->x.low / step) * step; x <= axes->x.high; x += step) {
		char text[32];
		tick_text(x, step, text, sizeof(text));
		x_tick(chart, axes, x, text);
	}
}

static void y_tick(struct hk_chart *chart, const struct hk_axes *axes, double y, const char *text)
{
	const double at = hk_chart_y_pixel(axes, y);
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
	hk_chart_set_colour(chart, hk_chart_ink);
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

void hk_chart_text(
	struct hk_chart *chart, double x, double y, double width, double size, const char *text)
{
	const struct text_place place = { .x = x, .y = y, .max_width = width };
	draw_text(chart, &place, size, text);
}

void hk_chart_clip_to(struct hk_chart *chart, const struct hk_axes *axes)
{
	cairo_save(chart->cairo);
	cairo_rectangle(chart->cairo, axes->left, axes->top, axes->width, axes->height);
	cairo_clip(chart->cairo);
}
