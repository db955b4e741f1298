/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/capture/hotplug.h"

struct fixture {
	sd_event *event;
	struct hk_hotplug *hotplug;
	char folder[64];
	unsigned n_hints;
};

static void on_hint(void *owner)
{
	struct fixture *fixture = owner;
	fixture->n_hints++;
}

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	snprintf(fixture->folder, sizeof(fixture->folder), "/tmp/test-hotplug-XXXXXX");
	*state = fixture;
	return mkdtemp(fixture->folder) ? sd_event_new(&fixture->event) : -1;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;
	char command[128];
	snprintf(command, sizeof(command), "rm -r %s", fixture->folder);
	hk_hotplug_free(fixture->hotplug);
	sd_event_unref(fixture->event);
	free(fixture);
	return system(command);
}

static void watch(struct fixture *fixture)
{
	assert_int_equal(hk_hotplug_new(&fixture->hotplug, fixture->event, fixture->folder, on_hint,
				 fixture),
		0);
}

static void make_folder(const struct fixture *fixture, const char *name)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/%s", fixture->folder, name);
	assert_int_equal(mkdir(path, 0700), 0);
}

static void make_file(const struct fixture *fixture, const char *name)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/%s", fixture->folder, name);
	const int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
}

/* Hints since the last call. */
static unsigned hints(struct fixture *fixture)
{
	fixture->n_hints = 0;
	while (sd_event_run(fixture->event, 20000) > 0) {}
	return fixture->n_hints;
}

static void test_a_new_sound_device_is_a_hint(void **state)
{
	struct fixture *fixture = *state;
	make_folder(fixture, "snd");
	watch(fixture);
	assert_int_equal(hints(fixture), 0);
	make_file(fixture, "snd/pcmC1D0c");
	assert_int_equal(hints(fixture), 1);
}

static void test_a_device_that_is_given_to_us_later_is_a_hint(void **state)
{
	struct fixture *fixture = *state;
	make_folder(fixture, "snd");
	make_file(fixture, "snd/pcmC1D0c");
	watch(fixture);
	char path[128];
	snprintf(path, sizeof(path), "%s/snd/pcmC1D0c", fixture->folder);
	assert_int_equal(chmod(path, 0660), 0);
	assert_int_equal(hints(fixture), 1);
}

static void test_the_first_sound_device_brings_its_folder_along(void **state)
{
	struct fixture *fixture = *state;
	watch(fixture);
	make_folder(fixture, "snd");
	assert_int_equal(hints(fixture), 1);
	make_file(fixture, "snd/pcmC0D0c");
	assert_int_equal(hints(fixture), 1);
}

static void test_other_devices_are_none(void **state)
{
	struct fixture *fixture = *state;
	make_folder(fixture, "snd");
	watch(fixture);
	make_folder(fixture, "dri");
	make_file(fixture, "ttyUSB0");
	assert_int_equal(hints(fixture), 0);
}

static void test_a_machine_without_the_folder_gives_no_hint_and_no_error(void **state)
{
	struct fixture *fixture = *state;
	assert_int_equal(
		hk_hotplug_new(&fixture->hotplug, fixture->event, "/nonexistent", on_hint, fixture),
		0);
	assert_int_equal(hints(fixture), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_new_sound_device_is_a_hint, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_a_device_that_is_given_to_us_later_is_a_hint, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_the_first_sound_device_brings_its_folder_along, setup, teardown),
		cmocka_unit_test_setup_teardown(test_other_devices_are_none, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_a_machine_without_the_folder_gives_no_hint_and_no_error, setup,
			teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
