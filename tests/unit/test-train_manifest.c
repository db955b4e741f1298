/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "learning/data/manifest.h"

static char folder[] = "/tmp/test-train-manifest-XXXXXX";

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	char command[64];
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

static void put(const char *name, const char *text)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	for (char *slash = path + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static int read_manifest(struct hk_manifest *ret, const char *name, struct hk_diag *diag)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return hk_manifest_read(ret, path, diag);
}

static void a_folder_is_a_class_and_every_file_a_group(void **state)
{
	(void)state;
	struct hk_manifest manifest;
	put("tree/b - two/2.wav", "");
	put("tree/b - two/1.flac", "");
	put("tree/a/x.ogg", "");
	put("tree/README.txt", "no recording");
	put("tree/.hidden/y.wav", "");
	assert_int_equal(read_manifest(&manifest, "tree", NULL), 0);
	assert_int_equal(manifest.n_labels, 2);
	assert_string_equal(manifest.labels[0], "a");
	assert_string_equal(manifest.labels[1], "b_-_two");
	assert_int_equal(manifest.n_takes, 3);
	assert_int_equal(manifest.n_groups, 3);
	assert_string_equal(strrchr(manifest.takes[1].path, '/'), "/1.flac");
	assert_int_equal(manifest.takes[1].label, 1);
	assert_true(manifest.takes[0].start_s == 0 && isinf(manifest.takes[0].end_s));
	hk_manifest_finish(&manifest);
}

static void a_table_gives_groups_and_seconds(void **state)
{
	(void)state;
	struct hk_manifest manifest;
	put("list.tsv",
		"note\tclass\tpath\tgroup\tstart\tend\n"
		"x\tdog\td/1.wav\ts1\t0.5\t2\n"
		"\n"
		"x\tcat\t/abs/2.wav\t\t\t\n"
		"x\tdog\td/3.wav\ts1\t\t7\n");
	assert_int_equal(read_manifest(&manifest, "list.tsv", NULL), 0);
	assert_int_equal(manifest.n_takes, 3);
	assert_string_equal(manifest.labels[0], "cat");
	assert_int_equal(manifest.takes[0].label, 1);
	assert_int_equal(manifest.takes[0].group, manifest.takes[2].group);
	assert_int_not_equal(manifest.takes[0].group, manifest.takes[1].group);
	assert_string_equal(manifest.takes[1].path, "/abs/2.wav");
	assert_true(manifest.takes[0].start_s == 0.5 && manifest.takes[0].end_s == 2);
	assert_true(isinf(manifest.takes[1].end_s) && manifest.takes[2].start_s == 0);
	assert_ptr_equal(strstr(manifest.takes[0].path, folder), manifest.takes[0].path);
	hk_manifest_finish(&manifest);
}

#define LONG_CLASS "0123456789012345678901234567890123456789012345678901234567890123"

struct wrong {
	const char *text;
	const char *message; /* part of it */
};

static void a_wrong_table_is_refused_with_its_line(void **state)
{
	(void)state;
	static const struct wrong tables[] = {
		{ "", ":1: expected a line of column names" },
		{ "class\tfile\n", ":1: no column \"path\"" },
		{ "path\tname\n", ":1: no column \"class\"" },
		{ "path\tclass\tpath\n", ":1: column \"path\" is there twice" },
		{ "path\tclass\na.wav\n", ":2: expected 2 fields, got 1" },
		{ "path\tclass\n\na.wav\tx\ty\n", ":3: expected 2 fields, got 3" },
		{ "path\tclass\na.wav\t\n", ":2: class is empty" },
		{ "path\tclass\tstart\na\tb\t-1\n", ":2: start: expected seconds, got \"-1\"" },
		{ "path\tclass\tend\na\tb\t1x\n", ":2: end: expected seconds, got \"1x\"" },
		{ "path\tclass\tstart\tend\na\tb\t3\t2\n", ":2: end 2 is not after start 3" },
		{ "path\tclass\n", "no recordings" },
		{ "path\tclass\na\tx y\nb\tx?y\n", "both become the label x_y" },
		{ "path\tclass\na\tb\nb\t" LONG_CLASS "\n",
			":3: class \"" LONG_CLASS "\": expected letters, digits, '_', '-' or '.' "
			"of at most 63 bytes, got 64" },
		{ "path\tclass\na\tb\nb\tfire\xe2\x80\xae\n", ":3: class \"fire" },
		{ "path\tclass\na\tb\nb\tc\xff\n", "in UTF-8, got the byte 0xff" },
	};
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		struct hk_manifest manifest;
		struct hk_diag diag = { "" };
		put("wrong.tsv", tables[i].text);
		assert_int_equal(read_manifest(&manifest, "wrong.tsv", &diag), -EINVAL);
		assert_non_null(strstr(diag.text, "wrong.tsv"));
		assert_non_null(strstr(diag.text, tables[i].message));
	}
}

