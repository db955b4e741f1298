/* SPDX-License-Identifier: MIT */
/*
 * device_name: what an input device is called in the configuration, and which device a name means.
 *
 * PortAudio numbers devices and names ALSA's sound cards with the number they have today ("USB Mic:
 * Audio (hw:1,0)"). A card is therefore called by its ALSA id, which stays: "ALSA:
 * hw:CARD=Mic,DEV=0". Everything else (ALSA's software devices, JACK clients) is called "HOST API:
 * NAME".
 */
#pragma once

#include <stddef.h>

#include "core/base/diag.h"

struct hk_device_name {
	char stable[256];  /* for the configuration */
	char host_api[64]; /* PortAudio's */
	char device[256];  /* PortAudio's */
};

/* PROC_ASOUND: "/proc/asound". */
void hk_device_name_init(struct hk_device_name *name, const char *host_api, const char *device,
	const char *proc_asound);

/*
 * The one of NAMES that WANTED means: with or without "HOST API: ", the stable or PortAudio's name;
 * exactly, else as a part of one name only, whatever the case. Shapes: names[n_names]. Returns 0;
 * -ENODEV (none) and -ENOTUNIQ (several) with DIAG, which lists what there is.
 */
int hk_device_name_match(const struct hk_device_name *names, size_t n_names, const char *wanted,
	size_t *ret_index, struct hk_diag *diag);
