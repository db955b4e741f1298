/* SPDX-License-Identifier: MIT */
/*
 * table: rows for people, written as they come: a head line in bold, columns as wide as announced
 * (a longer cell pushes the rest of its row), the last one ragged. One thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "clients/cli/output.h"

struct hk_column {
	const char *title;
	unsigned width; /* in terminal cells */
	bool right;     /* numbers */
};

struct hk_table {
	struct hk_output *out;
	const struct hk_column *columns; /* the caller's; must outlive the table */
	size_t n_columns;
	bool begun;
};

void hk_table_init(struct hk_table *table, struct hk_output *out, const struct hk_column *columns,
	size_t n_columns);

/* Shapes: cells[n_columns]. The head is written before the first row. */
void hk_table_row(struct hk_table *table, const char *const *cells);

/* How many terminal cells TEXT takes (bytes when the locale cannot tell). */
size_t hk_text_width(const char *text);
