/* SPDX-License-Identifier: MIT */
#include "daemon/store/event_record.h"

#include <math.h>

#include "core/base/time_text.h"

uint64_t hk_event_record_duration_ms(const struct hk_event_record *record)
{
	return (uint64_t)(record->end_us - record->start_us) / 1000;
}

double hk_event_record_start_s(const struct hk_event_record *record)
{
	return (double)record->event.start_frame / record->rate_hz;
}

double hk_event_record_end_s(const struct hk_event_record *record)
{
	return (double)record->event.end_frame / record->rate_hz;
}

json_t *hk_event_record_json(const struct hk_event_record *record)
{
	const struct hk_event *event = &record->event;
	char start[HK_TIME_TEXT_SIZE];
	char end[HK_TIME_TEXT_SIZE];
	hk_time_print_utc(record->start_us, start);
	hk_time_print_utc(record->end_us, end);
	json_t *json = json_pack(
		"{s:I, s:I, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:f, s:f, s:f, s:I, s:b, s:s, s:s, s:b}",
		"id", (json_int_t)event->id, "cursor", (json_int_t)record->cursor, "instance",
		record->instance, "label", record->label, "state",
		hk_event_state_name(event->state), "start", start, "duration_ms",
		(json_int_t)hk_event_record_duration_ms(record), "start_frame",
		(json_int_t)event->start_frame, "end_frame", (json_int_t)event->end_frame,
		"peak_probability", event->peak_probability, "mean_probability",
		event->mean_probability, "level_dbfs", (double)event->level_dbfs, "windows",
		(json_int_t)event->n_windows, "gap", event->gap, "model", record->model,
		"model_hash", record->model_hash, "stored", record->stored);
	if (json && event->state != HK_EVENT_ONGOING) {
		json_object_set_new(json, "end", json_string(end));
	}
	if (json && event->continues) {
		json_object_set_new(json, "continues", json_integer((json_int_t)event->continues));
	}
	if (json && record->file) {
		json_object_set_new(json, "start_s", json_real(hk_event_record_start_s(record)));
		json_object_set_new(json, "end_s", json_real(hk_event_record_end_s(record)));
	}
	return json;
}
