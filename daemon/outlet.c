/* SPDX-License-Identifier: MIT */
#include "daemon/outlet.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "daemon/journal.h"
#include "daemon/log.h"

#define JSON_DIGITS 9 /* of reals: more than a float has */

void hk_outlet_init(struct hk_outlet *outlet, const char *instance, bool json)
{
	*outlet = (struct hk_outlet){ .instance = instance, .json = json };
	hk_open_events_init(&outlet->open, 0);
}

static void make_record(struct hk_outlet *outlet, const struct hk_engine *engine,
	const struct hk_report *report, struct hk_record *ret_record)
{
	const struct hk_model *model = hk_engine_model(engine);
	const uint32_t label = report->event.event.label;
	*ret_record = (struct hk_record){
		.event = report->event.event,
		.start_us = report->event.start_us,
		.end_us = report->event.end_us,
		.rate_hz = report->rate_hz,
		.file = report->event.file,
		.priority = hk_engine_rules(engine)[label].priority,
	};
	snprintf(ret_record->instance, sizeof(ret_record->instance), "%s", outlet->instance);
	memcpy(ret_record->label, model->labels[label], sizeof(ret_record->label));
	memcpy(ret_record->model, model->name, sizeof(ret_record->model));
	memcpy(ret_record->model_hash, model->hash, sizeof(ret_record->model_hash));

	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	hk_open_events_fill(
		&outlet->open, ret_record, (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000);
}

static int write_json(const struct hk_record *record)
{
	json_t *json = hk_record_json(record);
	if (!json) {
		return -ENOMEM;
	}
	errno = EIO; /* for a failure that sets none */
	const bool done = json_dumpf(json, stdout, JSON_REAL_PRECISION(JSON_DIGITS)) == 0 &&
		fputc('\n', stdout) != EOF && fflush(stdout) == 0;
	const int r = done ? 0 : -errno;
	json_decref(json);
	return r;
}

int hk_outlet_event(struct hk_outlet *outlet, const struct hk_engine *engine,
	const struct hk_report *report, struct hk_record *ret_record)
{
	make_record(outlet, engine, report, ret_record);
	const int r = hk_journal_event(ret_record);
	if (r < 0) {
		hk_log(HK_LOG_WARNING,
			"cannot write event %" PRIu64 " to the journal: %s, continuing",
			ret_record->event.id, strerror(-r));
	}
	return outlet->json ? write_json(ret_record) : 0;
}

void hk_outlet_check(struct hk_outlet *outlet, const struct hk_reports *reports)
{
	uint64_t n_dropped = 0;
	for (int kind = 0; kind < HK_N_REPORT_KINDS; kind++) {
		n_dropped += hk_reports_dropped(reports, (enum hk_report_kind)kind);
	}
	if (n_dropped != outlet->n_told_dropped) {
		hk_log(HK_LOG_WARNING,
			"the main thread was late: %" PRIu64
			" reports were dropped so far, %" PRIu64 " of them events; continuing",
			n_dropped,
			hk_reports_dropped(reports, HK_REPORT_EVENT_START) +
				hk_reports_dropped(reports, HK_REPORT_EVENT_END));
		outlet->n_told_dropped = n_dropped;
	}
}
