/* SPDX-License-Identifier: MIT */
#include "daemon/publish/ongoing_events.h"

#include <string.h>

#include "daemon/log/log.h"
#include "daemon/store/wall_clock.h"

void hk_ongoing_events_init(struct hk_ongoing_events *ongoing)
{
	hk_event_ids_init(&ongoing->ids, 0);
	hk_redating_init(&ongoing->redating);
}

void hk_ongoing_events_finish(struct hk_ongoing_events *ongoing)
{
	for (size_t i = 0; i < HK_MAX_CLASSES; i++) {
		hk_event_windows_finish(&ongoing->trails[i]);
	}
}

void hk_ongoing_events_identify(
	struct hk_ongoing_events *ongoing, struct hk_store *store, struct hk_event_record *record)
{
	const int64_t id = store ? (int64_t)hk_store_next_id(store) : hk_wall_clock_us();
	hk_event_ids_fill(&ongoing->ids, record, id);
}

/* The windows of LABEL's event as the history keeps them, malloc'd. */
static char *windows_text(
	const struct hk_ongoing_events *ongoing, uint32_t label, const struct hk_model *model)
{
	uint64_t n_omitted;
	json_t *windows = hk_event_windows_json(&ongoing->trails[label], model, &n_omitted);
	json_t *trail =
		json_pack("{s:o*, s:I}", "windows", windows, "omitted", (json_int_t)n_omitted);
	char *text = trail ? json_dumps(trail, JSON_COMPACT | JSON_REAL_PRECISION(6)) : NULL;
	json_decref(trail);
	return text;
}

char *hk_ongoing_events_windows(struct hk_ongoing_events *ongoing,
	const struct hk_event_record *record, const struct hk_model *model)
{
	const uint32_t label = record->event.label;
	struct hk_event_windows *trail = &ongoing->trails[label];
	if (record->event.state == HK_EVENT_ONGOING) {
		/* without memory for it the event goes on unexplained */
		(void)hk_event_windows_start(trail, &ongoing->recent, record->event.start_frame);
	}
	char *text = trail->windows ? windows_text(ongoing, label, model) : NULL;
	if (record->event.state != HK_EVENT_ONGOING) {
		ongoing->records[label].event.id = 0;
		hk_event_windows_finish(trail);
	}
	return text;
}

void hk_ongoing_events_add(struct hk_ongoing_events *ongoing, const struct hk_event_record *record)
{
	ongoing->records[record->event.label] = *record;
}

void hk_ongoing_events_extend(
	struct hk_ongoing_events *ongoing, const struct hk_analysis_report *report)
{
	const struct hk_event *event = &report->event.event;
	struct hk_event_record *record = &ongoing->records[event->label];
	if (record->event.id != 0 && record->event.sequence == event->sequence) {
		hk_event_ids_extend(record, event, report->event.end_us);
	}
}

void hk_ongoing_events_published(
	struct hk_ongoing_events *ongoing, const struct hk_event_record *record)
{
	for (uint32_t i = 0; i < HK_MAX_CLASSES && record->stored; i++) {
		if (ongoing->records[i].sequence == record->sequence) {
			ongoing->records[i].stored = true;
			ongoing->records[i].cursor = record->cursor;
		}
	}
}

void hk_ongoing_events_add_window(
	struct hk_ongoing_events *ongoing, const struct hk_analysis_report_window *window)
{
	hk_recent_windows_add(&ongoing->recent, window);
	for (uint32_t i = 0; i < HK_MAX_CLASSES; i++) {
		hk_event_windows_add(&ongoing->trails[i], window);
	}
}

void hk_ongoing_events_change_model(struct hk_ongoing_events *ongoing)
{
	ongoing->recent.n = 0;
}

void hk_ongoing_events_clock_set(struct hk_ongoing_events *ongoing, int64_t step_us)
{
	hk_redating_add(&ongoing->redating, ongoing->ids.last_id, step_us);
}

static void apply_step(struct hk_ongoing_events *ongoing, struct hk_store *store,
	const char *store_path, const struct hk_redating_step *step)
{
	const uint64_t first_id = ongoing->ids.first_id;
	hk_event_ids_redate(&ongoing->ids, step->last_id, step->step_us);
	for (uint32_t i = 0; i < HK_MAX_CLASSES; i++) {
		struct hk_event_record *record = &ongoing->records[i];
		if (record->event.id != 0 && record->event.id <= step->last_id) {
			record->start_us += step->step_us;
			record->end_us += step->step_us;
		}
	}
	if (first_id == 0 || step->last_id < first_id) {
		return;
	}
	hk_log(HK_LOG_INFO, "events heard before the clock was set are dated again by %+.3f s",
		(double)step->step_us / 1e6);
	const int r = store ? hk_store_redate(store, first_id, step->last_id, step->step_us) : 0;
	if (r < 0) {
		hk_log(HK_LOG_ERR, "history %s: cannot date events again: %s", store_path,
			strerror(-r));
	}
}

void hk_ongoing_events_redate(
	struct hk_ongoing_events *ongoing, struct hk_store *store, const char *store_path)
{
	if (hk_redating_due(&ongoing->redating)) {
		for (size_t i = 0; i < ongoing->redating.n_steps; i++) {
			apply_step(ongoing, store, store_path, &ongoing->redating.steps[i]);
		}
	}
}

const struct hk_event_record *hk_ongoing_events_list(
	struct hk_ongoing_events *ongoing, size_t *ret_n)
{
	size_t n = 0;
	for (uint32_t i = 0; i < HK_MAX_CLASSES; i++) {
		if (ongoing->records[i].event.id) {
			ongoing->listed[n++] = ongoing->records[i];
		}
	}
	*ret_n = n;
	return ongoing->listed;
}

json_t *hk_ongoing_events_explain(const struct hk_ongoing_events *ongoing, uint64_t id,
	const struct hk_model *model, uint64_t *ret_omitted)
{
	for (uint32_t i = 0; i < model->n_labels; i++) {
		if (ongoing->records[i].event.id == id && ongoing->trails[i].windows) {
			return hk_event_windows_json(&ongoing->trails[i], model, ret_omitted);
		}
	}
	return NULL;
}
