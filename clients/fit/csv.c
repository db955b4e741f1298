/* SPDX-License-Identifier: MIT */
#include "clients/fit/csv.h"

#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/cli/output.h"
#include "clients/fit/csv_field.h"
#include "core/base/params.h"

#define MAX_FIELDS 4096
#define ROW "row"          /* wanted, and no column's name: the number of the row */
#define ROW_FIELD SIZE_MAX /* picked for it */

/* The file while it is read. */
struct csv_reader {
	const char *path;
	FILE *file;
	unsigned line;
	char *text; /* the line */
	size_t text_size;
	char separator;           /* 0: no line seen yet */
	char *fields[MAX_FIELDS]; /* of the line; point into text */
	size_t n_fields;
	size_t n_expected;                /* fields of the first line */
	size_t picked[HK_CSV_MAX_PICKED]; /* field of each wanted column */
};

static int cut_fields(struct csv_reader *reader, struct hk_diag *diag)
{
	if (!reader->separator) {
		reader->separator = hk_csv_separator(reader->text);
	}
	reader->n_fields = 0;
	const char *error = NULL;
	char *field = reader->text + strspn(reader->text, " ");
	while (field && !error) {
		if (reader->n_fields == MAX_FIELDS) {
			error = "too many fields";
			break;
		}
		reader->fields[reader->n_fields++] = field;
		field = hk_csv_cut_field(field, reader->separator, &error);
	}
	if (error) {
		return hk_diag_set(diag, -EINVAL, "%s:%u: %s", reader->path, reader->line, error);
	}
	if (reader->n_expected == 0) {
		reader->n_expected = reader->n_fields;
	}
	if (reader->n_fields != reader->n_expected) {
		return hk_diag_set(diag, -EINVAL, "%s:%u: expected %zu fields, got %zu",
			reader->path, reader->line, reader->n_expected, reader->n_fields);
	}
	return 0;
}

/* Read the next line that says something. Returns 1, 0 at the end, or an error. */
static int next_line(struct csv_reader *reader, struct hk_diag *diag)
{
	for (;;) {
		errno = 0;
		const ssize_t n = getline(&reader->text, &reader->text_size, reader->file);
		if (n < 0) {
			const int r = -errno;
			return r == 0 ? 0
				      : hk_diag_set(diag, r, "%s: %s", reader->path, strerror(-r));
		}
		reader->line++;
		if (memchr(reader->text, '\0', (size_t)n)) {
			return hk_diag_set(diag, -EINVAL, "%s:%u: expected text, got a NUL byte",
				reader->path, reader->line);
		}
		static const char byte_order_mark[] = "\xef\xbb\xbf";
		if (reader->line == 1 && strncmp(reader->text, byte_order_mark, 3) == 0) {
			memmove(reader->text, reader->text + 3, strlen(reader->text) - 2);
		}
		reader->text[strcspn(reader->text, "\r\n")] = '\0';
		const char *first = reader->text + strspn(reader->text, " \t");
		if (*first != '\0' && *first != '#') {
			const int r = cut_fields(reader, diag);
			return r < 0 ? r : 1;
		}
	}
}

/* Is TEXT a number or a date? */
static bool is_value(const char *text)
{
	double value;
	return hk_parse_double(text, &value) == 0 || hk_date_read(text, &value) != HK_DATE_NONE;
}

static bool has_names(const struct csv_reader *reader)
{
	for (size_t i = 0; i < reader->n_fields; i++) {
		if (!is_value(reader->fields[i])) {
			return true;
		}
	}
	return false;
}

/* Does TEXT begin as a number does, be it one or not: "1,5", "-1", ".5 V"? */
static bool begins_as_number(const char *text)
{
	text += strspn(text, "+-.,");
	return *text >= '0' && *text <= '9';
}

/* Field of the column whose number from 1 on is WANTED, or n_fields. */
static size_t column_number(const struct csv_reader *reader, const char *wanted)
{
	uint64_t number;
	const bool found =
		hk_parse_uint64(wanted, &number) == 0 && number >= 1 && number <= reader->n_fields;
	return found ? (size_t)number - 1 : reader->n_fields;
}

/* Field of the column WANTED, or n_fields. */
static size_t find_column(const struct csv_reader *reader, const char *wanted, bool named)
{
	for (size_t i = 0; named && i < reader->n_fields; i++) {
		if (strcmp(reader->fields[i], wanted) == 0) {
			return i;
		}
	}
	return strcmp(wanted, ROW) == 0 ? ROW_FIELD : column_number(reader, wanted);
}

