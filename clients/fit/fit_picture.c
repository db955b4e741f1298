/* SPDX-License-Identifier: MIT */
#include "clients/fit/fit_picture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "clients/draw/chart.h"

#define WIDTH 800.0
#define HEIGHT 600.0
#define LEFT 80.0
#define RIGHT 20.0
#define TOP 64.0
#define N_CURVE 400
#define N_DATES 7 /* ticks */

static const struct hk_colour_rgba point_colour = { 0.12, 0.38, 0.68, 0.55 };
static const struct hk_colour_rgba curve_colour = { 0.82, 0.25, 0.10, 1.0 };
static const struct hk_colour_rgba level_colour = { 0.40, 0.40, 0.40, 1.0 };

/* What the picture is made of. */
struct picture {
	const struct hk_solution *solution;
	char *title, *x_label;
	double *x; /* n_rows: where each observation stands */
	double *residuals;
	double curve_x[N_CURVE], curve_y[N_CURVE];
	struct hk_chart_tick ticks[N_DATES]; /* of dates */
	size_t n_ticks;
};

static void finish(struct picture *picture)
{
	free(picture->title);
	free(picture->x_label);
	free(picture->x);
	free(picture->residuals);
}

/* The weighted sum of one row's terms. */
static double sum_of(const struct hk_solution *solution, const double *x)
{
	double sum = solution->coefficients[0];
	for (uint32_t k = 0; k < solution->n_terms; k++) {
		sum += solution->coefficients[k + 1] * x[k];
	}
	return sum;
}

/* The curve at X of the picture's axis. */
static double curve_at(const struct hk_solution *solution, double x)
{
	if (solution->n_terms == 1) {
		return hk_solution_at(solution, &x);
	}
	return solution->kind == HK_SOLUTION_LOGISTIC ? hk_sigmoid(x) : x;
}

/* Is the x axis one of dates? */
static bool has_dates(const struct hk_solution *solution)
{
	return solution->n_terms == 1 && solution->csv->dates[0].form != HK_DATE_NONE;
}

static int prepare(struct picture *picture, const struct hk_solution *solution)
{
	const size_t n = solution->csv->n_rows;
	picture->solution = solution;
	picture->title = hk_solution_equation(solution);
	picture->x_label = hk_solution_sum(solution);
	picture->x = calloc(n, sizeof(*picture->x));
	picture->residuals = calloc(n, sizeof(*picture->residuals));
	if (!picture->title || !picture->x_label || !picture->x || !picture->residuals) {
		return -ENOMEM;
	}
	for (size_t i = 0; i < n; i++) {
		const double *terms = solution->x + i * solution->n_terms;
		picture->x[i] = solution->n_terms == 1 ? terms[0] : sum_of(solution, terms);
		picture->residuals[i] = solution->y[i] - solution->fitted[i];
	}
	const struct hk_chart_range range = hk_chart_range_of(picture->x, n);
	if (has_dates(solution)) {
		picture->n_ticks =
			hk_date_ticks(&solution->csv->dates[0], range, picture->ticks, N_DATES);
	}
	for (size_t i = 0; i < N_CURVE; i++) {
		const double part = (double)i / (N_CURVE - 1);
		picture->curve_x[i] = range.low + part * (range.high - range.low);
		picture->curve_y[i] = curve_at(solution, picture->curve_x[i]);
	}
	return 0;
}

static void draw_heading(struct hk_chart *chart, const struct picture *picture)
{
	const struct hk_solution *solution = picture->solution;
	char figures[160];
	if (solution->kind == HK_SOLUTION_LOGISTIC) {
		snprintf(figures, sizeof(figures),
			"%zu rows, cross-entropy %.4g, accuracy %.4g at threshold %.4g",
			solution->csv->n_rows, solution->quality.cross_entropy,
			solution->quality.accuracy, solution->threshold);
	} else {
		snprintf(figures, sizeof(figures), "%zu rows, R2 %.6g, MSE %.4g, MAE %.4g",
			solution->csv->n_rows, solution->residuals.r2, solution->residuals.mse,
			solution->residuals.mae);
	}
	const double width = WIDTH - LEFT - RIGHT;
	hk_chart_text(chart, LEFT, 28.0, width, 16.0, picture->title);
	hk_chart_text(chart, LEFT, 48.0, width, 12.0, figures);
}

static void draw_curve(struct hk_chart *chart, const struct picture *picture, double height)
{
	const struct hk_solution *solution = picture->solution;
	const bool logistic = solution->kind == HK_SOLUTION_LOGISTIC;
	const char *x_label = solution->n_terms == 1 ? solution->csv->names[0] : picture->x_label;
	const struct hk_axes axes = {
		.left = LEFT,
		.top = TOP,
		.width = WIDTH - LEFT - RIGHT,
		.height = height,
		.x = { picture->curve_x[0], picture->curve_x[N_CURVE - 1] },
		.y = logistic ? (struct hk_chart_range){ -0.05, 1.05 }
			      : hk_chart_range_of(solution->y, solution->csv->n_rows),
		.x_label = logistic ? x_label : NULL,
		.y_label = solution->csv->names[solution->n_terms],
		.x_ticks = has_dates(solution) ? picture->ticks : NULL,
		.n_x_ticks = picture->n_ticks,
	};
	hk_chart_axes(chart, &axes);
	if (logistic) {
		hk_chart_level(chart, &axes, solution->threshold, level_colour);
	}
	hk_chart_points(chart, &axes, picture->x, solution->y, solution->csv->n_rows, point_colour);
	hk_chart_line(chart, &axes, picture->curve_x, picture->curve_y, N_CURVE, curve_colour);
}

static void draw_residuals(
	struct hk_chart *chart, const struct picture *picture, double top, double height)
{
	const struct hk_solution *solution = picture->solution;
	struct hk_axes axes = {
		.left = LEFT,
		.top = top,
		.width = WIDTH - LEFT - RIGHT,
		.height = height,
		.x = { picture->curve_x[0], picture->curve_x[N_CURVE - 1] },
		.y = hk_chart_range_of(picture->residuals, solution->csv->n_rows),
		.x_label = solution->n_terms == 1 ? solution->csv->names[0] : picture->x_label,
		.y_label = "residual",
		.x_ticks = has_dates(solution) ? picture->ticks : NULL,
		.n_x_ticks = picture->n_ticks,
	};
	hk_chart_axes(chart, &axes);
	hk_chart_level(chart, &axes, 0.0, level_colour);
	hk_chart_points(
		chart, &axes, picture->x, picture->residuals, solution->csv->n_rows, point_colour);
}

static int draw(const struct picture *picture, const char *path, struct hk_diag *diag)
{
	struct hk_chart chart;
	const int r = hk_chart_begin(&chart, path, WIDTH, HEIGHT, diag);
	if (r < 0) {
		return r;
	}
	draw_heading(&chart, picture);
	if (picture->solution->kind == HK_SOLUTION_LOGISTIC) {
		draw_curve(&chart, picture, HEIGHT - TOP - 50.0);
	} else {
		draw_curve(&chart, picture, 320.0);
		draw_residuals(&chart, picture, TOP + 350.0, HEIGHT - TOP - 400.0);
	}
	return hk_chart_end(&chart, diag);
}

int hk_fit_draw(const struct hk_solution *solution, const char *path, struct hk_diag *diag)
{
	struct picture picture = { 0 };
	int r = prepare(&picture, solution);
	if (r < 0) {
		hk_diag_set(diag, r, "%s: out of memory", path);
	} else {
		r = draw(&picture, path, diag);
	}
	finish(&picture);
	return r;
}
