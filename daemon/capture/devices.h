/* SPDX-License-Identifier: MIT */
/*
 * devices: the input devices that PortAudio knows. Between Pa_Initialize and Pa_Terminate.
 */
#pragma once

#include <portaudio.h>
#include <stdint.h>
#include <stdio.h>

#include "core/diag.h"
#include "daemon/capture/device_name.h"

struct hk_device {
	PaDeviceIndex index; /* valid until Pa_Terminate */
	uint32_t n_channels;
	uint32_t rate_hz; /* its own */
	struct hk_device_name name;
};

/* The device that WANTED means ("": the default one). Returns 0; -ENODEV, -ENOTUNIQ with DIAG; -ENOMEM. */
int hk_device_find(struct hk_device *ret, const char *wanted, struct hk_diag *diag);

/*
 * One JSON object a line: name (for the configuration), host_api, device, channels, default_rate, rates,
 * default. Returns the number of devices, -ENOMEM.
 */
int hk_devices_print(FILE *out);
