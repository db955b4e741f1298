/* SPDX-License-Identifier: MIT */
#define SD_JOURNAL_SUPPRESS_LOCATION
#include "daemon/publish/event_journal.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <systemd/sd-journal.h>

#include "core/base/time_text.h"
#include "daemon/log/log.h"

#define MAX_FIELDS 26
#define TEXT_SIZE 4096 /* all fields: each is a name and a label, number or time */

struct fields {
	struct iovec iov[MAX_FIELDS];
	int n_fields;
	size_t length;
	char text[TEXT_SIZE];
};

static void add(struct fields *fields, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void add(struct fields *fields, const char *format, ...)
{
	char *start = fields->text + fields->length;
	va_list args;
	va_start(args, format);
	const int length = vsnprintf(start, TEXT_SIZE - fields->length, format, args);
	va_end(args);
	assert(length >= 0 && (size_t)length < TEXT_SIZE - fields->length);
	assert(fields->n_fields < MAX_FIELDS);
	fields->iov[fields->n_fields++] =
		(struct iovec){ .iov_base = start, .iov_len = (size_t)length };
	fields->length += (size_t)length + 1;
}

/* "music started, probability 0.93" */
static void print_message(const struct hk_event_record *record, char *ret_text, size_t size)
{
	const struct hk_event *event = &record->event;
	if (event->state == HK_EVENT_ONGOING) {
		snprintf(ret_text, size, "%s %s, probability %.2f", record->label,
			event->continues ? "goes on" : "started", event->peak_probability);
	} else {
		snprintf(ret_text, size, "%s %s after %.1f s, probability %.2f%s", record->label,
			hk_event_state_name(event->state),
			(double)hk_event_record_duration_ms(record) / 1000, event->peak_probability,
			event->gap ? ", audio was lost in between" : "");
	}
}

static void print_line(const struct hk_event_record *record, const char *message)
{
	char time[HK_TIME_TEXT_SIZE];
	const bool ongoing = record->event.state == HK_EVENT_ONGOING;
	if (record->file) {
		snprintf(time, sizeof(time), "%.3f s",
			ongoing ? hk_event_record_start_s(record) : hk_event_record_end_s(record));
	} else {
		hk_time_print_local(ongoing ? record->start_us : record->end_us, time);
	}
	fprintf(stderr, "%s  %s\n", time, message);
}

static int send_record(const struct hk_event_record *record, const char *message)
{
	const struct hk_event *event = &record->event;
	const bool ongoing = event->state == HK_EVENT_ONGOING;
	char start[HK_TIME_TEXT_SIZE], end[HK_TIME_TEXT_SIZE];
	hk_time_print_utc(record->start_us, start);
	hk_time_print_utc(record->end_us, end);
	struct fields fields = { .n_fields = 0 };
	add(&fields, "MESSAGE=%s", message);
	add(&fields, "MESSAGE_ID=%s", ongoing ? HK_MESSAGE_ID_START : HK_MESSAGE_ID_END);
	add(&fields, "PRIORITY=%" PRIu32, record->priority);
	add(&fields, "HEARKEN_EVENT_ID=%" PRIu64, event->id);
	add(&fields, "HEARKEN_INSTANCE=%s", record->instance);
	add(&fields, "HEARKEN_LABEL=%s", record->label);
	add(&fields, "HEARKEN_STATE=%s", hk_event_state_name(event->state));
	add(&fields, "HEARKEN_PROBABILITY=%.6f", event->peak_probability);
	add(&fields, "HEARKEN_MEAN_PROBABILITY=%.6f", event->mean_probability);
	add(&fields, "HEARKEN_START=%s", start);
	if (!ongoing) {
		add(&fields, "HEARKEN_END=%s", end);
	}
	add(&fields, "HEARKEN_DURATION_MS=%" PRIu64, hk_event_record_duration_ms(record));
	add(&fields, "HEARKEN_LEVEL_DBFS=%.1f", (double)event->level_dbfs);
	add(&fields, "HEARKEN_START_FRAME=%" PRIu64, event->start_frame);
	add(&fields, "HEARKEN_END_FRAME=%" PRIu64, event->end_frame);
	add(&fields, "HEARKEN_RATE_HZ=%" PRIu32, record->rate_hz);
	add(&fields, "HEARKEN_WINDOWS=%" PRIu32, event->n_windows);
	add(&fields, "HEARKEN_GAP=%d", event->gap);
	if (event->continues) {
		add(&fields, "HEARKEN_CONTINUES=%" PRIu64, event->continues);
	}
	add(&fields, "HEARKEN_MODEL=%s", record->model);
	add(&fields, "HEARKEN_MODEL_HASH=%s", record->model_hash);
	if (record->file) {
		add(&fields, "HEARKEN_START_S=%.3f", hk_event_record_start_s(record));
		add(&fields, "HEARKEN_END_S=%.3f", hk_event_record_end_s(record));
	}
	return sd_journal_sendv(fields.iov, fields.n_fields);
}

int hk_journal_event(const struct hk_event_record *record)
{
	char message[256];
	print_message(record, message, sizeof(message));
	if (hk_log_to_journal()) {
		return send_record(record, message);
	}
	print_line(record, message);
	return 0;
}
