/* SPDX-License-Identifier: MIT */
#include "daemon/capture-helper/device_name.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/base/utf8.h"

/* The card's id, which does not change with its number. */
static bool read_card_id(const char *proc_asound, unsigned card, char *ret, size_t size)
{
	char path[256];
	snprintf(path, sizeof(path), "%s/card%u/id", proc_asound, card);
	FILE *file = fopen(path, "re");
	if (!file) {
		return false;
	}
	const bool read = fgets(ret, (int)size, file) != NULL;
	fclose(file);
	if (read) {
		ret[strcspn(ret, "\n")] = '\0';
	}
	return read && ret[0] != '\0';
}

void hk_device_name_init(struct hk_device_name *name, const char *host_api, const char *device,
	const char *proc_asound)
{
	unsigned card, subdevice;
	char id[64];
	const char *hw = strstr(device, "(hw:");
	snprintf(name->host_api, sizeof(name->host_api), "%s", host_api);
	snprintf(name->device, sizeof(name->device), "%s", device);
	if (hw && sscanf(hw, "(hw:%u,%u)", &card, &subdevice) == 2 &&
		read_card_id(proc_asound, card, id, sizeof(id))) {
		snprintf(name->stable, sizeof(name->stable), "%s: hw:CARD=%s,DEV=%u", host_api, id,
			subdevice);
	} else {
		snprintf(name->stable, sizeof(name->stable), "%s: %s", host_api, device);
	}
	/* A device may call itself anything; what is listed is JSON, and what people copy from it
	 * matches. */
	hk_utf8_repair(name->device);
	hk_utf8_repair(name->stable);
}

static const char *without_host_api(const struct hk_device_name *name, const char *full)
{
	return full + strlen(name->host_api) + strlen(": ");
}

static void full_name(const struct hk_device_name *name, char *ret, size_t size)
{
	snprintf(ret, size, "%s: %s", name->host_api, name->device);
}

static bool is_exactly(const struct hk_device_name *name, const char *wanted)
{
	char full[512];
	full_name(name, full, sizeof(full));
	return strcmp(wanted, name->stable) == 0 || strcmp(wanted, full) == 0 ||
		strcmp(wanted, name->device) == 0 ||
		strcmp(wanted, without_host_api(name, name->stable)) == 0;
}

static bool is_part(const struct hk_device_name *name, const char *wanted)
{
	char full[512];
	full_name(name, full, sizeof(full));
	return strcasestr(name->stable, wanted) || strcasestr(full, wanted);
}

/* "ALSA: default", "JACK Audio Connection Kit: system" */
static void list(const struct hk_device_name *names, size_t n_names, char *ret, size_t size)
{
	size_t length = 0;
	ret[0] = '\0';
	for (size_t i = 0; i < n_names && length < size; i++) {
		length += (size_t)snprintf(ret + length, size - length, "%s\"%s\"",
			i == 0 ? "" : ", ", names[i].stable);
	}
}

int hk_device_name_match(const struct hk_device_name *names, size_t n_names, const char *wanted,
	size_t *ret_index, struct hk_diag *diag)
{
	bool (*const tests[])(
		const struct hk_device_name *, const char *) = { is_exactly, is_part };
	size_t n_found = 0, found = 0;
	for (size_t t = 0; t < 2 && n_found == 0; t++) {
		for (size_t i = 0; i < n_names; i++) {
			if (tests[t](&names[i], wanted)) {
				n_found++;
				found = i;
			}
		}
	}
	if (n_found == 1) {
		*ret_index = found;
		return 0;
	}
	char there_is[HK_DIAG_SIZE];
	list(names, n_names, there_is, sizeof(there_is));
	if (n_names == 0) {
		return hk_diag_set(
			diag, -ENODEV, "no input device \"%s\"; there is none at all", wanted);
	}
	if (n_found == 0) {
		return hk_diag_set(
			diag, -ENODEV, "no input device \"%s\"; there are: %s", wanted, there_is);
	}
	return hk_diag_set(diag, -ENOTUNIQ, "%zu input devices match \"%s\"; there are: %s",
		n_found, wanted, there_is);
}
