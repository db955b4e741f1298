/* SPDX-License-Identifier: MIT */
#include "clients/fit/surface.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "clients/cli/output.h"
#include "clients/draw/chart.h"
#include "core/math/least_absolute.h"

#define PANEL 480.0
#define HEIGHT 520.0
#define LEFT 80.0
#define RIGHT 20.0
#define TOP 64.0
#define BOTTOM 50.0
#define N_GRID 161U
#define N_LEVELS 12U
#define REPORTED 20U /* each so many columns and rows of the grid */
#define MAX_POINTS                                                                                 \
	(size_t)(6U * N_GRID * N_GRID) /* of one contour: two segments a cell, with gaps */

static const struct hk_colour_rgba contour_colour = { 0.12, 0.38, 0.68, 0.9 };
static const struct hk_colour_rgba minimum_colour = { 0.82, 0.25, 0.10, 1.0 };

enum cost { COST_SQUARED, COST_ABSOLUTE, COST_ENTROPY };

static const char *const cost_names[] = {
	[COST_SQUARED] = "MSE",
	[COST_ABSOLUTE] = "MAE",
	[COST_ENTROPY] = "cross-entropy",
};

struct surface {
	const struct hk_solution *solution;
	enum cost cost;
	double slope, intercept, least;           /* the minimum */
	struct hk_chart_range slopes, intercepts; /* that are drawn */
	float values[N_GRID * N_GRID];            /* by intercept, then by slope */
	double line_x[MAX_POINTS], line_y[MAX_POINTS];
};

static double cost_of(const struct surface *surface, double slope, double intercept)
{
	const struct hk_solution *solution = surface->solution;
	const size_t n = solution->csv->n_rows;
	double sum = 0.0;
	for (size_t i = 0; i < n; i++) {
		const double z = intercept + slope * solution->x[i], error = solution->y[i] - z;
		sum += surface->cost == COST_SQUARED     ? error * error
			: surface->cost == COST_ABSOLUTE ? fabs(error)
							 : hk_cross_entropy(z, solution->y[i]);
	}
	return sum / (double)n;
}

static int find_minimum(struct surface *surface)
{
	const struct hk_solution *solution = surface->solution;
	const struct hk_observations o = {
		.x = solution->x, .y = solution->y, .n = solution->csv->n_rows, .n_terms = 1
	};
	struct hk_linear linear;
	int r = 0;
	if (surface->cost == COST_ENTROPY) {
		surface->slope = solution->coefficients[1];
		surface->intercept = solution->coefficients[0];
	} else {
		r = surface->cost == COST_SQUARED ? hk_linear_fit(&linear, &o)
						  : hk_least_absolute_fit(&linear, &o);
		if (r < 0) {
			return r;
		}
		surface->slope = linear.coefficients[0];
		surface->intercept = hk_linear_intercept(&linear);
	}
	surface->least = cost_of(surface, surface->slope, surface->intercept);
	return r;
}

/* As far around the minimum as either parameter alone takes to explain nothing of y any more. */
static void choose_ranges(struct surface *surface)
{
	const struct hk_solution *solution = surface->solution;
	const size_t n = solution->csv->n_rows;
	double mean_y = 0.0, x2 = 0.0, y2 = 0.0;
	for (size_t i = 0; i < n; i++) {
		mean_y += solution->y[i] / (double)n;
		x2 += solution->x[i] * solution->x[i] / (double)n;
	}
	for (size_t i = 0; i < n; i++) {
		y2 += (solution->y[i] - mean_y) * (solution->y[i] - mean_y) / (double)n;
	}
	const double rms = sqrt(x2) > 0.0 ? sqrt(x2) : 1.0;
	double reach =
		fmax(sqrt(y2), 2.0 * sqrt(cost_of(surface, surface->slope, surface->intercept)));
	if (surface->cost == COST_ENTROPY) {
		reach = 3.0 + fabs(surface->slope) * rms;
	}
	reach = reach > 0.0 ? reach : 1.0;
	surface->intercepts =
		(struct hk_chart_range){ surface->intercept - reach, surface->intercept + reach };
	surface->slopes = (struct hk_chart_range){ surface->slope - reach / rms,
		surface->slope + reach / rms };
}

