/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/capture-helper/pulse_sources.h"

struct fields {
	char name[128];
	uint32_t n_channels, rate_hz;
};

static bool parse(const char *text, struct fields *ret)
{
	char *line = strdup(text);
	const char *name;
	const bool parsed = hk_pulse_source_parse(line, &name, &ret->n_channels, &ret->rate_hz);
	if (parsed) {
		strcpy(ret->name, name);
	}
	free(line);
	return parsed;
}

static void test_lines_of_pulseaudio_and_pipewire_are_read(void **state)
{
	struct fields fields;
	(void)state;
	assert_true(parse(
		"1\tvmic.monitor\tmodule-null-sink.c\tfloat32le 1ch 44100Hz\tIDLE\n", &fields));
	assert_string_equal(fields.name, "vmic.monitor");
	assert_int_equal(fields.n_channels, 1);
	assert_int_equal(fields.rate_hz, 44100);
	assert_true(parse("48\talsa_input.usb-Mic-00.analog-stereo\tPipeWire\ts16le 2ch "
			  "48000Hz\tSUSPENDED",
		&fields));
	assert_string_equal(fields.name, "alsa_input.usb-Mic-00.analog-stereo");
	assert_int_equal(fields.n_channels, 2);
}

static void test_anything_else_is_no_source(void **state)
{
	struct fields fields;
	(void)state;
	assert_false(parse("", &fields));
	assert_false(parse("Connection failure: Connection refused", &fields));
	assert_false(parse("1\tname\tdriver", &fields));
	assert_false(parse("1\t\tdriver\ts16le 2ch 48000Hz\tIDLE", &fields));
	assert_false(parse("1\tname\tdriver\ts16le two channels\tIDLE", &fields));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_of_pulseaudio_and_pipewire_are_read),
		cmocka_unit_test(test_anything_else_is_no_source),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
