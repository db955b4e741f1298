/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/capture-helper/cards.h"

static char listed[512];

static void on_card(void *owner, const char *device)
{
	(void)owner;
	strcat(listed, device);
	strcat(listed, "\n");
}

/* What is listed when the kernel says TEXT. */
static const char *list(const char *text)
{
	char folder[] = "/tmp/test-cards-XXXXXX", path[64];
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/pcm", folder);
	FILE *file = fopen(path, "w");
	fputs(text, file);
	fclose(file);
	listed[0] = '\0';
	hk_cards_list(folder, on_card, NULL);
	unlink(path);
	rmdir(folder);
	return listed;
}

static void test_what_can_capture_is_listed_as_portaudio_calls_it(void **state)
{
	(void)state;
	assert_string_equal(list("00-00: ALC257 Analog : ALC257 Analog : playback 1 : capture 1\n"
				 "00-03: HDMI 0 : HDMI 0 : playback 1\n"
				 "02-00: USB Audio : USB Audio : capture 1\n"),
		"ALC257 Analog (hw:0,0)\nUSB Audio (hw:2,0)\n");
}

static void test_what_is_no_line_of_the_kernel_is_passed_over(void **state)
{
	(void)state;
	assert_string_equal(list("\n--- : capture 1\n00-00 capture 1\n00-00: : capture 1\n"), "");
}

static void test_a_machine_without_cards_lists_none(void **state)
{
	(void)state;
	listed[0] = '\0';
	hk_cards_list("/nonexistent", on_card, NULL);
	assert_string_equal(listed, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_can_capture_is_listed_as_portaudio_calls_it),
		cmocka_unit_test(test_what_is_no_line_of_the_kernel_is_passed_over),
		cmocka_unit_test(test_a_machine_without_cards_lists_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