static double part_of(struct hk_chart_range range, double index)
{
	return range.low + index / (N_GRID - 1) * (range.high - range.low);
}

static void fill(struct surface *surface)
{
	for (uint32_t row = 0; row < N_GRID; row++) {
		for (uint32_t column = 0; column < N_GRID; column++) {
			surface->values[row * N_GRID + column] =
				(float)cost_of(surface, part_of(surface->slopes, column),
					part_of(surface->intercepts, row));
		}
	}
}

/* Where the edge from corner A to corner B crosses LEVEL. */
static bool crossing(const struct surface *surface, double level, const uint32_t a[2],
	const uint32_t b[2], double *ret_x, double *ret_y)
{
	const double at_a = (double)surface->values[a[1] * N_GRID + a[0]] - level;
	const double at_b = (double)surface->values[b[1] * N_GRID + b[0]] - level;
	if ((at_a < 0.0) == (at_b < 0.0)) {
		return false;
	}
	const double part = at_a / (at_a - at_b);
	*ret_x = part_of(surface->slopes, a[0] + part * ((double)b[0] - a[0]));
	*ret_y = part_of(surface->intercepts, a[1] + part * ((double)b[1] - a[1]));
	return true;
}

/* The contour at LEVEL (marching squares), as pieces with gaps. Returns how many points. */
static size_t find_contour(struct surface *surface, double level)
{
	size_t n = 0;
	for (uint32_t row = 0; row + 1 < N_GRID; row++) {
		for (uint32_t column = 0; column + 1 < N_GRID; column++) {
			const uint32_t corners[5][2] = { { column, row }, { column + 1, row },
				{ column + 1, row + 1 }, { column, row + 1 }, { column, row } };
			size_t n_found = 0;
			for (int edge = 0; edge < 4; edge++) {
				if (crossing(surface, level, corners[edge], corners[edge + 1],
					    &surface->line_x[n], &surface->line_y[n])) {
					n++;
					n_found++;
				}
				if (n_found == 2) { /* a gap behind each piece */
					surface->line_x[n] = 0.0;
					surface->line_y[n++] = (double)NAN;
					n_found = 0;
				}
			}
		}
	}
	return n;
}

/* Contours, closer near the minimum, as the cost rises with the square of the distance. */
static void draw_contours(
	struct hk_chart *chart, const struct hk_axes *axes, struct surface *surface)
{
	double highest = surface->least;
	for (size_t i = 0; i < N_GRID * N_GRID; i++) {
		highest = fmax(highest, (double)surface->values[i]);
	}
	for (uint32_t k = 1; k <= N_LEVELS; k++) {
		const double part = (double)k / (N_LEVELS + 1);
		const double level = surface->least + part * part * (highest - surface->least);
		const size_t n = find_contour(surface, level);
		hk_chart_line(chart, axes, surface->line_x, surface->line_y, n, contour_colour);
		if (n > 0 && k % 2 == 0) { /* its value, where it is highest */
			size_t top = 0;
			for (size_t i = 1; i < n; i++) {
				top = surface->line_y[i] > surface->line_y[top] ? i : top;
			}
			char text[32];
			snprintf(text, sizeof(text), "%.3g", level);
			const double x =
				(surface->line_x[top] - axes->x.low) / (axes->x.high - axes->x.low);
			const double y =
				(surface->line_y[top] - axes->y.low) / (axes->y.high - axes->y.low);
			hk_chart_text(chart, axes->left + fmin(x, 0.93) * axes->width,
				axes->top + (1.0 - fmin(y, 0.97)) * axes->height - 2.0, 40.0, 10.0,
				text);
		}
	}
}

