/* SPDX-License-Identifier: MIT */
#include "clients/socket/exec_environment.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define N_OWN 14 /* variables of an event or a source */

/* The variables that stand for another event, were we run by another `hearken follow`. */
static bool is_own(const char *variable)
{
	static const char *const names[N_OWN] = { "ID", "CURSOR", "INSTANCE", "LABEL", "STATE",
		"START", "END", "DURATION_MS", "PROBABILITY", "LEVEL_DBFS", "GAP", "CONTINUES",
		"SOURCE_STATE", "SOURCE_WHY" };
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

static bool add_ours(char ***at)
{
	for (char **variable = environ; *variable; variable++) {
		if (!is_own(*variable) && !add(at, "%s", *variable)) {
			return false;
		}
	}
	return true;
}

static bool add_event(char **at, const struct hk_event_view *heard)
{
	return add_ours(&at) && add(&at, "HEARKEN_ID=%" PRId64, heard->id) &&
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

static bool add_source(char **at, const json_t *source, const char *instance)
{
	const char *state = json_string_value(json_object_get(source, "state"));
	const char *why = json_string_value(json_object_get(source, "why"));
	return add_ours(&at) && (!instance || add(&at, "HEARKEN_INSTANCE=%s", instance)) &&
		add(&at, "HEARKEN_SOURCE_STATE=%s", state ? state : "") &&
		add(&at, "HEARKEN_SOURCE_WHY=%s", why ? why : "");
}

/* Room for our environment and what is added, all NULL. */
static char **make_room(void)
{
	size_t n_variables = 0;
	while (environ[n_variables]) {
		n_variables++;
	}
	return calloc(n_variables + N_OWN + 1, sizeof(char *));
}

char **hk_exec_environment_of(const struct hk_event_view *heard)
{
	char **envp = make_room();
	if (envp && !add_event(envp, heard)) {
		hk_exec_environment_free(envp);
		return NULL;
	}
	return envp;
}

char **hk_exec_environment_of_source(const json_t *source, const char *instance)
{
	char **envp = make_room();
	if (envp && !add_source(envp, source, instance)) {
		hk_exec_environment_free(envp);
		return NULL;
	}
	return envp;
}

void hk_exec_environment_free(char **envp)
{
	for (char **at = envp; at && *at; at++) {
		free(*at);
	}
	free(envp);
}
