/* SPDX-License-Identifier: MIT */
#include "clients/cli/table.h"
#include "core/base/printable.h"

#include <string.h>
#include <wchar.h>

#define CELL_SIZE 1024

size_t hk_text_width(const char *text)
{
	wchar_t wide[CELL_SIZE];
	const size_t n_wide = mbstowcs(wide, text, CELL_SIZE);
	const int width = n_wide < CELL_SIZE ? wcswidth(wide, n_wide) : -1;
	return width >= 0 ? (size_t)width : strlen(text);
}

void hk_table_init(struct hk_table *table, struct hk_output *out, const struct hk_column *columns,
	size_t n_columns)
{
	*table = (struct hk_table){ .out = out, .columns = columns, .n_columns = n_columns };
}

static void write_cell(
	struct hk_table *table, size_t index, const char *text, enum hk_colour colour)
{
	const struct hk_column *column = &table->columns[index];
	const bool last = index + 1 == table->n_columns;
	char cell[CELL_SIZE];
	hk_printable(text, cell, sizeof(cell));
	const size_t width = hk_text_width(cell);
	const int padding = width < column->width ? (int)(column->width - width) : 0;
	if (column->right) {
		hk_output_text(table->out, "%*s", padding, "");
	}
	hk_output_coloured(table->out, colour, cell);
	if (last) {
		hk_output_text(table->out, "\n");
	} else {
		hk_output_text(table->out, "%*s", column->right ? 2 : padding + 2, "");
	}
}

void hk_table_row(struct hk_table *table, const char *const *cells)
{
	for (size_t i = 0; i < table->n_columns && !table->begun; i++) {
		write_cell(table, i, table->columns[i].title, HK_COLOUR_BOLD);
	}
	table->begun = true;
	for (size_t i = 0; i < table->n_columns; i++) {
		write_cell(table, i, cells[i], HK_COLOUR_NONE);
	}
}
