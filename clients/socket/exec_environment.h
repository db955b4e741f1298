/* SPDX-License-Identifier: MIT */
/*
 * exec_environment: an event, or the state of the source, as environment variables, beside those
 * that we have. Main thread only.
 */
#pragma once

#include "clients/socket/event_view.h"

/*
 * Our environment with HEARKEN_ID, HEARKEN_CURSOR, HEARKEN_INSTANCE, HEARKEN_LABEL, HEARKEN_STATE,
 * HEARKEN_START, HEARKEN_END (not while it goes on), HEARKEN_DURATION_MS, HEARKEN_PROBABILITY (the
 * peak), HEARKEN_LEVEL_DBFS, HEARKEN_GAP (0 or 1) and HEARKEN_CONTINUES (only when it does).
 * Returns a NULL-terminated list for hk_exec_environment_free, NULL: out of memory.
 */
char **hk_exec_environment_of(const struct hk_event_view *heard);

/* The same of a SOURCE (type Source): HEARKEN_SOURCE_STATE, HEARKEN_SOURCE_WHY, HEARKEN_INSTANCE
 * when INSTANCE is not NULL, and none of the others above. */
char **hk_exec_environment_of_source(const json_t *source, const char *instance);

void hk_exec_environment_free(char **envp);
