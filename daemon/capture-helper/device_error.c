/* SPDX-License-Identifier: MIT */
#include "daemon/capture-helper/device_error.h"

#include <portaudio.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define RAW_CARD "ALSA: hw:"
#define CONVERTED_CARD "ALSA: plughw:"

/* The same card through ALSA's converters; "": it is one already. */
static void converted_name(const char *name, char *ret, size_t size)
{
	const bool is_raw = strncmp(name, RAW_CARD, strlen(RAW_CARD)) == 0;
	if (strncmp(name, CONVERTED_CARD, strlen(CONVERTED_CARD)) == 0) {
		ret[0] = '\0';
	} else {
		snprintf(ret, size, CONVERTED_CARD "%s",
			is_raw ? name + strlen(RAW_CARD) : "CARD=NAME");
	}
}

static const char *meaning_of(int error, bool *ret_converter_helps)
{
	*ret_converter_helps = false;
	switch (error) {
	case paSampleFormatNotSupported:
		*ret_converter_helps = true;
		return "it delivers samples of a kind that is not read";
	case paInvalidSampleRate:
		*ret_converter_helps = true;
		return "it does not run at the rate that it names as its own";
	case paInvalidChannelCount:
		*ret_converter_helps = true;
		return "it does not open with that number of channels";
	case paDeviceUnavailable:
		return "another program holds it, or it was unplugged: `fuser -v /dev/snd/*` lists who holds it";
	case paInvalidDevice:
	case paBadIODeviceCombination:
		return "ALSA knows no such device; `arecord -L` lists those it knows";
	case paTimedOut:
		return "it does not answer";
	case paInsufficientMemory:
		return "out of memory";
	default:
		return "it cannot be opened";
	}
}

void hk_device_error_text(
	int error, const char *name, const char *words, char ret[HK_DEVICE_ERROR_SIZE])
{
	char converted[128] = "", cure[200] = "";
	bool converter_helps;
	const char *meaning = meaning_of(error, &converter_helps);
	if (converter_helps) {
		converted_name(name, converted, sizeof(converted));
	}
	if (converted[0] != '\0') {
		snprintf(cure, sizeof(cure), "; ALSA converts it: device = %s", converted);
	}
	snprintf(ret, HK_DEVICE_ERROR_SIZE, "%s (PortAudio: \"%s\")%s", meaning, words, cure);
}
