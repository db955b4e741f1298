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

#include "daemon/capture-helper/device_name.h"

/* A machine with two cards of one kind; card 0 is Mic_1 on purpose: numbers change, ids stay. */
static char proc_asound[] = "/tmp/test-device_name-XXXXXX";
static const char *const ids[] = { "Mic_1", "Mic" };

static int make_cards(void **state)
{
	(void)state;
	if (!mkdtemp(proc_asound)) {
		return -1;
	}
	for (unsigned i = 0; i < 2; i++) {
		char path[64];
		snprintf(path, sizeof(path), "%s/card%u", proc_asound, i);
		mkdir(path, 0700);
		strcat(path, "/id");
		FILE *file = fopen(path, "w");
		fprintf(file, "%s\n", ids[i]);
		fclose(file);
	}
	return 0;
}

static int remove_cards(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		char path[64];
		snprintf(path, sizeof(path), "%s/card%u/id", proc_asound, i);
		unlink(path);
		*strrchr(path, '/') = '\0';
		rmdir(path);
	}
	return rmdir(proc_asound);
}

enum { MIC_1, MIC, DEFAULT, JACK, N_NAMES };

static void make_names(struct hk_device_name *names)
{
	static const char *const devices[N_NAMES][2] = {
		[MIC_1] = { "ALSA", "USB Mic: Audio (hw:0,0)" },
		[MIC] = { "ALSA", "USB Mic: Audio (hw:1,0)" },
		[DEFAULT] = { "ALSA", "default" },
		[JACK] = { "JACK Audio Connection Kit", "system" },
	};
	for (size_t i = 0; i < N_NAMES; i++) {
		hk_device_name_init(&names[i], devices[i][0], devices[i][1], proc_asound);
	}
}

static void assert_found(const char *wanted, size_t index)
{
	struct hk_device_name names[N_NAMES];
	struct hk_diag diag = { 0 };
	size_t found = N_NAMES;
	make_names(names);
	assert_int_equal(hk_device_name_match(names, N_NAMES, wanted, &found, &diag), 0);
	assert_int_equal(found, index);
}

static void assert_refused(const char *wanted, int error, const char *word)
{
	struct hk_device_name names[N_NAMES];
	struct hk_diag diag = { 0 };
	size_t found = N_NAMES;
	make_names(names);
	assert_int_equal(hk_device_name_match(names, N_NAMES, wanted, &found, &diag), error);
	assert_int_equal(found, N_NAMES);
	assert_non_null(strstr(diag.text, word));
	for (size_t i = 0; i < N_NAMES; i++) {
		assert_non_null(strstr(diag.text, names[i].stable));
	}
}

static void test_a_card_is_named_by_its_id_and_not_by_its_number(void **state)
{
	struct hk_device_name names[N_NAMES];
	(void)state;
	make_names(names);
	assert_string_equal(names[MIC_1].stable, "ALSA: hw:CARD=Mic_1,DEV=0");
	assert_string_equal(names[MIC].stable, "ALSA: hw:CARD=Mic,DEV=0");
	assert_string_equal(names[DEFAULT].stable, "ALSA: default");
	assert_string_equal(names[JACK].stable, "JACK Audio Connection Kit: system");
}

static void test_a_card_without_an_id_keeps_portaudios_name(void **state)
{
	struct hk_device_name name;
	(void)state;
	hk_device_name_init(&name, "ALSA", "Odd: Thing (hw:7,1)", proc_asound);
	assert_string_equal(name.stable, "ALSA: Odd: Thing (hw:7,1)");
}

static void test_the_name_that_is_printed_finds_its_device(void **state)
{
	struct hk_device_name names[N_NAMES];
	(void)state;
	make_names(names);
	for (size_t i = 0; i < N_NAMES; i++) {
		assert_found(names[i].stable, i);
	}
}

static void test_the_host_api_may_be_left_out(void **state)
{
	(void)state;
	assert_found("default", DEFAULT);
	assert_found("hw:CARD=Mic,DEV=0", MIC);
	assert_found("system", JACK);
}

static void test_an_exact_name_wins_over_parts(void **state)
{
	(void)state;
	/* "hw:CARD=Mic" is also the beginning of the other card's name. */
	assert_refused("hw:CARD=Mic", -ENOTUNIQ, "2 input devices");
	assert_found("ALSA: hw:CARD=Mic,DEV=0", MIC);
}

static void test_a_part_that_only_one_name_has_is_enough(void **state)
{
	(void)state;
	assert_found("jack", JACK);
	assert_found("mic_1", MIC_1);
}

static void test_none_and_several_are_refused_with_the_list_of_what_there_is(void **state)
{
	(void)state;
	assert_refused("webcam", -ENODEV, "\"webcam\"");
	assert_refused("USB Mic", -ENOTUNIQ, "2 input devices");
}

static void test_a_machine_without_devices_is_named_as_one(void **state)
{
	struct hk_diag diag = { 0 };
	size_t found;
	(void)state;
	assert_int_equal(hk_device_name_match(NULL, 0, "mic", &found, &diag), -ENODEV);
	assert_string_equal(diag.text, "no input device \"mic\"; there is none at all");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_card_is_named_by_its_id_and_not_by_its_number),
		cmocka_unit_test(test_a_card_without_an_id_keeps_portaudios_name),
		cmocka_unit_test(test_the_name_that_is_printed_finds_its_device),
		cmocka_unit_test(test_the_host_api_may_be_left_out),
		cmocka_unit_test(test_an_exact_name_wins_over_parts),
		cmocka_unit_test(test_a_part_that_only_one_name_has_is_enough),
		cmocka_unit_test(test_none_and_several_are_refused_with_the_list_of_what_there_is),
		cmocka_unit_test(test_a_machine_without_devices_is_named_as_one),
	};
	return cmocka_run_group_tests(tests, make_cards, remove_cards);
}
