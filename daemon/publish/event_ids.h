/* SPDX-License-Identifier: MIT */
/*
 * event_ids: gives each event the id by which the world knows it, and keeps it, with the time of
 * its start, until the event ends.
 *
 * An id is the time of creation, CLOCK_REALTIME in microseconds, or one more than the last id if
 * that is higher: ascending within a run, across restarts, and below 2^53, so that JSON keeps it
 * exactly. The start's time is told once: later and better knowledge of the clock does not move it;
 * the end stands by the clock, or by the frames when the clock contradicts them.
 * In the caller's memory; main thread only.
 */
#pragma once

#include "core/classifier/svm.h"
#include "daemon/store/event_record.h"

struct hk_event_ids {
	uint64_t last_id;
	uint64_t first_id; /* of this run; 0: none yet */
	struct {
		uint64_t sequence; /* of the newest event of this class; 0: none */
		uint64_t id;
		uint64_t first_id; /* of the event it goes on from, through all pieces */
		int64_t start_us;
	} newest[HK_MAX_CLASSES];
};

/* Begin above LAST_ID (the newest of the history; 0: none). */
void hk_event_ids_init(struct hk_event_ids *open, uint64_t last_id);

/*
 * Fill in event.id, turn event.continues from a sequence into an id, put start_us as it was told
 * and end_us in order. NOW_US: CLOCK_REALTIME. An end whose start was never seen gets an id of its
 * own.
 */
void hk_event_ids_fill(struct hk_event_ids *open, struct hk_event_record *record, int64_t now_us);

/* Events up to LAST_ID were dated STEP_US too early: their starts are moved. */
void hk_event_ids_redate(struct hk_event_ids *open, uint64_t last_id, int64_t step_us);

/* RECORD of an event that goes on: as far as EVENT has come, whose end is at END_US. Its identity
 * and its start stay. */
void hk_event_ids_extend(
	struct hk_event_record *record, const struct hk_event *event, int64_t end_us);
