/* SPDX-License-Identifier: MIT */
/* A table for `hearken fit`: read by names and by numbers, and fitted in every way. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clients/fit/solution.h"
#include "tests/fuzz/fuzz.h"

#define MAX_ROWS 2000 /* of a table that is fitted: more only costs time */

static void fit(const struct hk_csv *csv, enum hk_solution_kind kind, bool absolute)
{
	const struct hk_solution_setup setup = {
		.kind = kind, .degree = 3, .absolute = absolute, .ridge = 1e-3, .threshold = 0.5
	};
	struct hk_solution solution;
	struct hk_diag diag = { "" };
	const int r = hk_solution_fit(&solution, &setup, csv, "table", &diag);
	fuzz_require_reason(r, &diag);
	if (r < 0) {
		return;
	}
	const double x[HK_MAX_TERMS] = { 1, 1 };
	(void)hk_solution_at(&solution, x);
	char *equation = hk_solution_equation(&solution);
	FUZZ_REQUIRE(equation);
	free(equation);
	hk_solution_finish(&solution);
}

/* Returns whether the table was accepted. */
static bool read_and_fit(const char *path, const char *const *wanted, size_t n_wanted)
{
	struct hk_csv csv;
	struct hk_diag diag = { "" };
	const int r = hk_csv_read(&csv, path, wanted, n_wanted, &diag);
	fuzz_require_reason(r, &diag);
	if (r < 0) {
		return false;
	}
	FUZZ_REQUIRE(csv.n_rows > 0 && csv.n_columns == n_wanted);
	for (size_t i = 0; i < csv.n_rows * csv.n_columns; i++) {
		FUZZ_REQUIRE(isfinite(csv.values[i]));
	}
	if (csv.n_rows <= MAX_ROWS) {
		const enum hk_solution_kind kind =
			n_wanted > 2 ? HK_SOLUTION_LINEAR : HK_SOLUTION_POLYNOMIAL;
		fit(&csv, kind, false);
		fit(&csv, kind, true);
		fit(&csv, HK_SOLUTION_LOGISTIC, false);
	}
	hk_csv_finish(&csv);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const by_number[] = { "1", "2" };
	static const char *const by_name[] = { "x", "t", "y" };
	struct fuzz_file file;
	fuzz_file_open(&file, data, size);
	bool accepted = read_and_fit(file.path, by_number, 2);
	accepted |= read_and_fit(file.path, by_name, 3);
	/* what stands behind it would be lost */
	FUZZ_REQUIRE(!accepted || !memchr(data, '\0', size));
	fuzz_file_close(&file);
	return 0;
}
