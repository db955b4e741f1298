/* SPDX-License-Identifier: MIT */
#include "clients/fit/solution.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text_buffer.h"
#include "core/math/least_absolute.h"

/* x and y out of the table. */
static int take_columns(struct hk_solution *solution)
{
	const struct hk_csv *csv = solution->csv;
	const size_t n_terms = solution->n_terms;
	solution->x = calloc(csv->n_rows * n_terms, sizeof(*solution->x));
	solution->y = calloc(csv->n_rows, sizeof(*solution->y));
	solution->fitted = calloc(csv->n_rows, sizeof(*solution->fitted));
	if (!solution->x || !solution->y || !solution->fitted) {
		return -ENOMEM;
	}
	for (size_t i = 0; i < csv->n_rows; i++) {
		const double *row = csv->values + i * csv->n_columns;
		memcpy(solution->x + i * n_terms, row, n_terms * sizeof(*row));
		solution->y[i] = row[n_terms];
	}
	return 0;
}

static int fit_polynomial(struct hk_solution *solution, uint32_t degree, hk_linear_fit_fn *fitter)
{
	const int r = hk_polynomial_fit_by(&solution->polynomial, solution->x, solution->y,
		solution->csv->n_rows, degree, fitter);
	if (r == 0) {
		solution->n_coefficients = degree + 1;
		hk_polynomial_expand(&solution->polynomial, solution->coefficients);
	}
	return r;
}

static int fit_linear(struct hk_solution *solution, const struct hk_observations *observations,
	hk_linear_fit_fn *fitter)
{
	const int r = fitter(&solution->linear, observations);
	if (r == 0) {
		solution->n_coefficients = solution->n_terms + 1;
		solution->coefficients[0] = hk_linear_intercept(&solution->linear);
		memcpy(solution->coefficients + 1, solution->linear.coefficients,
			solution->n_terms * sizeof(double));
	}
	return r;
}

static int fit_logistic(struct hk_solution *solution, const struct hk_observations *observations)
{
	const int r = hk_logistic_fit(&solution->logistic, observations);
	if (r == 0) {
		solution->n_coefficients = solution->n_terms + 1;
		solution->coefficients[0] = solution->logistic.intercept;
		memcpy(solution->coefficients + 1, solution->logistic.coefficients,
			solution->n_terms * sizeof(double));
		solution->quality = hk_logistic_quality_of(
			&solution->logistic, observations, solution->threshold);
	}
	return r;
}

static int check_answers(const struct hk_solution *solution, const char *path, struct hk_diag *diag)
{
	for (size_t i = 0; i < solution->csv->n_rows; i++) {
		if (solution->y[i] != 0.0 && solution->y[i] != 1.0) {
			return hk_diag_set(diag, -EINVAL,
				"%s:%u: %s: expected 0 or 1 for a logistic model, got %g", path,
				solution->csv->lines[i], solution->csv->names[solution->n_terms],
				solution->y[i]);
		}
	}
	return 0;
}

static int explain(
	int error, const struct hk_solution *solution, const char *path, struct hk_diag *diag)
{
	if (error == -ENOMEM) {
		return hk_diag_set(diag, error, "%s: out of memory", path);
	}
	if (error == -EDOM && solution->kind == HK_SOLUTION_LOGISTIC) {
		return hk_diag_set(diag, error,
			"%s: the two answers can be told apart without error, so the best "
			"coefficients are endless, or one column follows from the others; expected "
			"--ridge above 0",
			path);
	}
	if (error == -EDOM) {
		return hk_diag_set(diag, error,
			"%s: %zu rows do not determine the curve; expected more distinct values of "
			"x, or columns that do not follow from each other",
			path, solution->csv->n_rows);
	}
	return error;
}