static void draw_panel(struct hk_chart *chart, struct surface *surface, double left)
{
	const struct hk_date_count *dates = &surface->solution->csv->dates[0];
	char slope[48] = "slope", intercept[64] = "intercept", first[32];
	if (dates->form != HK_DATE_NONE) {
		hk_date_first_text(dates, first, sizeof(first));
		snprintf(slope, sizeof(slope), "slope per %s",
			hk_date_step_name(dates->step, false));
		snprintf(intercept, sizeof(intercept), "intercept, at %s", first);
	}
	const struct hk_axes axes = {
		.left = left + LEFT,
		.top = TOP,
		.width = PANEL - LEFT - RIGHT,
		.height = HEIGHT - TOP - BOTTOM,
		.x = surface->slopes,
		.y = surface->intercepts,
		.x_label = slope,
		.y_label = left > 0.0 ? NULL : intercept,
	};
	char text[160];
	snprintf(text, sizeof(text), "%s: least %.5g at slope %.5g, intercept %.5g",
		cost_names[surface->cost], surface->least, surface->slope, surface->intercept);
	hk_chart_text(chart, axes.left, 48.0, axes.width, 12.0, text);
	hk_chart_axes(chart, &axes);
	draw_contours(chart, &axes, surface);
	hk_chart_points(chart, &axes, &surface->slope, &surface->intercept, 1, minimum_colour);
}

/* The minimum, and each REPORTED-th column and row of the grid. */
static json_t *surface_json(const struct surface *surface)
{
	json_t *slopes = json_array(), *intercepts = json_array(), *values = json_array();
	for (uint32_t row = 0; row < N_GRID; row += REPORTED) {
		json_t *line = json_array();
		for (uint32_t column = 0; column < N_GRID; column += REPORTED) {
			json_array_append_new(line,
				hk_json_number((double)surface->values[row * N_GRID + column]));
		}
		json_array_append_new(values, line);
		json_array_append_new(slopes, hk_json_number(part_of(surface->slopes, row)));
		json_array_append_new(
			intercepts, hk_json_number(part_of(surface->intercepts, row)));
	}
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "cost", cost_names[surface->cost],
		"least", hk_json_number(surface->least), "slope", hk_json_number(surface->slope),
		"intercept", hk_json_number(surface->intercept), "slopes", slopes, "intercepts",
		intercepts, "values", values);
}

/* Also appends what was drawn to REPORT. */
static int draw_cost(struct hk_chart *chart, struct surface *surface, enum cost cost, double left,
	json_t *report)
{
	surface->cost = cost;
	const int r = find_minimum(surface);
	if (r == 0) {
		choose_ranges(surface);
		fill(surface);
		draw_panel(chart, surface, left);
		json_array_append_new(report, surface_json(surface));
	}
	return r;
}

int hk_fit_draw_surface(const struct hk_solution *solution, const char *path, json_t **ret_report,
	struct hk_diag *diag)
{
	const bool logistic = solution->kind == HK_SOLUTION_LOGISTIC;
	struct surface *surface = calloc(1, sizeof(*surface));
	struct hk_chart chart;
	char title[256];
	if (!surface) {
		return hk_diag_set(diag, -ENOMEM, "%s: out of memory", path);
	}
	int r = hk_chart_begin(&chart, path, logistic ? PANEL : 2.0 * PANEL, HEIGHT, diag);
	if (r < 0) {
		free(surface);
		return r;
	}
	surface->solution = solution;
	json_t *report = json_array();
	snprintf(title, sizeof(title), "cost of %s over %s, %zu rows", solution->csv->names[1],
		solution->csv->names[0], solution->csv->n_rows);
	hk_chart_text(&chart, LEFT, 28.0, PANEL - LEFT - RIGHT, 16.0, title);
	if (logistic) {
		r = draw_cost(&chart, surface, COST_ENTROPY, 0.0, report);
	} else {
		r = draw_cost(&chart, surface, COST_SQUARED, 0.0, report);
		r = r < 0 ? r : draw_cost(&chart, surface, COST_ABSOLUTE, PANEL, report);
	}
	free(surface);
	if (r < 0) {
		hk_chart_drop(&chart);
		json_decref(report);
		return hk_diag_set(diag, r, "%s: the minimum cannot be found", path);
	}
	r = hk_chart_end(&chart, diag);
	if (r < 0) {
		json_decref(report);
		return r;
	}
	*ret_report = report;
	return 0;
}
