/* SPDX-License-Identifier: MIT */
#include "daemon/capture-helper/pulse_sources.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A stopped server does not answer. */
#define COMMAND "LC_ALL=C timeout 3 pactl list short sources 2>/dev/null"

bool hk_pulse_source_parse(
	char *line, const char **ret_name, uint32_t *ret_channels, uint32_t *ret_rate_hz)
{
	char *rest = line, *fields[4];
	for (size_t i = 0; i < 4; i++) {
		fields[i] = strsep(&rest, "\t");
		if (!fields[i]) {
			return false;
		}
	}
	unsigned n_channels, rate_hz;
	if (fields[1][0] == '\0' ||
		sscanf(fields[3], "%*s %uch %uHz", &n_channels, &rate_hz) != 2) {
		return false;
	}
	*ret_name = fields[1];
	*ret_channels = n_channels;
	*ret_rate_hz = rate_hz;
	return true;
}

void hk_pulse_sources(hk_pulse_source_fn *callback, void *owner)
{
	FILE *list = popen(COMMAND, "re");
	if (!list) {
		return;
	}
	char *line = NULL;
	size_t size = 0;
	while (getline(&line, &size, list) > 0) {
		const char *name;
		uint32_t n_channels, rate_hz;
		if (hk_pulse_source_parse(line, &name, &n_channels, &rate_hz)) {
			callback(owner, name, n_channels, rate_hz);
		}
	}
	free(line);
	pclose(list);
}
