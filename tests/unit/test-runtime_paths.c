/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "daemon/settings/runtime_paths.h"

static struct hk_settings settings;

static void set(const char *history, const char *socket)
{
	snprintf(settings.history.path, sizeof(settings.history.path), "%s", history);
	snprintf(settings.socket.path, sizeof(settings.socket.path), "%s", socket);
}

static void a_path_is_itself_and_none_is_none(void **state)
{
	(void)state;
	char path[64];
	setenv("STATE_DIRECTORY", "/var/lib/hearken", 1);
	set("/tmp/events.db", "none");
	assert_true(hk_runtime_path_history(&settings, "kitchen", path, sizeof(path)));
	assert_string_equal(path, "/tmp/events.db");
	assert_false(hk_runtime_path_socket(&settings, "kitchen", path, sizeof(path)));
}

static void auto_lies_in_the_first_folder_that_systemd_gives(void **state)
{
	(void)state;
	char path[64];
	set("auto", "auto");
	setenv("STATE_DIRECTORY", "/var/lib/hearken:/var/lib/other", 1);
	setenv("RUNTIME_DIRECTORY", "/run/hearken", 1);
	assert_true(hk_runtime_path_history(&settings, "kitchen", path, sizeof(path)));
	assert_string_equal(path, "/var/lib/hearken/kitchen.db");
	assert_true(hk_runtime_path_socket(&settings, "kitchen", path, sizeof(path)));
	assert_string_equal(path, "/run/hearken/kitchen.sock");
}

static void auto_without_a_folder_is_none(void **state)
{
	(void)state;
	char path[64];
	set("auto", "auto");
	unsetenv("STATE_DIRECTORY");
	setenv("RUNTIME_DIRECTORY", "", 1);
	assert_false(hk_runtime_path_history(&settings, "kitchen", path, sizeof(path)));
	assert_false(hk_runtime_path_socket(&settings, "kitchen", path, sizeof(path)));
}

static void a_path_that_finds_no_room_is_refused_rather_than_cut(void **state)
{
	(void)state;
	char path[16];
	set("/a/folder/with/a/long/name", "auto");
	setenv("RUNTIME_DIRECTORY", "/run/hearken", 1);
	assert_false(hk_runtime_path_history(&settings, "kitchen", path, sizeof(path)));
	assert_false(hk_runtime_path_socket(&settings, "kitchen", path, sizeof(path)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_is_itself_and_none_is_none),
		cmocka_unit_test(auto_lies_in_the_first_folder_that_systemd_gives),
		cmocka_unit_test(auto_without_a_folder_is_none),
		cmocka_unit_test(a_path_that_finds_no_room_is_refused_rather_than_cut),
	};
	return cmocka_run_group_tests_name("runtime_paths", tests, NULL, NULL);
}
