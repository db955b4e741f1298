/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "clients/fit/csv.h"

/* Read the columns X and Y of a file that holds TEXT. */
static int read_text(
	struct hk_csv *ret, const char *text, const char *x, const char *y, struct hk_diag *diag)
{
	char path[] = "/tmp/test-fit-csv-XXXXXX";
	const int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	const int r = hk_csv_read(ret, path, (const char *[]){ x, y }, 2, diag);
	unlink(path);
	return r;
}

static void assert_reads(const char *text, const char *x, const char *y, const char *x_name,
	const double *values, size_t n_rows)
{
	struct hk_csv csv;
	struct hk_diag diag = { "" };
	if (read_text(&csv, text, x, y, &diag) < 0) {
		fail_msg("%s", diag.text);
	}
	assert_int_equal(csv.n_rows, n_rows);
	assert_int_equal(csv.n_columns, 2);
	assert_string_equal(csv.names[0], x_name);
	for (size_t i = 0; i < 2 * n_rows; i++) {
		assert_true(csv.values[i] == values[i]);
	}
	hk_csv_finish(&csv);
}

static const double two_rows[] = { 1, 2.5, -3, 4e3 };

static void columns_are_found_by_name_or_number(void **state)
{
	(void)state;
	assert_reads("a,b,c\n1,9,2.5\n-3,9,4e3\n", "a", "c", "a", two_rows, 2);
	assert_reads("a,b,c\n1,9,2.5\n-3,9,4e3\n", "1", "3", "a", two_rows, 2);
}

static void a_table_without_names_keeps_its_first_row(void **state)
{
	(void)state;
	assert_reads("1,2.5\n-3,4e3\n", "1", "2", "column 1", two_rows, 2);
}

static void a_first_row_with_text_in_other_columns_is_kept(void **state)
{
	(void)state;
	assert_reads("1,home,2.5\n-3,home,4e3\n", "1", "3", "column 1", two_rows, 2);
	assert_reads("2019,note,2020\n1,x,2.5\n-3,y,4e3\n", "2019", "3", "2019", two_rows, 2);
}

static void any_of_three_separators_will_do(void **state)
{
	(void)state;
	assert_reads("a;b, c\n1;2.5\n-3;4e3", "a", "b, c", "a", two_rows, 2);
	assert_reads("a\tb; c\n1\t2.5\n-3\t4e3\n", "a", "b; c", "a", two_rows, 2);
	assert_reads(" a , b \r\n 1 ,\t2.5\r\n-3, 4e3\r\n", "a", "b", "a", two_rows, 2);
}

static void quotes_hold_separators_and_quotes(void **state)
{
	(void)state;
	assert_reads("\"a, \"\"x\"\"\" ,b\n\"1\",2.5\n-3,\"4e3\"\n", "a, \"x\"", "b", "a, \"x\"",
		two_rows, 2);
}

static void comments_empty_lines_and_a_byte_order_mark_are_skipped(void **state)
{
	(void)state;
	assert_reads("\xef\xbb\xbf"
		     "a,b\n\n# said\n1,2.5\n \n-3,4e3\n",
		"a", "b", "a", two_rows, 2);
}

static void lines_are_those_of_the_file(void **state)
{
	(void)state;
	struct hk_csv csv;
	assert_int_equal(read_text(&csv, "a,b\n\n1,2\n# x\n3,4\n", "a", "b", NULL), 0);
	assert_int_equal(csv.lines[0], 3);
	assert_int_equal(csv.lines[1], 5);
	hk_csv_finish(&csv);
}

static void more_rows_than_the_first_guess_are_kept(void **state)
{
	(void)state;
	enum { N = 5000 };
	static char text[N * 16];
	size_t length = 0;
	for (int i = 0; i < N; i++) {
		length +=
			(size_t)snprintf(text + length, sizeof(text) - length, "%d,%d\n", i, 2 * i);
	}
	struct hk_csv csv;
	assert_int_equal(read_text(&csv, text, "1", "2", NULL), 0);
	assert_int_equal(csv.n_rows, N);
	for (size_t i = 0; i < N; i++) {
		assert_true(
			csv.values[2 * i] == (double)i && csv.values[2 * i + 1] == 2.0 * (double)i);
	}
	hk_csv_finish(&csv);
}

