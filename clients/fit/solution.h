/* SPDX-License-Identifier: MIT */
/*
 * solution: a table of observations, the model fitted to it, and how well it fits.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clients/fit/csv.h"
#include "core/base/diag.h"
#include "core/math/logistic.h"
#include "core/math/regression.h"

enum hk_solution_kind {
	HK_SOLUTION_LINEAR,     /* several terms */
	HK_SOLUTION_POLYNOMIAL, /* of one term; the straight line is degree 1 */
	HK_SOLUTION_LOGISTIC,
};

struct hk_solution {
	enum hk_solution_kind kind;
	uint32_t n_terms;         /* columns of x; the last column is y */
	const struct hk_csv *csv; /* the caller's */
	uint32_t n_coefficients;
	double coefficients[HK_MAX_TERMS + 1]; /* the intercept first */
	double *x, *y;                         /* n_rows * n_terms; n_rows */
	double *fitted; /* n_rows: what the model says; probabilities of a logistic one */

	struct hk_polynomial polynomial;
	struct hk_linear linear;
	struct hk_residuals residuals; /* but of a logistic model */

	struct hk_logistic logistic;
	double threshold;
	struct hk_logistic_quality quality;
};

/* How to fit. */
struct hk_solution_setup {
	enum hk_solution_kind kind;
	uint32_t degree;  /* of a polynomial */
	bool absolute;    /* not of a logistic model: least mean absolute error, not squared */
	double ridge;     /* of a logistic model */
	double threshold; /* of a logistic model */
};

/*
 * Fit the columns of CSV, which must outlive the solution; its last column is y.
 * PATH is for messages. Returns 0; -EINVAL (y is not 0 or 1), -EDOM (the observations do not
 * determine the model) with DIAG; -ENOMEM. *ret is initialised on success only.
 */
int hk_solution_fit(struct hk_solution *ret, const struct hk_solution_setup *setup,
	const struct hk_csv *csv, const char *path, struct hk_diag *diag);
void hk_solution_finish(struct hk_solution *solution);

/* The model at X[n_terms]. */
double hk_solution_at(const struct hk_solution *solution, const double *x);

/* What a coefficient is multiplied with: the column's name; of dates "(months since 2024-03)". */
void hk_solution_term(
	const struct hk_solution *solution, uint32_t term, char *ret_text, size_t size);

/* "y = 3 + 2 x" with six digits and the columns' names; malloc'd, NULL when out of memory. */
char *hk_solution_equation(const struct hk_solution *solution);

/* Its right side, "3 + 2 x"; of a logistic model what stands inside the sigmoid. */
char *hk_solution_sum(const struct hk_solution *solution);
