/* SPDX-License-Identifier: MIT */
/*
 * event: something that was heard, from its onset to its offset.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum hk_event_state {
	HK_EVENT_ONGOING,     /* started, not ended */
	HK_EVENT_ENDED,       /* ended by its own rule */
	HK_EVENT_INTERRUPTED, /* cut off: the source stopped, a gap tore it, or the daemon died */
};

struct hk_event {
	uint64_t id;        /* unique per instance, ascending; 0 until the daemon gave one */
	uint64_t continues; /* sequence of the event this one goes on from after max_duration; 0:
			       none */
	uint64_t sequence;  /* 1, 2, 3, ... within one detector: the same event at start and end */
	uint32_t label;     /* index in the bundle's label list */
	enum hk_event_state state;
	uint64_t start_frame; /* onset, on the source's frame axis */
	uint64_t end_frame;   /* offset so far: end of the last window that counted */
	double peak_probability;
	double mean_probability; /* over the windows that counted */
	float level_dbfs;        /* loudest window that counted */
	uint32_t n_windows;      /* that counted */
	bool gap;                /* audio was lost during the event */
};

/* "ongoing", "ended", "interrupted". */
const char *hk_event_state_name(enum hk_event_state state);
