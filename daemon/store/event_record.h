/* SPDX-License-Identifier: MIT */
/*
 * event_record: an event as the world gets it: with its number, wall-clock times and the model's
 * name.
 *
 * Journal, history, socket and --events-json all show this struct, and the JSON is made in one
 * place. A plain value: copied freely, owns nothing. Main thread and the store's.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/detection/event.h"
#include "core/model/model.h"

#define HK_INSTANCE_SIZE 64

struct hk_event_record {
	struct hk_event event; /* with its id; `continues` holds the id of the first, 0: none */
	uint64_t cursor;       /* number of this change among all of the history, across restarts */
	uint64_t sequence;     /* number of this change in this run: the order in which changes are
			      published; 0: read from the history */
	int64_t due_us;        /* CLOCK_MONOTONIC: when it is published, stored or not */
	int64_t start_us;      /* CLOCK_REALTIME, microseconds since 1970 */
	int64_t end_us;
	bool stored;       /* committed to the history */
	uint32_t priority; /* syslog level of its journal records; not in the history */
	uint32_t rate_hz;  /* of the frames; 0: not known (from the history) */
	bool file; /* heard in a file: seconds from its start mean something; not in the history */
	char instance[HK_INSTANCE_SIZE];
	char label[HK_LABEL_SIZE];
	char model[HK_LABEL_SIZE];
	char model_hash[HK_SHA256_TEXT_SIZE];
};

/* Length so far. */
uint64_t hk_event_record_duration_ms(const struct hk_event_record *record);

/* Seconds from the start of the source; only when rate_hz is known. */
double hk_event_record_start_s(const struct hk_event_record *record);
double hk_event_record_end_s(const struct hk_event_record *record);

/* type Event of io.hearken.varlink. Returns a new reference, NULL: out of memory. */
json_t *hk_event_record_json(const struct hk_event_record *record);
