/* SPDX-License-Identifier: MIT */
/*
 * csv: columns of numbers, or dates, out of a table in a text file.
 *
 * Fields are separated by commas, semicolons or tabs (what the first line shows), may be quoted as
 * RFC 4180 says, blanks around them do not count; empty lines and those that start with # are
 * skipped. The first line names the columns when one of these names is wanted, or when no wanted
 * field of it begins as a number does ("1,5" does, and is refused). Every row must have as many
 * fields as the first line.
 */
#pragma once

#include <stddef.h>

#include "clients/fit/date_column.h"
#include "core/base/diag.h"
#include "core/math/observations.h"

#define HK_CSV_MAX_PICKED (HK_MAX_TERMS + 1)

struct hk_csv {
	size_t n_rows, n_columns;
	char *names[HK_CSV_MAX_PICKED]; /* valid UTF-8; "column 3" when the file has none */
	struct hk_date_count dates[HK_CSV_MAX_PICKED]; /* how a column of dates is counted */
	double *values;                                /* n_rows * n_columns, row-major */
	unsigned *lines;                               /* n_rows: where each row stands */
};

/*
 * Read the columns WANTED[n_wanted <= HK_CSV_MAX_PICKED] of PATH ("-": stdin): names, or numbers
 * from 1; "row", if no column is called so, is the number of the row, from 1. A column but the last
 * may hold dates, all of one form: the values are what they count. Returns 0; the errno of opening
 * or reading; -EINVAL (no such column, a field that is no number or date, dates of several forms, a
 * row of another length, no rows) with DIAG naming file and line; -ENOMEM. *ret is initialised on
 * success only.
 */
int hk_csv_read(struct hk_csv *ret, const char *path, const char *const *wanted, size_t n_wanted,
	struct hk_diag *diag);
void hk_csv_finish(struct hk_csv *csv);