static int no_such_column(
	const struct csv_reader *reader, const char *wanted, bool named, struct hk_diag *diag)
{
	char names[HK_DIAG_SIZE / 2] = "";
	size_t length = 0;
	for (size_t i = 0; named && i < reader->n_fields && length < sizeof(names); i++) {
		length += (size_t)snprintf(names + length, sizeof(names) - length, "%s%s",
			i > 0 ? ", " : "; there are: ", reader->fields[i]);
	}
	return hk_diag_set(diag, -EINVAL, "%s:%u: expected a column \"%s\" among %zu%s",
		reader->path, reader->line, wanted, reader->n_fields, names);
}

/* Where the WANTED columns are. */
static int find_columns(struct csv_reader *reader, const struct hk_csv *csv,
	const char *const *wanted, bool named, struct hk_diag *diag)
{
	for (size_t i = 0; i < csv->n_columns; i++) {
		reader->picked[i] = find_column(reader, wanted[i], named);
		if (reader->picked[i] == reader->n_fields) {
			return no_such_column(reader, wanted[i], named, diag);
		}
	}
	return 0;
}

/* What the picked columns are called: by the first line if it is NAMED. */
static int name_columns(const struct csv_reader *reader, struct hk_csv *csv, bool named)
{
	for (size_t i = 0; i < csv->n_columns; i++) {
		const bool is_row = reader->picked[i] == ROW_FIELD;
		char own[32] = ROW;
		if (!is_row) {
			snprintf(own, sizeof(own), "column %zu", reader->picked[i] + 1);
		}
		json_t *name =
			hk_json_text(named && !is_row ? reader->fields[reader->picked[i]] : own);
		csv->names[i] = name ? strdup(json_string_value(name)) : NULL;
		json_decref(name);
		if (!csv->names[i]) {
			return -ENOMEM;
		}
	}
	return 0;
}

/*
 * Is the first line, which has text in some field, one of column names? It is when a column is
 * wanted by its name, or no wanted field begins as a number; it is a row when all wanted are
 * numbers. Returns 1, 0; -EINVAL with DIAG: some are, some are not.
 */
static int is_heading(const struct csv_reader *reader, const struct hk_csv *csv,
	const char *const *wanted, struct hk_diag *diag)
{
	size_t n_numbers = 0, n_similar = 0, n = 0, wrong = 0;
	for (size_t i = 0; i < csv->n_columns; i++) {
		if (reader->picked[i] == ROW_FIELD) {
			continue;
		}
		n++;
		const char *field = reader->fields[reader->picked[i]];
		const bool by_number = column_number(reader, wanted[i]) < reader->n_fields;
		if (!by_number && strcmp(field, wanted[i]) == 0) {
			return 1;
		}
		const bool number = is_value(field);
		n_numbers += number;
		n_similar += begins_as_number(field);
		wrong = number ? wrong : i;
	}
	if (n_numbers == n || n_similar == 0) {
		return n_similar == 0;
	}
	return hk_diag_set(diag, -EINVAL,
		"%s:%u: column %zu: expected a number or a date, or a line with a name for each column, got \"%s\"",
		reader->path, reader->line, reader->picked[wrong] + 1,
		reader->fields[reader->picked[wrong]]);
}

static int add_row(struct hk_csv *csv, size_t *room, unsigned line)
{
	if (csv->n_rows == *room) {
		const size_t more = *room ? 2 * *room : 256;
		double *values =
			reallocarray(csv->values, more, csv->n_columns * sizeof(*csv->values));
		csv->values = values ? values : csv->values;
		unsigned *lines = reallocarray(csv->lines, more, sizeof(*csv->lines));
		csv->lines = lines ? lines : csv->lines;
		if (!values || !lines) {
			return -ENOMEM;
		}
		*room = more;
	}
	csv->lines[csv->n_rows++] = line;
	return 0;
}

/*
 * The value of FIELD in picked column I. The first row decides what a column holds: numbers, or
 * dates of one form. y, the last column, is always a number.
 */
