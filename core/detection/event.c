/* SPDX-License-Identifier: MIT */
#include "core/detection/event.h"

#include <stddef.h>

const char *hk_event_state_name(enum hk_event_state state)
{
	switch (state) {
	case HK_EVENT_ONGOING:
		return "ongoing";
	case HK_EVENT_ENDED:
		return "ended";
	case HK_EVENT_INTERRUPTED:
		return "interrupted";
	}
	return NULL;
}
