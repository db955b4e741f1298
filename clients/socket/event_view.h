/* SPDX-License-Identifier: MIT */
/*
 * event_view: an event as a daemon tells it, checked, and as a row for people. Any thread but for
 * the row.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "clients/cli/table.h"
#include "core/base/diag.h"

/* Type Event of io.hearken. Texts belong to the JSON that it was read from. */
struct hk_event_view {
	int64_t id, cursor;
	const char *instance, *label;
	const char *state; /* "ongoing", "ended", "interrupted" */
	const char *start; /* RFC 3339 */
	const char *end;   /* NULL: not over */
	int64_t start_us;  /* of START, microseconds since 1970 */
	int64_t duration_ms;
	double peak_probability, mean_probability;
	double level_dbfs;
	int64_t n_windows;
	bool gap;
	int64_t continues; /* 0: none */
	bool stored;
};

/* Returns 0; -EPROTO with DIAG naming what is missing or has the wrong type. */
int hk_event_view_read(json_t *event, struct hk_event_view *ret, struct hk_diag *diag);

/* A table of events, with a column for the instance or without. */
void hk_event_view_table_init(struct hk_table *table, struct hk_output *out, bool instances);
void hk_event_view_row(struct hk_table *table, const struct hk_event_view *heard);

/* "12.3 s", "2 min 05 s", "1 h 02 min". */
void hk_duration_text(int64_t duration_ms, char *ret_text, size_t size);

/* "a,b" as the parameter `labels`: an array; null for "". New reference; NULL: out of memory. */
json_t *hk_labels_json(const char *labels);