static int fit(struct hk_solution *solution, const struct hk_solution_setup *setup,
	const char *path, struct hk_diag *diag)
{
	int r = take_columns(solution);
	if (r < 0) {
		return r;
	}
	const struct hk_observations observations = {
		.x = solution->x,
		.y = solution->y,
		.n = solution->csv->n_rows,
		.n_terms = solution->n_terms,
		.ridge = setup->kind == HK_SOLUTION_LOGISTIC ? setup->ridge : 0.0,
	};
	hk_linear_fit_fn *fitter = setup->absolute ? hk_least_absolute_fit : hk_linear_fit;
	switch (setup->kind) {
	case HK_SOLUTION_POLYNOMIAL:
		return fit_polynomial(solution, setup->degree, fitter);
	case HK_SOLUTION_LINEAR:
		return fit_linear(solution, &observations, fitter);
	case HK_SOLUTION_LOGISTIC:
		r = check_answers(solution, path, diag);
		return r < 0 ? r : fit_logistic(solution, &observations);
	}
	return -EINVAL;
}

int hk_solution_fit(struct hk_solution *ret, const struct hk_solution_setup *setup,
	const struct hk_csv *csv, const char *path, struct hk_diag *diag)
{
	struct hk_solution solution = {
		.kind = setup->kind,
		.n_terms = (uint32_t)csv->n_columns - 1,
		.csv = csv,
		.threshold = setup->threshold,
	};
	int r = fit(&solution, setup, path, diag);
	if (r < 0) {
		r = explain(r, &solution, path, diag);
		hk_solution_finish(&solution);
		return r;
	}
	for (size_t i = 0; i < csv->n_rows; i++) {
		solution.fitted[i] = hk_solution_at(&solution, solution.x + i * solution.n_terms);
	}
	if (solution.kind != HK_SOLUTION_LOGISTIC) {
		solution.residuals = hk_residuals_of(solution.y, solution.fitted, csv->n_rows);
	}
	*ret = solution;
	return 0;
}

void hk_solution_finish(struct hk_solution *solution)
{
	free(solution->x);
	free(solution->y);
	free(solution->fitted);
	memset(solution, 0, sizeof(*solution));
}

double hk_solution_at(const struct hk_solution *solution, const double *x)
{
	switch (solution->kind) {
	case HK_SOLUTION_POLYNOMIAL:
		return hk_polynomial_at(&solution->polynomial, x[0]);
	case HK_SOLUTION_LINEAR:
		return hk_linear_at(&solution->linear, x);
	case HK_SOLUTION_LOGISTIC:
		return hk_logistic_at(&solution->logistic, x);
	}
	return 0.0;
}

void hk_solution_term(
	const struct hk_solution *solution, uint32_t term, char *ret_text, size_t size)
{
	const struct hk_date_count *dates = &solution->csv->dates[term];
	char first[32];
	if (dates->form == HK_DATE_NONE) {
		snprintf(ret_text, size, "%s", solution->csv->names[term]);
		return;
	}
	hk_date_first_text(dates, first, sizeof(first));
	snprintf(ret_text, size, "(%s since %s)", hk_date_step_name(dates->step, true), first);
}

char *hk_solution_sum(const struct hk_solution *solution)
{
	struct hk_text_buffer text;
	char *data;
	if (hk_text_buffer_begin(&text) < 0) {
		return NULL;
	}
	FILE *file = text.file;
	fprintf(file, "%.6g", solution->coefficients[0]);
	for (uint32_t i = 1; i < solution->n_coefficients; i++) {
		const double value = solution->coefficients[i];
		const bool powers = solution->kind == HK_SOLUTION_POLYNOMIAL;
		char term[256];
		hk_solution_term(solution, powers ? 0 : i - 1, term, sizeof(term));
		fprintf(file, " %c %.6g %s", signbit(value) ? '-' : '+', fabs(value), term);
		if (powers && i > 1) {
			fprintf(file, "^%u", i);
		}
	}
	return hk_text_buffer_end(&text, &data, NULL) < 0 ? NULL : data;
}

char *hk_solution_equation(const struct hk_solution *solution)
{
	const char *y = solution->csv->names[solution->n_terms];
	char *sum = hk_solution_sum(solution), *equation = NULL;
	const bool logistic = solution->kind == HK_SOLUTION_LOGISTIC;
	if (!sum ||
		(logistic ? asprintf(&equation, "P(%s) = sigmoid(%s)", y, sum)
			  : asprintf(&equation, "%s = %s", y, sum)) < 0) {
		equation = NULL;
	}
	free(sum);
	return equation;
}