static int read_field(const struct csv_reader *reader, struct hk_csv *csv, size_t i,
	const char *field, double *ret, struct hk_diag *diag)
{
	const bool may_be_date = i + 1 < csv->n_columns;
	double date_s;
	const enum hk_date_form form = may_be_date ? hk_date_read(field, &date_s) : HK_DATE_NONE;
	if (csv->n_rows == 1) {
		csv->dates[i].form = form;
	}
	const enum hk_date_form wanted = csv->dates[i].form;
	if (form == wanted && form != HK_DATE_NONE) {
		*ret = date_s;
		return 0;
	}
	if (wanted == HK_DATE_NONE && hk_parse_double(field, ret) == 0) {
		return 0;
	}
	return hk_diag_set(diag, -EINVAL, "%s:%u: %s: expected %s%s, got \"%s\"", reader->path,
		reader->line, csv->names[i], hk_date_form_example(wanted),
		csv->n_rows > 1 && (wanted != HK_DATE_NONE || form != HK_DATE_NONE)
			? ", as in the first row"
			: "",
		field);
}

/* Turn the columns of dates into what they count. */
static void count_dates(struct hk_csv *csv)
{
	for (size_t i = 0; i < csv->n_columns; i++) {
		if (csv->dates[i].form != HK_DATE_NONE) {
			csv->dates[i] = hk_date_count_all(
				csv->dates[i].form, csv->values + i, csv->n_columns, csv->n_rows);
		}
	}
}

static int read_row(
	const struct csv_reader *reader, struct hk_csv *csv, size_t *room, struct hk_diag *diag)
{
	const int r = add_row(csv, room, reader->line);
	if (r < 0) {
		return r;
	}
	double *row = csv->values + (csv->n_rows - 1) * csv->n_columns;
	for (size_t i = 0; i < csv->n_columns; i++) {
		if (reader->picked[i] == ROW_FIELD) {
			row[i] = (double)csv->n_rows;
			continue;
		}
		const int error = read_field(
			reader, csv, i, reader->fields[reader->picked[i]], &row[i], diag);
		if (error < 0) {
			return error;
		}
	}
	return 0;
}

static int read_all(struct csv_reader *reader, struct hk_csv *csv, const char *const *wanted,
	struct hk_diag *diag)
{
	int r = next_line(reader, diag);
	if (r <= 0) {
		return r < 0 ? r
			     : hk_diag_set(diag, -EINVAL, "%s: expected a table, got nothing",
				       reader->path);
	}
	bool named = has_names(reader);
	r = find_columns(reader, csv, wanted, named, diag);
	if (r == 0 && named) {
		r = is_heading(reader, csv, wanted, diag);
		named = r > 0;
	}
	r = r < 0 ? r : name_columns(reader, csv, named);
	size_t room = 0;
	if (r == 0 && !named) {
		r = read_row(reader, csv, &room, diag);
	}
	while (r == 0) {
		r = next_line(reader, diag);
		if (r <= 0) {
			break;
		}
		r = read_row(reader, csv, &room, diag);
	}
	if (r == 0 && csv->n_rows == 0) {
		r = hk_diag_set(diag, -EINVAL, "%s:%u: expected rows of numbers after the names",
			reader->path, reader->line);
	}
	if (r == 0) {
		count_dates(csv);
	}
	return r;
}

int hk_csv_read(struct hk_csv *ret, const char *path, const char *const *wanted, size_t n_wanted,
	struct hk_diag *diag)
{
	struct csv_reader *reader = calloc(1, sizeof(*reader));
	if (!reader) {
		return -ENOMEM;
	}
	const bool from_stdin = strcmp(path, "-") == 0;
	reader->path = from_stdin ? "stdin" : path;
	reader->file = from_stdin ? stdin : fopen(path, "re");
	struct hk_csv csv = { .n_columns = n_wanted };
	int r = reader->file ? read_all(reader, &csv, wanted, diag)
			     : hk_diag_set(diag, -errno, "%s: %s", path, strerror(errno));
	if (reader->file && !from_stdin) {
		fclose(reader->file);
	}
	free(reader->text);
	free(reader);
	if (r == -ENOMEM) {
		r = hk_diag_set(diag, r, "%s: out of memory", path);
	}
	if (r < 0) {
		hk_csv_finish(&csv);
		return r;
	}
	*ret = csv;
	return 0;
}

void hk_csv_finish(struct hk_csv *csv)
{
	for (size_t i = 0; i < HK_CSV_MAX_PICKED; i++) {
		free(csv->names[i]);
	}
	free(csv->values);
	free(csv->lines);
	memset(csv, 0, sizeof(*csv));
}
