/* SPDX-License-Identifier: MIT */
/*
 * event_journal: each start and end of an event as one record with fields of its own.
 *
 * MESSAGE_ID is HK_MESSAGE_ID_START or HK_MESSAGE_ID_END; PRIORITY is the class' own. Fields:
 * HEARKEN_EVENT_ID, _INSTANCE, _LABEL, _STATE, _PROBABILITY (highest), _MEAN_PROBABILITY, _START
 * and _END (RFC 3339, UTC), _DURATION_MS, _LEVEL_DBFS, _START_FRAME, _END_FRAME, _RATE_HZ,
 * _WINDOWS, _GAP, _CONTINUES, _MODEL, _MODEL_HASH; for a file _START_S and _END_S. _END is absent
 * while ongoing. Where stderr is not the journal's, a line for people goes to stderr instead. Main
 * thread only.
 */
#pragma once

#include "daemon/store/event_record.h"

#define HK_MESSAGE_ID_START "49d817809ed845869b761544a92ca23f"
#define HK_MESSAGE_ID_END "e14d79c6519948b0b7e124a1b6eea3e1"

/* Returns 0, or the negative errno of sd_journal_sendv. */
int hk_journal_event(const struct hk_event_record *record);
