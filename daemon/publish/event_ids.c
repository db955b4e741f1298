/* SPDX-License-Identifier: MIT */
#include "daemon/publish/event_ids.h"

#include <assert.h>
#include <stdlib.h>

#define SLACK_US 100000 /* lateness of a block or two */

void hk_event_ids_init(struct hk_event_ids *open, uint64_t last_id)
{
	*open = (struct hk_event_ids){ .last_id = last_id };
}

/* A clock that disagrees with the frames by more than a card ever drifts is not theirs: raw PCM
 * came through a pipe in one go. */
static int64_t sane_end_us(const struct hk_event_record *record)
{
	const uint64_t n_frames = record->event.end_frame - record->event.start_frame;
	const int64_t by_frames_us = (int64_t)(n_frames / record->rate_hz * 1000000 +
		n_frames % record->rate_hz * 1000000 / record->rate_hz);
	const int64_t off_us = record->end_us - record->start_us - by_frames_us;
	const bool theirs = llabs(off_us) <= SLACK_US + by_frames_us / 100;
	return theirs ? record->end_us : record->start_us + by_frames_us;
}

void hk_event_ids_fill(struct hk_event_ids *open, struct hk_event_record *record, int64_t now_us)
{
	struct hk_event *event = &record->event;
	assert(event->label < HK_MAX_CLASSES);
	__typeof__(open->newest[0]) *newest = &open->newest[event->label];
	if (event->state == HK_EVENT_ONGOING || newest->sequence != event->sequence) {
		const uint64_t now = now_us > 0 ? (uint64_t)now_us : 0;
		open->last_id = now > open->last_id ? now : open->last_id + 1;
		open->first_id = open->first_id ? open->first_id : open->last_id;
		newest->sequence = event->sequence;
		newest->id = open->last_id;
		newest->start_us = record->start_us;
		if (!event->continues || newest->first_id == 0) {
			newest->first_id = newest->id;
		}
	}
	event->id = newest->id;
	event->continues = newest->first_id != newest->id ? newest->first_id : 0;
	record->start_us = newest->start_us;
	record->end_us = sane_end_us(record);
}

void hk_event_ids_extend(
	struct hk_event_record *record, const struct hk_event *event, int64_t end_us)
{
	const struct hk_event before = record->event;
	record->event = *event;
	record->event.id = before.id;
	record->event.continues = before.continues;
	record->end_us = end_us;
	record->end_us = sane_end_us(record);
}

void hk_event_ids_redate(struct hk_event_ids *open, uint64_t last_id, int64_t step_us)
{
	for (size_t i = 0; i < HK_MAX_CLASSES; i++) {
		if (open->newest[i].id <= last_id) {
			open->newest[i].start_us += step_us;
		}
	}
}
