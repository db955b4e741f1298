/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <portaudio.h>

#include "daemon/capture-helper/device_error.h"

static void a_card_that_has_to_be_converted_is_named_as_its_converter(void **state)
{
	(void)state;
	static const struct {
		int error;
		const char *name, *converted; /* NULL: no such advice */
	} rows[] = {
		{ paSampleFormatNotSupported, "ALSA: hw:CARD=Mic,DEV=0",
			"device = ALSA: plughw:CARD=Mic,DEV=0" },
		{ paInvalidSampleRate, "ALSA: hw:CARD=Mic,DEV=1",
			"device = ALSA: plughw:CARD=Mic,DEV=1" },
		{ paInvalidChannelCount, "ALSA: USB Audio", "device = ALSA: plughw:CARD=NAME" },
		{ paSampleFormatNotSupported, "ALSA: plughw:CARD=Mic,DEV=0", NULL },
		{ paDeviceUnavailable, "ALSA: hw:CARD=Mic,DEV=0", NULL },
		{ paUnanticipatedHostError, "ALSA: hw:CARD=Mic,DEV=0", NULL },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[HK_DEVICE_ERROR_SIZE];
		hk_device_error_text(rows[i].error, rows[i].name, "Of a library", text);
		print_message("%s\n", text);
		if (rows[i].converted) {
			assert_non_null(strstr(text, rows[i].converted));
		} else {
			assert_null(strstr(text, "plughw"));
		}
		assert_non_null(strstr(text, " (PortAudio: \"Of a library\")"));
		assert_ptr_not_equal(strstr(text, "Of a library"), text);
	}
}

static void the_longest_name_fits(void **state)
{
	(void)state;
	char name[256], text[HK_DEVICE_ERROR_SIZE];
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	memcpy(name, "ALSA: hw:", 9);
	hk_device_error_text(paSampleFormatNotSupported, name, "Sample format not supported", text);
	assert_non_null(strstr(text, "device = ALSA: plughw:xxx"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_card_that_has_to_be_converted_is_named_as_its_converter),
		cmocka_unit_test(the_longest_name_fits),
	};
	return cmocka_run_group_tests_name("device_error", tests, NULL, NULL);
}
