/* SPDX-License-Identifier: MIT */
#include "daemon/capture-helper/devices.h"

#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/audio/downmix.h"
#include "daemon/capture-helper/cards.h"
#include "daemon/capture-helper/pulse_sources.h"

#define ALSA_PREFIX "ALSA: "
#define PROC_ASOUND "/proc/asound"

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
	const PaHostApiInfo *api = Pa_GetHostApiInfo(info->hostApi);
	ret->is_alsa = api->type == paALSA;
	hk_device_name_init(&ret->name, api->name, info->name, PROC_ASOUND);
	return true;
}

void hk_device_parameters(struct hk_device *device, uint32_t n_channels, PaStreamParameters *ret)
{
	const bool by_name = device->by_name.size > 0;
	*ret = (PaStreamParameters){
		.device = by_name ? paUseHostApiSpecificDeviceSpecification : device->index,
		.channelCount = (int)n_channels,
		.sampleFormat = paFloat32,
		.hostApiSpecificStreamInfo = by_name ? &device->by_name : NULL,
	};
}

void hk_device_error(PaError error, const char *name, char ret[HK_DEVICE_ERROR_SIZE])
{
	const PaHostErrorInfo *host = Pa_GetLastHostErrorInfo();
	const bool host_knows =
		error == paUnanticipatedHostError && host && host->errorText[0] != '\0';
	hk_device_error_text(
		error, name, host_knows ? host->errorText : Pa_GetErrorText(error), ret);
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

/* A name with arguments, which ALSA may know though PortAudio does not list it. */
static bool is_alsas_own(const char *wanted)
{
	return strncmp(wanted, ALSA_PREFIX, strlen(ALSA_PREFIX)) == 0 &&
		strchr(wanted + strlen(ALSA_PREFIX), ':');
}

static int find_alsas_own(struct hk_device *ret, const char *wanted, struct hk_diag *diag)
{
	static const unsigned usual_hz[] = { 48000, 44100, 32000, 16000, 8000 };
	struct hk_device device = { .is_alsa = true, .n_channels = HK_MAX_CHANNELS };
	PaError error = paInvalidDevice;
	PaAlsa_InitializeStreamInfo(&device.by_name);
	device.by_name.deviceString = wanted + strlen(ALSA_PREFIX);
	snprintf(device.name.stable, sizeof(device.name.stable), "%s", wanted);
	for (size_t i = 0; i < sizeof(usual_hz) / sizeof(usual_hz[0]); i++) {
		PaStreamParameters input;
		hk_device_parameters(&device, 1, &input);
		error = Pa_IsFormatSupported(&input, NULL, usual_hz[i]);
		if (error == paFormatIsSupported) {
			device.rate_hz = usual_hz[i];
			*ret = device;
			return 0;
		}
	}
	char why[HK_DEVICE_ERROR_SIZE];
	hk_device_error(error, wanted, why);
	return hk_diag_set(diag, -ENODEV, "no input device \"%s\": %s", wanted, why);
}

int hk_device_find(struct hk_device *ret, const char *wanted, struct hk_diag *diag)
{
	if (wanted[0] != '\0') {
		const int r = find_by_name(ret, wanted, diag);
		return r == -ENODEV && is_alsas_own(wanted) ? find_alsas_own(ret, wanted, diag) : r;
	}
	const PaDeviceIndex index = Pa_GetDefaultInputDevice();
	if (index == paNoDevice || !read_device(index, ret)) {
		return hk_diag_set(diag, -ENODEV,
			"no input device (one that another program holds open is not listed)");
	}
	return 0;
}

static json_t *supported_rates(struct hk_device *device)
{
	static const unsigned rates[] = { 8000, 11025, 16000, 22050, 32000, 44100, 48000, 96000,
		192000 };
	PaStreamParameters input;
	hk_device_parameters(device, 1, &input);
	json_t *list = json_array();
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		if (Pa_IsFormatSupported(&input, NULL, rates[i]) == paFormatIsSupported) {
			json_array_append_new(list, json_integer(rates[i]));
		}
	}
	return list;
}

/* ---- the list ---- */

struct list {
	FILE *out;
	int n_lines; /* or -ENOMEM */
	char (*names)[sizeof(((struct hk_device_name *)0)->stable)];
};

static bool is_listed(const struct list *list, const char *name)
{
	for (int i = 0; i < list->n_lines; i++) {
		if (strcmp(list->names[i], name) == 0) {
			return true;
		}
	}
	return false;
}

static int remember(struct list *list, const char *name)
{
	void *grown = realloc(list->names, ((size_t)list->n_lines + 1) * sizeof(*list->names));
	if (!grown) {
		return -ENOMEM;
	}
	list->names = grown;
	snprintf(list->names[list->n_lines], sizeof(list->names[0]), "%s", name);
	return 0;
}

static void print_line(
	struct list *list, const struct hk_device *device, json_t *rates, bool is_default)
{
	if (list->n_lines < 0) {
		json_decref(rates);
		return;
	}
	json_t *line =
		json_pack("{s:s, s:s, s:s, s:i, s:i, s:o, s:b, s:b}", "name", device->name.stable,
			"host_api", device->name.host_api, "device", device->name.device,
			"channels", (int)device->n_channels, "default_rate", (int)device->rate_hz,
			"rates", rates, "default", is_default, "busy", device->n_channels == 0);
	if (!line || remember(list, device->name.stable) < 0) {
		list->n_lines = -ENOMEM;
	} else {
		json_dumpf(line, list->out, JSON_COMPACT);
		fputc('\n', list->out);
		list->n_lines++;
	}
	json_decref(line);
}

static void print_pulse_source(
	void *owner, const char *source, uint32_t n_channels, uint32_t rate_hz)
{
	struct list *list = owner;
	char wanted[sizeof(((struct hk_device_name *)0)->stable)];
	struct hk_device device;
	snprintf(wanted, sizeof(wanted), ALSA_PREFIX "pulse:%s", source);
	if (find_alsas_own(&device, wanted, NULL) < 0) {
		return; /* ALSA cannot reach it */
	}
	device.n_channels = n_channels;
	device.rate_hz = rate_hz;
	snprintf(device.name.host_api, sizeof(device.name.host_api), "ALSA");
	snprintf(device.name.device, sizeof(device.name.device), "pulse:%s", source);
	print_line(list, &device, supported_rates(&device), false);
}

/* One that PortAudio could not open to look at it. */
static void print_busy_card(void *owner, const char *name)
{
	struct list *list = owner;
	struct hk_device device = { 0 };
	hk_device_name_init(&device.name, "ALSA", name, PROC_ASOUND);
	if (!is_listed(list, device.name.stable)) {
		print_line(list, &device, json_array(), false);
	}
}

int hk_devices_print(FILE *out)
{
	struct list list = { .out = out };
	const PaDeviceIndex max = Pa_GetDeviceCount();
	for (PaDeviceIndex i = 0; i < max; i++) {
		struct hk_device device;
		if (read_device(i, &device)) {
			print_line(&list, &device, supported_rates(&device),
				i == Pa_GetDefaultInputDevice());
		}
	}
	hk_pulse_sources(print_pulse_source, &list);
	hk_cards_list(PROC_ASOUND, print_busy_card, &list);
	free(list.names);
	return list.n_lines;
}
