/* SPDX-License-Identifier: MIT */
#include "daemon/capture/devices.h"

#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>

static bool read_device(PaDeviceIndex index, struct hk_device *ret)
{
	const PaDeviceInfo *info = Pa_GetDeviceInfo(index);
	if (!info || info->maxInputChannels < 1) {
		return false;
	}
	*ret = (struct hk_device){
		.index = index,
		.n_channels = (uint32_t)info->maxInputChannels,
		.rate_hz = (uint32_t)info->defaultSampleRate,
	};
	hk_device_name_init(
		&ret->name, Pa_GetHostApiInfo(info->hostApi)->name, info->name, "/proc/asound");
	return true;
}

static int find_by_name(struct hk_device *ret, const char *wanted, struct hk_diag *diag)
{
	const size_t max = Pa_GetDeviceCount() > 0 ? (size_t)Pa_GetDeviceCount() : 0;
	struct hk_device *devices = calloc(max + 1, sizeof(*devices));
	struct hk_device_name *names = calloc(max + 1, sizeof(*names));
	size_t n_devices = 0, found;
	int r = -ENOMEM;
	if (!devices || !names) {
		goto done;
	}
	for (size_t i = 0; i < max; i++) {
		if (read_device((PaDeviceIndex)i, &devices[n_devices])) {
			names[n_devices] = devices[n_devices].name;
			n_devices++;
		}
	}
	r = hk_device_name_match(names, n_devices, wanted, &found, diag);
	if (r == 0) {
		*ret = devices[found];
	}
done:
	free(names);
	free(devices);
	return r;
}

int hk_device_find(struct hk_device *ret, const char *wanted, struct hk_diag *diag)
{
	if (wanted[0] != '\0') {
		return find_by_name(ret, wanted, diag);
	}
	const PaDeviceIndex index = Pa_GetDefaultInputDevice();
	if (index == paNoDevice || !read_device(index, ret)) {
		return hk_diag_set(diag, -ENODEV,
			"no input device (one that another program holds open is not listed)");
	}
	return 0;
}

static json_t *supported_rates(const struct hk_device *device)
{
	static const unsigned rates[] = { 8000, 11025, 16000, 22050, 32000, 44100, 48000, 96000,
		192000 };
	const PaStreamParameters input = {
		.device = device->index,
		.channelCount = 1,
		.sampleFormat = paFloat32,
	};
	json_t *list = json_array();
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		if (Pa_IsFormatSupported(&input, NULL, rates[i]) == paFormatIsSupported) {
			json_array_append_new(list, json_integer(rates[i]));
		}
	}
	return list;
}

int hk_devices_print(FILE *out)
{
	const PaDeviceIndex max = Pa_GetDeviceCount();
	int n_devices = 0;
	for (PaDeviceIndex i = 0; i < max; i++) {
		struct hk_device device;
		if (!read_device(i, &device)) {
			continue;
		}
		json_t *line = json_pack("{s:s, s:s, s:s, s:i, s:i, s:o, s:b}", "name",
			device.name.stable, "host_api", device.name.host_api, "device",
			device.name.device, "channels", (int)device.n_channels, "default_rate",
			(int)device.rate_hz, "rates", supported_rates(&device), "default",
			i == Pa_GetDefaultInputDevice());
		if (!line) {
			return -ENOMEM;
		}
		json_dumpf(line, out, JSON_COMPACT);
		fputc('\n', out);
		json_decref(line);
		n_devices++;
	}
	return n_devices;
}
