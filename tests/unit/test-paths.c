/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/paths.h"

static void a_name_with_a_slash_is_a_folder_as_it_stands(void **state)
{
	(void)state;
	char path[PATH_MAX];
	assert_int_equal(hk_path_model("./nowhere", path, sizeof(path)), 0);
	assert_string_equal(path, "./nowhere");
}

static void a_bare_name_is_a_folder_only_when_a_bundle_lies_in_it(void **state)
{
	(void)state;
	char folder[] = "/tmp/hearken-paths-XXXXXX", path[PATH_MAX];
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder), 0);
	assert_int_equal(mkdir("home", 0700), 0);
	assert_int_equal(hk_path_model("home", path, sizeof(path)), 0);
	assert_string_not_equal(path, "home");
	assert_string_equal(path + strlen(path) - strlen("/models/home"), "/models/home");

	FILE *file = fopen("home/model.ini", "w");
	assert_non_null(file);
	fclose(file);
	assert_int_equal(hk_path_model("home", path, sizeof(path)), 0);
	assert_string_equal(path, "home");

	unlink("home/model.ini");
	rmdir("home");
	rmdir(folder);
}

static void a_path_that_does_not_fit_is_refused_not_cut(void **state)
{
	(void)state;
	char path[8] = "before";
	assert_int_equal(hk_path_model("/123456789", path, sizeof(path)), -ENAMETOOLONG);
	assert_int_equal(hk_path_model("home", path, sizeof(path)), -ENAMETOOLONG);
	assert_int_equal(hk_path_capture(path, sizeof(path)), -ENAMETOOLONG);
	assert_string_equal(path, "before");
}

static void an_installed_binary_finds_its_helper_by_an_absolute_path(void **state)
{
	(void)state;
	char path[PATH_MAX];
	assert_int_equal(hk_path_capture(path, sizeof(path)), 0);
	assert_int_equal(path[0], '/');
	assert_non_null(strstr(path, "/hearken-capture"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_with_a_slash_is_a_folder_as_it_stands),
		cmocka_unit_test(a_bare_name_is_a_folder_only_when_a_bundle_lies_in_it),
		cmocka_unit_test(a_path_that_does_not_fit_is_refused_not_cut),
		cmocka_unit_test(an_installed_binary_finds_its_helper_by_an_absolute_path),
	};
	return cmocka_run_group_tests_name("paths", tests, NULL, NULL);
}
