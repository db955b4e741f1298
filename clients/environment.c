/* SPDX-License-Identifier: MIT */
#include "clients/environment.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define N_OWN 12 /* variables of an event */

/* The variables that stand for another event, were we run by another `hearken follow`. */
static bool is_own(const char *variable)
{
	static const char *const names[N_OWN] = { "ID", "CURSOR", "INSTANCE", "LABEL", "STATE",
		"START", "END", "DURATION_MS", "PROBABILITY", "LEVEL_DBFS", "GAP", "CONTINUES" };
	static const char prefix[] = "HEARKEN_";
	if (strncmp(variable, prefix, strlen(prefix)) != 0) {
		return false;
	}
	variable += strlen(prefix);
	const size_t length = strcspn(variable, "=");
	for (size_t i = 0; i < N_OWN; i++) {
		if (strlen(names[i]) == length && strncmp(variable, names[i], length) == 0) {
			return true;
		}
	}
	return false;
}

__attribute__((format(printf, 2, 3))) static bool add(char ***at, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	const int r = vasprintf(*at, format, args);
	va_end(args);
	if (r < 0) {
		**at = NULL;
		return false;
	}
	(*at)++;
	return true;
}

static bool add_all(char **at, const struct hk_heard *heard)
{
	for (char **variable = environ; *variable; variable++) {
		if (!is_own(*variable) && !add(&at, "%s", *variable)) {
			return false;
		}
	}
	return add(&at, "HEARKEN_ID=%" PRId64, heard->id) &&
		add(&at, "HEARKEN_CURSOR=%" PRId64, heard->cursor) &&
		add(&at, "HEARKEN_INSTANCE=%s", heard->instance) &&
		add(&at, "HEARKEN_LABEL=%s", heard->label) &&
		add(&at, "HEARKEN_STATE=%s", heard->state) &&
		add(&at, "HEARKEN_START=%s", heard->start) &&
		(!heard->end || add(&at, "HEARKEN_END=%s", heard->end)) &&
		add(&at, "HEARKEN_DURATION_MS=%" PRId64, heard->duration_ms) &&
		add(&at, "HEARKEN_PROBABILITY=%.6g", heard->peak_probability) &&
		add(&at, "HEARKEN_LEVEL_DBFS=%.1f", heard->level_dbfs) &&
		add(&at, "HEARKEN_GAP=%d", heard->gap) &&
		(!heard->continues || add(&at, "HEARKEN_CONTINUES=%" PRId64, heard->continues));
}

char **hk_environment_of(const struct hk_heard *heard)
{
	size_t n_variables = 0;
	while (environ[n_variables]) {
		n_variables++;
	}
	char **envp = calloc(n_variables + N_OWN + 1, sizeof(*envp));
	if (envp && !add_all(envp, heard)) {
		hk_environment_free(envp);
		return NULL;
	}
	return envp;
}

void hk_environment_free(char **envp)
{
	for (char **at = envp; at && *at; at++) {
		free(*at);
	}
	free(envp);
}
