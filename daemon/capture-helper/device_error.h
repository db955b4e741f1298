/* SPDX-License-Identifier: MIT */
/*
 * device_error: why a device cannot be opened, and what to do about it: PortAudio's own words
 * ("Sample format not supported") name neither. Any thread.
 */
#pragma once

#include <stddef.h>

#define HK_DEVICE_ERROR_SIZE 400

/*
 * What ERROR (a PaError) of the device NAME ("ALSA: hw:CARD=Mic,DEV=0") means, without its name.
 * WORDS: PortAudio's or ALSA's own, which are quoted.
 */
void hk_device_error_text(
	int error, const char *name, const char *words, char ret[HK_DEVICE_ERROR_SIZE]);
