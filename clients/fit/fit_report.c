/* SPDX-License-Identifier: MIT */
#include "clients/fit/fit_report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "clients/cli/table.h"
#include "core/base/printable.h"

#define MAX_FIGURES 12

static const char *const kind_names[] = {
	[HK_SOLUTION_LINEAR] = "linear",
	[HK_SOLUTION_POLYNOMIAL] = "polynomial",
	[HK_SOLUTION_LOGISTIC] = "logistic",
};

/* One number of the report: KEY is its name in JSON, TITLE what people read. */
struct figure {
	const char *key, *title;
	double value;
	bool count;
};

/* Fills FIGURES. Returns how many. */
static size_t list_figures(const struct hk_solution *solution, struct figure figures[MAX_FIGURES])
{
	size_t n = 0;
	figures[n++] = (struct figure){ "n_rows", "rows", (double)solution->csv->n_rows, true };
	if (solution->kind == HK_SOLUTION_LOGISTIC) {
		const struct hk_logistic_quality *q = &solution->quality;
		figures[n++] = (struct figure){ "cross_entropy", "cross-entropy (nats)",
			q->cross_entropy };
		figures[n++] = (struct figure){ "threshold", "threshold", solution->threshold };
		figures[n++] = (struct figure){ "accuracy", "accuracy", q->accuracy };
		figures[n++] = (struct figure){ "true_1", "true 1s", (double)q->n_true_yes, true };
		figures[n++] =
			(struct figure){ "false_1", "false 1s", (double)q->n_false_yes, true };
		figures[n++] = (struct figure){ "true_0", "true 0s", (double)q->n_true_no, true };
		figures[n++] =
			(struct figure){ "false_0", "false 0s", (double)q->n_false_no, true };
		figures[n++] = (struct figure){ "iterations", "Newton steps",
			solution->logistic.n_iterations, true };
	} else {
		const struct hk_residuals *r = &solution->residuals;
		figures[n++] = (struct figure){ "mse", "MSE", r->mse };
		figures[n++] = (struct figure){ "rmse", "RMSE", sqrt(r->mse) };
		figures[n++] = (struct figure){ "mae", "MAE", r->mae };
		figures[n++] = (struct figure){ "r2", "R2", r->r2 };
		figures[n++] =
			(struct figure){ "largest_residual", "largest residual", r->largest };
	}
	return n;
}

static void print_rows(const struct hk_solution *solution, struct hk_output *out)
{
	const bool logistic = solution->kind == HK_SOLUTION_LOGISTIC;
	const struct hk_column columns[] = {
		{ "line", 8, true },
		{ solution->csv->names[solution->n_terms], 14, true },
		{ logistic ? "probability" : "fitted", 14, true },
		{ "residual", 14, true },
	};
	struct hk_table table;
	hk_table_init(&table, out, columns, sizeof(columns) / sizeof(columns[0]));
	hk_output_text(out, "\n");
	for (size_t i = 0; i < solution->csv->n_rows && !out->error; i++) {
		char line[16], y[32], fitted[32], residual[32];
		snprintf(line, sizeof(line), "%u", solution->csv->lines[i]);
		snprintf(y, sizeof(y), "%.6g", solution->y[i]);
		snprintf(fitted, sizeof(fitted), "%.6g", solution->fitted[i]);
		snprintf(residual, sizeof(residual), "%.6g", solution->y[i] - solution->fitted[i]);
		hk_table_row(&table, (const char *[]){ line, y, fitted, residual });
	}
}

void hk_fit_print(const struct hk_solution *solution, bool with_rows, struct hk_output *out)
{
	char *equation = hk_solution_equation(solution);
	char printable[1024] = "";
	if (equation) {
		hk_printable(equation, printable, sizeof(printable));
	}
	free(equation);
	hk_output_coloured(out, HK_COLOUR_BOLD, printable);
	hk_output_text(out, "\n");
	struct figure figures[MAX_FIGURES];
	const size_t n = list_figures(solution, figures);
	for (size_t i = 0; i < n; i++) {
		hk_output_text(out, "%-22s%.6g\n", figures[i].title, figures[i].value);
	}
	if (with_rows) {
		print_rows(solution, out);
	}
}

/* The N numbers at VALUES; minus those at SUBTRACT when it is not NULL. */
static json_t *numbers(const double *values, const double *subtract, size_t n)
{
	json_t *array = json_array();
	for (size_t i = 0; i < n; i++) {
		json_array_append_new(
			array, hk_json_number(values[i] - (subtract ? subtract[i] : 0.0)));
	}
	return array;
}

/* How each column of x is counted, when one holds dates; null: a column of numbers. */
static void set_dates(json_t *object, const struct hk_solution *solution)
{
	json_t *counts = json_array();
	bool any = false;
	for (uint32_t i = 0; i < solution->n_terms; i++) {
		const struct hk_date_count *dates = &solution->csv->dates[i];
		char first[32];
		if (dates->form == HK_DATE_NONE) {
			json_array_append_new(counts, json_null());
			continue;
		}
		any = true;
		hk_date_first_text(dates, first, sizeof(first));
		json_array_append_new(counts,
			json_pack("{s:s, s:s}", "step", hk_date_step_name(dates->step, false),
				"since", first));
	}
	if (any) {
		json_object_set(object, "x_dates", counts);
	}
	json_decref(counts);
}

json_t *hk_fit_json(const struct hk_solution *solution, bool with_rows)
{
	const size_t n_rows = solution->csv->n_rows;
	json_t *object = json_object();
	json_object_set_new(object, "kind", json_string(kind_names[solution->kind]));
	json_t *x = json_array();
	for (uint32_t i = 0; i < solution->n_terms; i++) {
		json_array_append_new(x, json_string(solution->csv->names[i]));
	}
	json_object_set_new(object, "x", x);
	json_object_set_new(object, "y", json_string(solution->csv->names[solution->n_terms]));
	set_dates(object, solution);
	json_object_set_new(object, "coefficients",
		numbers(solution->coefficients, NULL, solution->n_coefficients));
	struct figure figures[MAX_FIGURES];
	const size_t n = list_figures(solution, figures);
	for (size_t i = 0; i < n; i++) {
		json_object_set_new(object, figures[i].key,
			figures[i].count ? json_integer((json_int_t)figures[i].value)
					 : hk_json_number(figures[i].value));
	}
	if (with_rows) {
		json_object_set_new(object, "fitted", numbers(solution->fitted, NULL, n_rows));
		json_object_set_new(
			object, "residuals", numbers(solution->y, solution->fitted, n_rows));
	}
	return object;
}
