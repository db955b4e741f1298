/* SPDX-License-Identifier: MIT */
#include "daemon/capture-helper/cards.h"

#include <stdio.h>
#include <string.h>

/* "01-00: USB Audio : USB Audio : playback 1 : capture 1" */
static bool parse(
	const char *line, unsigned *ret_card, unsigned *ret_device, char *ret_name, size_t size)
{
	int begin = 0;
	if (sscanf(line, "%u-%u: %n", ret_card, ret_device, &begin) != 2 || begin == 0 ||
		!strstr(line, ": capture ")) {
		return false;
	}
	const char *end = strstr(line + begin, " : ");
	if (!end) {
		return false;
	}
	snprintf(ret_name, size, "%.*s", (int)(end - line - begin), line + begin);
	return true;
}

void hk_cards_list(const char *proc_asound, hk_card_fn *callback, void *owner)
{
	char path[256], line[256];
	snprintf(path, sizeof(path), "%s/pcm", proc_asound);
	FILE *file = fopen(path, "re");
	if (!file) {
		return;
	}
	while (fgets(line, sizeof(line), file)) {
		unsigned card, number;
		char name[128], device[192];
		if (parse(line, &card, &number, name, sizeof(name))) {
			snprintf(device, sizeof(device), "%s (hw:%u,%u)", name, card, number);
			callback(owner, device);
		}
	}
	fclose(file);
}
