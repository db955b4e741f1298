/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "clients/cli/commands.h"
#include "clients/cli/options.h"
#include "clients/fit/csv.h"
#include "clients/fit/fit_picture.h"
#include "clients/fit/fit_report.h"
#include "clients/fit/solution.h"
#include "clients/fit/surface.h"

enum { LOSS_MSE, LOSS_MAE };

static const char *const loss_words[] = { [LOSS_MSE] = "mse", [LOSS_MAE] = "mae", NULL };

struct fit_options {
	char x[1024];
	char y[256];
	uint32_t degree;
	bool logistic;
	double threshold;
	double ridge;
	char plot[PATH_MAX];
	char surface[PATH_MAX];
	uint32_t loss;
	bool residuals;
	bool json;
};

static const struct hk_option options[] = {
	{
		.value = { .key = "x",
			.type = HK_PARAM_STRING,
			HK_PARAM_AT(struct fit_options, x),
			.help = "column of numbers or dates to fit over: a name, or a number from 1, "
				"or row for the number of the row; several separated by commas" },
		.argument = "COL,...",
		.letter = 'x',
	},
	{
		.value = { .key = "y",
			.type = HK_PARAM_STRING,
			HK_PARAM_AT(struct fit_options, y),
			.help = "column to be explained" },
		.argument = "COL",
		.letter = 'y',
	},
	{
		.value = { .key = "degree",
			.type = HK_PARAM_UINT,
			HK_PARAM_AT(struct fit_options, degree),
			.min = 0,
			.max = HK_MAX_DEGREE,
			.fallback = "1",
			.help = "degree of the polynomial in x; 1: a straight line" },
		.argument = "N",
		.letter = 'd',
	},
	{
		.value = { .key = "loss",
			.type = HK_PARAM_ENUM,
			HK_PARAM_AT(struct fit_options, loss),
			.words = loss_words,
			.fallback = "mse",
			.help = "what the fit makes small: the mean squared error (mse) or the mean "
				"absolute error (mae), which outliers move less" },
		.argument = "LOSS",
		.completion = HK_COMPLETE_WORDS,
	},
	{
		.value = { .key = "logistic",
			.type = HK_PARAM_BOOL,
			HK_PARAM_AT(struct fit_options, logistic),
			.help = "y is 0 or 1: fit its probability" },
		.letter = 'l',
	},
	{
		.value = { .key = "threshold",
			.type = HK_PARAM_DOUBLE,
			HK_PARAM_AT(struct fit_options, threshold),
			.min = 0,
			.max = 1,
			.fallback = "0.5",
			.help = "probability from which on --logistic says 1" },
		.argument = "P",
	},
	{
		.value = { .key = "ridge",
			.type = HK_PARAM_DOUBLE,
			HK_PARAM_AT(struct fit_options, ridge),
			.min = 0,
			.max = 1e6,
			.fallback = "0.0001",
			.help = "how much --logistic prefers small coefficients; 0: not at all" },
		.argument = "R",
	},
	{
		.value = { .key = "plot",
			.type = HK_PARAM_STRING,
			HK_PARAM_AT(struct fit_options, plot),
			.help = "draw observations, curve and residuals into this .png or .svg" },
		.argument = "FILE",
		.letter = 'p',
		.completion = HK_COMPLETE_FILE,
	},
	{
		.value = { .key = "surface",
			.type = HK_PARAM_STRING,
			HK_PARAM_AT(struct fit_options, surface),
			.help = "draw the cost over slope and intercept into this .png or .svg" },
		.argument = "FILE",
		.completion = HK_COMPLETE_FILE,
	},
	{
		.value = { .key = "residuals",
			.type = HK_PARAM_BOOL,
			HK_PARAM_AT(struct fit_options, residuals),
			.help = "also print what the model says of every row" },
		.letter = 'r',
	},
	HK_OPTION_JSON(struct fit_options),
};

/* Cut LIST at its commas. Returns how many words, or one more than fit. */
static size_t cut_list(char *list, const char *ret_words[HK_MAX_TERMS])
{
	size_t n = 0;
	for (char *word; (word = strsep(&list, ",")); n++) {
		if (n == HK_MAX_TERMS) {
			return n + 1;
		}
		ret_words[n] = word;
	}
	return n;
}

