/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "clients/cli/output.h"
#include "clients/cli/table.h"

struct captured {
	FILE *file;
	char *text;
	size_t size;
	struct hk_output out;
};

static void begin(struct captured *captured)
{
	captured->file = open_memstream(&captured->text, &captured->size);
	assert_non_null(captured->file);
	hk_output_init(&captured->out, captured->file);
}

static void assert_written(struct captured *captured, const char *expected)
{
	assert_int_equal(hk_output_finish(&captured->out), HK_EXIT_OK);
	fclose(captured->file);
	assert_string_equal(captured->text, expected);
	free(captured->text);
}

static void an_object_is_one_line_with_short_numbers(void **state)
{
	(void)state;
	struct captured captured;
	begin(&captured);
	hk_output_json(&captured.out,
		json_pack("{s:o, s:f, s:o, s:o}", "name", hk_json_text("a\nb"), "p", 0.1, "level",
			hk_json_number(-INFINITY), "bad", hk_json_number((double)NAN)));
	assert_written(&captured, "{\"name\":\"a\\nb\",\"p\":0.1,\"level\":null,\"bad\":null}\n");
}

static void a_name_that_is_no_utf8_is_kept_with_its_bad_bytes_marked(void **state)
{
	(void)state;
	struct captured captured;
	begin(&captured);
	hk_output_json(&captured.out,
		json_pack("[o, o, o]",
			hk_json_text("\xff"
				     "a\xe4z"),
			hk_json_text("gr\xc3\xbc\xc3"), hk_json_text("\xf0\x9f\x94\x94")));
	assert_written(&captured,
		"[\"\xef\xbf\xbd"
		"a\xef\xbf\xbdz\",\"gr\xc3\xbc\xef\xbf\xbd\",\"\xf0\x9f\x94\x94\"]\n");
}

static void a_full_disk_is_an_error_at_the_end_at_the_latest(void **state)
{
	(void)state;
	FILE *full = fopen("/dev/full", "w");
	assert_non_null(full);
	struct hk_output out;
	hk_output_init(&out, full);
	hk_output_text(&out, "lost\n");
	assert_int_equal(hk_output_finish(&out), HK_EXIT_IO);
	assert_int_equal(out.error, -ENOSPC);
	fclose(full);
}

static void a_reader_that_went_away_ends_the_output_without_an_error(void **state)
{
	(void)state;
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	signal(SIGPIPE, SIG_IGN);
	FILE *file = fdopen(ends[1], "w");
	struct hk_output out;
	hk_output_init(&out, file);
	hk_output_json(&out, json_array());
	assert_int_equal(out.error, -EPIPE);
	assert_int_equal(hk_output_finish(&out), HK_EXIT_OK);
	fclose(file);
}

static void json_is_for_programs_unless_asked_otherwise(void **state)
{
	(void)state;
	const struct hk_output program = { .terminal = false }, person = { .terminal = true };
	assert_true(hk_output_wants_json(&program, false, false));
	assert_false(hk_output_wants_json(&program, false, true));
	assert_false(hk_output_wants_json(&person, false, false));
	assert_true(hk_output_wants_json(&person, true, false));
}

static void a_table_has_one_head_and_keeps_every_cell_whole(void **state)
{
	(void)state;
	static const struct hk_column columns[] = {
		{ "NAME", 6, false },
		{ "N", 3, true },
		{ "PATH", 0, false },
	};
	struct captured captured;
	struct hk_table table;
	begin(&captured);
	hk_table_init(&table, &captured.out, columns, 3);
	hk_table_row(&table, (const char *const[]){ "a", "1", "x" });
	hk_table_row(&table, (const char *const[]){ "longer than six", "12345", "y\nz" });
	assert_written(&captured,
		"NAME      N  PATH\n"
		"a         1  x\n"
		"longer than six  12345  y?z\n");
}

static void figures_for_people_have_no_exponent(void **state)
{
	(void)state;
	static const struct {
		double value;
		const char *text;
	} figures[] = { { 1272.4, "1272" }, { 999.6, "1000" }, { 52.96, "53" },
		{ -0.0123, "-0.0123" }, { -123456, "-123456" }, { 0, "0" }, { NAN, "-" } };
	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++) {
		char text[HK_FIGURE_SIZE];
		hk_figure(figures[i].value, text);
		assert_string_equal(text, figures[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_object_is_one_line_with_short_numbers),
		cmocka_unit_test(a_name_that_is_no_utf8_is_kept_with_its_bad_bytes_marked),
		cmocka_unit_test(a_full_disk_is_an_error_at_the_end_at_the_latest),
		cmocka_unit_test(a_reader_that_went_away_ends_the_output_without_an_error),
		cmocka_unit_test(json_is_for_programs_unless_asked_otherwise),
		cmocka_unit_test(figures_for_people_have_no_exponent),
		cmocka_unit_test(a_table_has_one_head_and_keeps_every_cell_whole),
	};
	return cmocka_run_group_tests_name("output", tests, NULL, NULL);
}
