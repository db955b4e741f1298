/* SPDX-License-Identifier: MIT */
#include <errno.h>
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

#include "config/layers.h"

/* In the order of their right, as they are found in a folder of the test's own. */
static const char *const folders[] = { "etc", "run", "lib" };

static void touch(const char *path)
{
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(fclose(file), 0);
}

static void make(const char *path)
{
	char text[256];
	snprintf(text, sizeof(text), "%s", path);
	for (char *slash = strchr(text, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		assert_true(mkdir(text, 0755) == 0 || errno == EEXIST);
		*slash = '/';
	}
	touch(text);
}

static int remove_all(void)
{
	return system("rm -rf etc run lib");
}

/* What is found for INSTANCE when FILES (NULL ends them) are there, with blanks between. */
static const char *found(const char *const *files, const char *instance)
{
	static char text[4096];
	text[0] = '\0';
	for (; *files; files++) {
		make(*files);
	}
	struct hk_layers layers = { 0 };
	assert_int_equal(hk_layers_find(&layers, folders, 3, instance, NULL), 0);
	for (size_t i = 0; i < layers.n_paths; i++) {
		strcat(text, i > 0 ? " " : "");
		strcat(text, layers.paths[i]);
	}
	hk_layers_finish(&layers);
	assert_int_equal(remove_all(), 0);
	return text;
}

#define FILES(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void an_instance_goes_over_all_and_a_drop_in_over_its_file(void **state)
{
	(void)state;
	assert_string_equal(found(FILES("etc/kitchen.conf.d/10-mic.conf", "etc/kitchen.conf",
					  "etc/hearken.conf.d/90-all.conf", "etc/hearken.conf",
					  "etc/attic.conf"),
				    "kitchen"),
		"etc/hearken.conf etc/hearken.conf.d/90-all.conf etc/kitchen.conf "
		"etc/kitchen.conf.d/10-mic.conf");
}

static void no_file_need_be_there(void **state)
{
	(void)state;
	assert_string_equal(found(FILES("etc/attic.conf"), "kitchen"), "");
	assert_string_equal(found(FILES("lib/kitchen.conf"), "kitchen"), "lib/kitchen.conf");
}

static void a_file_of_a_folder_of_more_right_takes_the_place_of_its_namesake(void **state)
{
	(void)state;
	assert_string_equal(found(FILES("lib/hearken.conf", "run/hearken.conf", "lib/k.conf",
					  "etc/k.conf", "run/k.conf"),
				    "k"),
		"run/hearken.conf etc/k.conf");
	assert_string_equal(found(FILES("lib/k.conf.d/50-a.conf", "run/k.conf.d/50-a.conf",
					  "etc/k.conf.d/50-a.conf"),
				    "k"),
		"etc/k.conf.d/50-a.conf");
}

static void drop_ins_of_all_folders_are_in_the_order_of_their_names(void **state)
{
	(void)state;
	assert_string_equal(found(FILES("etc/k.conf.d/20-b.conf", "lib/k.conf.d/30-c.conf",
					  "run/k.conf.d/10-a.conf", "etc/k.conf.d/100-d.conf"),
				    "k"),
		"run/k.conf.d/10-a.conf etc/k.conf.d/100-d.conf etc/k.conf.d/20-b.conf "
		"lib/k.conf.d/30-c.conf");
}

static void what_editors_and_packages_leave_behind_is_no_drop_in(void **state)
{
	(void)state;
	assert_string_equal(found(FILES("etc/k.conf.d/a.conf~", "etc/k.conf.d/.a.conf",
					  "etc/k.conf.d/a.conf.dpkg-old", "etc/k.conf.d/conf",
					  "etc/k.conf.d/README"),
				    "k"),
		"");
}

static void an_instance_that_is_called_hearken_is_read_once(void **state)
{
	(void)state;
	assert_string_equal(
		found(FILES("etc/hearken.conf", "etc/hearken.conf.d/a.conf"), "hearken"),
		"etc/hearken.conf etc/hearken.conf.d/a.conf");
}

static void a_link_is_found_wherever_it_leads(void **state)
{
	(void)state;
	make("etc/k.conf.d/made");
	assert_int_equal(symlink("/dev/null", "etc/k.conf.d/50-a.conf"), 0);
	assert_int_equal(symlink("nowhere", "etc/k.conf"), 0);
	assert_string_equal(found(FILES("lib/k.conf", "lib/k.conf.d/50-a.conf"), "k"),
		"etc/k.conf etc/k.conf.d/50-a.conf");
}

static void what_cannot_be_looked_at_is_a_fault_that_names_it(void **state)
{
	(void)state;
	make("etc/made");
	/* not by permissions, which root does not feel */
	assert_int_equal(symlink("k.conf.d", "etc/k.conf.d"), 0);
	struct hk_layers layers = { 0 };
	struct hk_diag diag = { "" };
	assert_int_equal(hk_layers_find(&layers, folders, 3, "k", &diag), -ELOOP);
	assert_int_equal(strncmp(diag.text, "etc/k.conf.d: ", 14), 0);
	assert_int_equal(layers.n_paths, 0);
	assert_int_equal(remove_all(), 0);
}

static void a_user_s_own_folder_goes_before_the_system_s(void **state)
{
	(void)state;
	char here[1024], path[1100];
	assert_non_null(getcwd(here, sizeof(here)));
	make("etc/own-instance.conf");
	snprintf(path, sizeof(path), "%s/etc", here);
	assert_int_equal(setenv("CONFIGURATION_DIRECTORY", path, 1), 0);
	struct hk_layers layers = { 0 };
	assert_int_equal(hk_layers_find_installed(&layers, "own-instance", NULL), 0);
	assert_true(layers.n_paths >= 1); /* this machine may have a hearken.conf */
	strcat(path, "/own-instance.conf");
	assert_string_equal(layers.paths[layers.n_paths - 1], path);
	hk_layers_finish(&layers);
	assert_int_equal(unsetenv("CONFIGURATION_DIRECTORY"), 0);
	assert_int_equal(remove_all(), 0);
}

static char folder[] = "/tmp/test-layers-XXXXXX";

static int enter_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? chdir(folder) : -1;
}

static int leave_folder(void **state)
{
	(void)state;
	return chdir("/") == 0 ? rmdir(folder) : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_instance_goes_over_all_and_a_drop_in_over_its_file),
		cmocka_unit_test(no_file_need_be_there),
		cmocka_unit_test(a_file_of_a_folder_of_more_right_takes_the_place_of_its_namesake),
		cmocka_unit_test(drop_ins_of_all_folders_are_in_the_order_of_their_names),
		cmocka_unit_test(what_editors_and_packages_leave_behind_is_no_drop_in),
		cmocka_unit_test(an_instance_that_is_called_hearken_is_read_once),
		cmocka_unit_test(a_link_is_found_wherever_it_leads),
		cmocka_unit_test(what_cannot_be_looked_at_is_a_fault_that_names_it),
		cmocka_unit_test(a_user_s_own_folder_goes_before_the_system_s),
	};
	return cmocka_run_group_tests_name("layers", tests, enter_folder, leave_folder);
}
