/* SPDX-License-Identifier: MIT */
/*
 * outlet: where events leave the daemon: makes the record of an event and gives it to the journal
 * (or the terminal) and to stdout. Says once in a while what had to be dropped. In the caller's
 * memory; main thread only.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "daemon/engine.h"
#include "daemon/open_events.h"
#include "daemon/record.h"
#include "daemon/report.h"

struct hk_outlet {
	const char *instance;
	bool json; /* to stdout */
	struct hk_open_events open;
	uint64_t n_told_dropped; /* reports of which the log knows */
};

/* INSTANCE must stay. */
void hk_outlet_init(struct hk_outlet *outlet, const char *instance, bool json);

/*
 * REPORT: HK_REPORT_EVENT_START or _END, of ENGINE.
 * Returns 0 or the negative errno of writing to stdout; *ret_record is filled in any case.
 */
int hk_outlet_event(struct hk_outlet *outlet, const struct hk_engine *engine,
	const struct hk_report *report, struct hk_record *ret_record);

/* Log what REPORTS had to drop since the last time. */
void hk_outlet_check(struct hk_outlet *outlet, const struct hk_reports *reports);