static void names_that_are_no_text_become_text(void **state)
{
	(void)state;
	struct hk_csv csv;
	assert_int_equal(read_text(&csv, "\xff\xfe!,b\n1,2\n", "1", "2", NULL), 0);
	assert_string_equal(csv.names[0], "\xef\xbf\xbd\xef\xbf\xbd!");
	hk_csv_finish(&csv);
}

static void what_is_wrong_is_told_with_its_line(void **state)
{
	(void)state;
	static const struct {
		const char *text, *x, *message;
	} cases[] = {
		{ "a,b\n1,2\n3,x\n", "a", ":3: b: expected a number, got \"x\"" },
		{ "a,b\n1,2\n3,\n", "a", ":3: b: expected a number, got \"\"" },
		{ "a,b\n1,2\n3,nan\n", "a", ":3: b: expected a number, got \"nan\"" },
		{ "a,b\n1,2\n3,1e999\n", "a", ":3: b: expected a number, got \"1e999\"" },
		{ "a,b\n1,2\n3\n", "a", ":3: expected 2 fields, got 1" },
		{ "a,b\n1,2,\n", "a", ":2: expected 2 fields, got 3" },
		{ "a,b\n1,\"2\n", "a", ":2: a quote is not closed" },
		{ "a,b\n1,\"2\"3\n", "a", ":2: text after a closing quote" },
		{ "a,b\n1,2\n", "c", ":1: expected a column \"c\" among 2; there are: a, b" },
		{ "1,2\n", "a", ":1: expected a column \"a\" among 2" },
		{ "a,b\n1,2\n", "0", ":1: expected a column \"0\" among 2; there are: a, b" },
		{ "a,b\n1,2\n", "3", ":1: expected a column \"3\" among 2; there are: a, b" },
		{ "a,b\n", "a", ":1: expected rows of numbers after the names" },
		{ "1;2,5\n3;4\n", "1",
			":1: column 2: expected a number or a date, or a line with a name for each column, got \"2,5\"" },
		{ "1,x\n3,4\n", "1",
			":1: column 2: expected a number or a date, or a line with a name for each column, got \"x\"" },
		{ "1e,2e\n3,4\n", "1",
			":1: column 2: expected a number or a date, or a line with a name for each column, got \"2e\"" },
		{ "", "a", ": expected a table, got nothing" },
		{ "\n# x\n", "a", ": expected a table, got nothing" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hk_csv csv;
		struct hk_diag diag = { "" };
		assert_int_equal(read_text(&csv, cases[i].text, cases[i].x, "2", &diag), -EINVAL);
		const char *message = strchr(diag.text, ':');
		assert_non_null(message);
		assert_string_equal(message, cases[i].message);
	}
}

static void a_file_that_is_not_there_is_told(void **state)
{
	(void)state;
	struct hk_csv csv;
	struct hk_diag diag = { "" };
	assert_int_equal(
		hk_csv_read(&csv, "/nonexistent.csv", (const char *[]){ "1" }, 1, &diag), -ENOENT);
	assert_non_null(strstr(diag.text, "/nonexistent.csv: "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_found_by_name_or_number),
		cmocka_unit_test(a_table_without_names_keeps_its_first_row),
		cmocka_unit_test(a_first_row_with_text_in_other_columns_is_kept),
		cmocka_unit_test(any_of_three_separators_will_do),
		cmocka_unit_test(quotes_hold_separators_and_quotes),
		cmocka_unit_test(comments_empty_lines_and_a_byte_order_mark_are_skipped),
		cmocka_unit_test(lines_are_those_of_the_file),
		cmocka_unit_test(more_rows_than_the_first_guess_are_kept),
		cmocka_unit_test(names_that_are_no_text_become_text),
		cmocka_unit_test(what_is_wrong_is_told_with_its_line),
		cmocka_unit_test(a_file_that_is_not_there_is_told),
	};
	return cmocka_run_group_tests_name("fit_csv", tests, NULL, NULL);
}
