/* SPDX-License-Identifier: MIT */
#include "daemon/publish/event_outlets.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/log/log.h"
#include "daemon/publish/event_journal.h"

#define JSON_DIGITS 9 /* of reals: more than a float has */

static int write_json(const struct hk_event_record *record)
{
	json_t *json = hk_event_record_json(record);
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

void hk_event_outlets_write(void *outlets, const struct hk_event_record *record)
{
	const struct hk_event_outlets *to = outlets;
	hk_ongoing_events_published(to->ongoing, record);
	int r = hk_journal_event(record);
	if (r < 0) {
		hk_log(HK_LOG_WARNING, "cannot write event %" PRIu64 " to the journal: %s",
			record->event.id, strerror(-r));
	}
	hk_api_event(to->api, record);
	if (to->json) {
		r = write_json(record);
		if (r < 0) {
			to->on_broken(to->owner, r);
		}
	}
}
