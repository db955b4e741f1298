/* SPDX-License-Identifier: MIT */
/*
 * event_outlets: where a published event goes: the list of what is ongoing, the journal, the
 * followers on the socket and stdout, in this order. In the caller's memory; main thread only.
 */
#pragma once

#include <stdbool.h>

#include "daemon/api/api.h"
#include "daemon/publish/ongoing_events.h"
#include "daemon/store/event_record.h"

struct hk_event_outlets {
	struct hk_ongoing_events *ongoing;
	struct hk_api *api;
	bool json; /* to stdout, one object a line */
	void *owner;
	/* stdout cannot be written any more. */
	void (*on_broken)(void *owner, int error);
};

/* RECORD to every outlet. OUTLETS: struct hk_event_outlets (for hk_publisher_sink). What the
 * journal refuses is logged. */
void hk_event_outlets_write(void *outlets, const struct hk_event_record *record);