/* The columns that the options name, y last. Returns 0, or -EINVAL after saying what is wrong. */
static int pick_columns(const struct fit_options *given, char *list,
	const char *ret_columns[HK_CSV_MAX_PICKED], size_t *ret_n_columns)
{
	if (given->x[0] == '\0' || given->y[0] == '\0') {
		hk_message("fit: expected --x and --y; see `hearken help fit`");
		return -EINVAL;
	}
	const size_t n_terms = cut_list(list, ret_columns);
	if (n_terms > HK_MAX_TERMS) {
		hk_message("fit: --x: expected at most %d columns", HK_MAX_TERMS);
		return -EINVAL;
	}
	if (given->degree != 1 && (n_terms > 1 || given->logistic)) {
		hk_message("fit: --degree is for one column of x, without --logistic");
		return -EINVAL;
	}
	if (given->surface[0] != '\0' && (n_terms > 1 || given->degree != 1)) {
		hk_message(
			"fit: --surface is for one column of x and --degree 1: a slope and an intercept");
		return -EINVAL;
	}
	if (given->loss == LOSS_MAE && (given->logistic || given->degree == 0)) {
		hk_message("fit: --loss mae is for --degree 1 or more, without --logistic");
		return -EINVAL;
	}
	ret_columns[n_terms] = given->y;
	*ret_n_columns = n_terms + 1;
	return 0;
}

static enum hk_solution_kind kind_of(const struct fit_options *given, size_t n_columns)
{
	if (given->logistic) {
		return HK_SOLUTION_LOGISTIC;
	}
	return n_columns > 2 ? HK_SOLUTION_LINEAR : HK_SOLUTION_POLYNOMIAL;
}

static enum hk_exit show(const struct hk_call *call, const struct hk_solution *solution)
{
	const struct fit_options *given = call->options;
	struct hk_diag diag;
	json_t *surfaces = NULL;
	int r = given->plot[0] ? hk_fit_draw(solution, given->plot, &diag) : 0;
	if (r == 0 && given->surface[0]) {
		r = hk_fit_draw_surface(solution, given->surface, &surfaces, &diag);
	}
	if (r < 0) {
		hk_message("%s", diag.text);
		return r == -EINVAL ? HK_EXIT_USAGE : r == -EIO ? HK_EXIT_IO : HK_EXIT_INTERNAL;
	}
	if (given->json) {
		json_t *report = hk_fit_json(solution, given->residuals);
		if (surfaces) {
			json_object_set(report, "surfaces", surfaces);
		}
		hk_output_json(call->out, report);
	} else {
		hk_fit_print(solution, given->residuals, call->out);
	}
	json_decref(surfaces);
	return HK_EXIT_OK;
}

static enum hk_exit run(const struct hk_call *call)
{
	const struct fit_options *given = call->options;
	const char *path = call->arguments[0];
	const char *columns[HK_CSV_MAX_PICKED];
	size_t n_columns;
	char list[sizeof(given->x)];
	memcpy(list, given->x, sizeof(list));
	if (pick_columns(given, list, columns, &n_columns) < 0) {
		return HK_EXIT_USAGE;
	}
	struct hk_diag diag = { "" };
	struct hk_csv csv;
	int r = hk_csv_read(&csv, path, columns, n_columns, &diag);
	if (r < 0) {
		hk_message("%s", diag.text);
		return hk_exit_of_input(r);
	}
	const struct hk_solution_setup setup = {
		.kind = kind_of(given, n_columns),
		.degree = given->degree,
		.absolute = given->loss == LOSS_MAE,
		.ridge = given->ridge,
		.threshold = given->threshold,
	};
	struct hk_solution solution;
	enum hk_exit exit_code;
	r = hk_solution_fit(&solution, &setup, &csv, path, &diag);
	if (r < 0) {
		hk_message("%s", diag.text);
		exit_code = r == -EDOM ? HK_EXIT_DATA : hk_exit_of_input(r);
	} else {
		exit_code = show(call, &solution);
		hk_solution_finish(&solution);
	}
	hk_csv_finish(&csv);
	return exit_code;
}

const struct hk_command hk_cmd_fit = {
	.name = "fit",
	.arguments = "FILE.csv",
	.summary = "fit a line, a curve or a probability to columns of a table",
	.help = "Reads a table of numbers (commas, semicolons or tabs; `-` is stdin) and explains\n"
		"column --y by column --x: by a straight line, a polynomial (--degree), several\n"
		"columns at once, or, when y is 0 or 1, by the probability of 1 (--logistic).\n"
		"Prints the equation and how well it fits: mean squared and absolute error, R2,\n"
		"largest residual; or cross-entropy, accuracy and what was confused.\n"
		"A column of dates (2024-03, 2024-03-31, 2024-03-31T18:05) is counted in the step\n"
		"of the table, months for instance, from its earliest date.\n"
		"\n"
		"A sound level meter's calibration line, for instance:\n"
		"  hearken fit levels.csv --x dbfs --y db_spl --plot line.png\n",
	.min_arguments = 1,
	.max_arguments = 1,
	.completion = HK_COMPLETE_FILE,
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.options_size = sizeof(struct fit_options),
	.run = run,
};
