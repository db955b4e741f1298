/* SPDX-License-Identifier: MIT */
/*
 * daemon_status: what the daemon knows of itself at one moment.
 *
 * Main fills one of these on request; GetStatus, GetMetrics and the STATUS= line are made from it
 * and from nothing else, so they cannot disagree. tests/unit/test-vitals.c has a row for each
 * field: which metrics, which members of Status and whether the line change with it. Pointers are
 * borrowed until main's next step. Main thread only.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/model/model.h"
#include "daemon/capture/capture.h"
#include "daemon/status/running_totals.h"
#include "daemon/store/event_record.h"
#include "daemon/store/store.h"
#include "daemon/varlink/varlink.h"

struct hk_daemon_status {
	const char *instance;
	int64_t started_us; /* CLOCK_REALTIME */
	struct hk_capture_status source;
	int64_t source_since_us;  /* CLOCK_REALTIME of the last change of its state */
	char bandwidth_note[128]; /* "": the source delivers what the model was trained on */
	const struct hk_model *model;
	struct hk_store_status store;
	const char *store_path; /* NULL: no history is kept */
	struct hk_running_totals totals;
	const struct hk_event_record *ongoing;
	size_t n_ongoing;
	struct hk_varlink_stats clients;
};

/* Fill in SOURCE, since when it is in its state, and what it lacks for the model, which VITALS has.
 */
void hk_daemon_status_set_source(
	struct hk_daemon_status *vitals, const struct hk_capture_status *source);

/* type Source and type Status of io.hearken.varlink. New references; NULL: out of memory. */
json_t *hk_daemon_status_source_json(const struct hk_daemon_status *vitals);
json_t *hk_daemon_status_status_json(const struct hk_daemon_status *vitals);

/* One line for STATUS= of sd_notify, cut to SIZE, in UTF-8. */
void hk_daemon_status_line(const struct hk_daemon_status *vitals, char *ret_line, size_t size);
