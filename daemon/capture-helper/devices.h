/* SPDX-License-Identifier: MIT */
/*
 * devices: the input devices that PortAudio knows. Between Pa_Initialize and Pa_Terminate.
 */
#pragma once

#include <pa_linux_alsa.h>
#include <portaudio.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "core/base/diag.h"
#include "daemon/capture-helper/device_error.h"
#include "daemon/capture-helper/device_name.h"

struct hk_device {
	PaDeviceIndex index; /* valid until Pa_Terminate */
	PaAlsaStreamInfo
		by_name; /* of a device that only ALSA knows; size 0: it is in PortAudio's list */
	bool is_alsa;
	uint32_t n_channels; /* at most */
	uint32_t rate_hz;    /* its own */
	struct hk_device_name name;
};

/*
 * The device that WANTED means. "": the default one. "ALSA: NAME:ARGUMENTS" that is not in
 * PortAudio's list is tried as it stands: "ALSA: pulse:SOURCE" is a source of PulseAudio or
 * PipeWire, "ALSA: plughw:CARD=Mic" a card through ALSA's converters. WANTED must outlive *ret.
 * Returns 0; -ENODEV, -ENOTUNIQ with DIAG; -ENOMEM.
 */
int hk_device_find(struct hk_device *ret, const char *wanted, struct hk_diag *diag);

/* What to open DEVICE with. The device must outlive *ret. */
void hk_device_parameters(struct hk_device *device, uint32_t n_channels, PaStreamParameters *ret);

/* Why the device NAME could not be opened (device_error.h): ERROR is PortAudio's last one. */
void hk_device_error(PaError error, const char *name, char ret[HK_DEVICE_ERROR_SIZE]);

/*
 * All of them, one JSON object a line: name (for the configuration), host_api, device (PortAudio's
 * name), channels, default_rate, rates, default, busy. Also the sources of PulseAudio or PipeWire,
 * when `pactl` is installed and ALSA has its "pulse" device, and cards that somebody holds open
 * (busy; channels and rates are not known then). Returns the number of devices, -ENOMEM.
 */
int hk_devices_print(FILE *out);