static void a_byte_order_mark_is_no_part_of_a_name(void **state)
{
	(void)state;
	struct hk_manifest manifest;
	put("marked.tsv", "\xef\xbb\xbfpath\tclass\na.wav\tx\n");
	assert_int_equal(read_manifest(&manifest, "marked.tsv", NULL), 0);
	assert_int_equal(manifest.n_takes, 1);
	hk_manifest_finish(&manifest);
}

static void empty_folders_are_kept_by_name(void **state)
{
	(void)state;
	struct hk_manifest manifest;
	put("gaps/b/1.wav", "");
	put("gaps/a/.hidden", "");
	put("gaps/c/.hidden", "");
	assert_int_equal(read_manifest(&manifest, "gaps", NULL), 0);
	assert_int_equal(manifest.n_labels, 1);
	assert_string_equal(manifest.empty_folders.text, "a, c");
	hk_manifest_finish(&manifest);
}

static void what_is_no_recording_of_a_class_is_kept_by_name(void **state)
{
	(void)state;
	struct hk_manifest manifest;
	put("beside/a/1.wav", "");
	put("beside/b/1.wav", "");
	put("beside/b/deeper/2.wav", "");
	put("beside/3.wav", "");
	put("beside/README.txt", "");
	assert_int_equal(read_manifest(&manifest, "beside", NULL), 0);
	assert_int_equal(manifest.n_takes, 2);
	assert_int_equal(manifest.unused.n, 3);
	assert_string_equal(manifest.unused.text, "3.wav, README.txt, b/deeper/");
	hk_manifest_finish(&manifest);
}

static void names_beyond_twenty_are_a_number(void **state)
{
	(void)state;
	struct hk_name_list list = { 0 };
	for (int i = 0; i < 22; i++) {
		assert_int_equal(hk_name_list_add(&list, "%d", i), 0);
	}
	assert_int_equal(list.n, 22);
	assert_non_null(strstr(list.text, "0, 1, "));
	assert_non_null(strstr(list.text, ", 19 and 2 more"));
	hk_name_list_finish(&list);
}

static void letters_of_any_script_stay(void **state)
{
	(void)state;
	struct hk_manifest manifest;
	put("words/Tu\xcc\x88rklingel/1.wav", ""); /* as macOS writes it */
	put("words/\xd0\xb7\xd0\xb2\xd0\xbe\xd0\xbd/1.wav", "");
	assert_int_equal(read_manifest(&manifest, "words", NULL), 0);
	assert_string_equal(manifest.labels[0], "T\xc3\xbcrklingel");
	assert_string_equal(manifest.labels[1], "\xd0\xb7\xd0\xb2\xd0\xbe\xd0\xbd");
	hk_manifest_finish(&manifest);
}

static void what_is_not_there_is_said(void **state)
{
	(void)state;
	struct hk_manifest manifest;
	struct hk_diag diag = { "" };
	assert_int_equal(read_manifest(&manifest, "nothing.tsv", &diag), -ENOENT);
	assert_non_null(strstr(diag.text, "nothing.tsv: No such file"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_folder_is_a_class_and_every_file_a_group),
		cmocka_unit_test(a_table_gives_groups_and_seconds),
		cmocka_unit_test(a_wrong_table_is_refused_with_its_line),
		cmocka_unit_test(a_byte_order_mark_is_no_part_of_a_name),
		cmocka_unit_test(empty_folders_are_kept_by_name),
		cmocka_unit_test(what_is_no_recording_of_a_class_is_kept_by_name),
		cmocka_unit_test(names_beyond_twenty_are_a_number),
		cmocka_unit_test(letters_of_any_script_stay),
		cmocka_unit_test(what_is_not_there_is_said),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
