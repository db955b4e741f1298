/* SPDX-License-Identifier: MIT */
#include "daemon/capture/liveness.h"

#include <stdio.h>
#include <string.h>

/* A tick that comes this late was held up itself (the machine slept, the daemon was stopped): the
 * frames had no chance to be seen. */
#define LATE_TICK_NS (HK_STEADY_TICK_NS + UINT64_C(200000000))

static void enter(
	struct hk_liveness *liveness, enum hk_source_state state, const char *why, uint64_t now_ns)
{
	if (liveness->state != state) {
		liveness->state = state;
		liveness->since_ns = now_ns;
	}
	snprintf(liveness->why, sizeof(liveness->why), "%s", why);
}

static void enter_phase(struct hk_liveness *liveness, enum hk_helper_phase phase, uint64_t now_ns)
{
	liveness->phase = phase;
	liveness->phase_ns = now_ns;
}

void hk_liveness_init(struct hk_liveness *liveness, bool own_pace, uint64_t now_ns)
{
	*liveness = (struct hk_liveness){
		.state = HK_SOURCE_STARTING,
		.since_ns = now_ns,
		.own_pace = own_pace,
		.lost_ns = now_ns,
		.pause_ns = HK_PAUSE_MIN_NS,
		.start_ns = now_ns,
		.tick_ns = now_ns,
	};
}

void hk_liveness_started(struct hk_liveness *liveness, uint64_t now_ns)
{
	enter_phase(liveness, HK_HELPER_OPENING, now_ns);
	liveness->last_frame_ns = 0;
	liveness->told = false;
}

void hk_liveness_opened(struct hk_liveness *liveness, uint64_t now_ns)
{
	enter_phase(liveness, HK_HELPER_OPEN, now_ns);
	if (liveness->state == HK_SOURCE_LOST && !liveness->recovery_shown) {
		liveness->recovery_shown = true;
		enter(liveness, HK_SOURCE_RECOVERING, "opened again, no audio yet", now_ns);
	}
}

void hk_liveness_lost(
	struct hk_liveness *liveness, const char *why, uint64_t n_frames, uint64_t now_ns)
{
	if (liveness->state == HK_SOURCE_ENDED) {
		return;
	}
	if (liveness->state != HK_SOURCE_LOST && liveness->state != HK_SOURCE_RECOVERING) {
		liveness->lost_ns = now_ns;
	}
	liveness->n_frames = n_frames;
	liveness->last_frame_ns = 0;
	liveness->told = true;
	enter(liveness, HK_SOURCE_LOST, why, now_ns);
}

void hk_liveness_ended(struct hk_liveness *liveness, const char *why, uint64_t now_ns)
{
	enter(liveness, HK_SOURCE_ENDED, why, now_ns);
}

void hk_liveness_exited(struct hk_liveness *liveness, const char *why, uint64_t now_ns)
{
	if (!liveness->told) {
		hk_liveness_lost(liveness, why, liveness->n_frames, now_ns);
	}
	enter_phase(liveness, HK_HELPER_NONE, now_ns);
	liveness->start_ns = now_ns + liveness->pause_ns;

	const bool fresh = now_ns - liveness->lost_ns < HK_FRESH_NS;
	const uint64_t longest_ns = fresh ? HK_PAUSE_FRESH_NS : HK_PAUSE_MAX_NS;
	liveness->pause_ns =
		2 * liveness->pause_ns < longest_ns ? 2 * liveness->pause_ns : longest_ns;
}

void hk_liveness_hurry(struct hk_liveness *liveness, uint64_t now_ns)
{
	liveness->pause_ns = HK_PAUSE_MIN_NS;
	if (liveness->phase == HK_HELPER_NONE) {
		liveness->lost_ns = now_ns;
		liveness->start_ns = now_ns + HK_PAUSE_MIN_NS;
	}
}

static enum hk_liveness_action give_up(
	struct hk_liveness *liveness, const char *why, uint64_t now_ns)
{
	hk_liveness_lost(liveness, why, liveness->n_frames, now_ns);
	enter_phase(liveness, HK_HELPER_DYING, now_ns);
	return HK_LIVENESS_KILL;
}

static void frames_arrived(struct hk_liveness *liveness, const struct hk_liveness_view *view)
{
	const bool silent = view->still_ns >= HK_SILENT_DIGITAL_NS;
	if (liveness->last_frame_ns == 0) {
		liveness->flowing_ns = view->now_ns;
	} else if (view->now_ns - liveness->flowing_ns >= HK_SETTLED_NS) {
		liveness->pause_ns = HK_PAUSE_MIN_NS;
	}
	liveness->last_frame_ns = view->now_ns;
	liveness->recovery_shown = false;
	enter(liveness, silent ? HK_SOURCE_SILENT_DIGITAL : HK_SOURCE_HEARING,
		silent ? hk_still_text(view->still) : "", view->now_ns);
}

static enum hk_liveness_action no_frame(
	struct hk_liveness *liveness, const struct hk_liveness_view *view)
{
	if (liveness->last_frame_ns == 0) {
		const bool overdue = view->now_ns - liveness->phase_ns >= HK_FIRST_FRAME_NS;
		return overdue && !liveness->own_pace
			? give_up(liveness, "opened, but no audio arrives", view->now_ns)
			: HK_LIVENESS_NOTHING;
	}
	const uint64_t quiet_ns = view->now_ns - liveness->last_frame_ns;
	if (quiet_ns >= HK_GIVEN_UP_NS && !liveness->own_pace) {
		return give_up(
			liveness, "no audio arrives: the source hangs or is gone", view->now_ns);
	}
	if (quiet_ns >= HK_STALLED_NS) {
		enter(liveness, HK_SOURCE_STALLED, "no audio arrives", view->now_ns);
	}
	return HK_LIVENESS_NOTHING;
}

enum hk_liveness_action hk_liveness_tick(
	struct hk_liveness *liveness, const struct hk_liveness_view *view)
{
	const uint64_t pause_ns = view->now_ns - liveness->tick_ns;
	liveness->tick_ns = view->now_ns;
	if (liveness->state == HK_SOURCE_ENDED) {
		return HK_LIVENESS_NOTHING;
	}
	const bool arrived = view->n_frames != liveness->n_frames;
	liveness->n_frames = view->n_frames;

	switch (liveness->phase) {
	case HK_HELPER_NONE:
		return view->now_ns >= liveness->start_ns ? HK_LIVENESS_START : HK_LIVENESS_NOTHING;
	case HK_HELPER_OPENING:
		return view->now_ns - liveness->phase_ns >= HK_OPENING_NS && !liveness->own_pace
			? give_up(liveness, "the source does not answer when it is opened",
				  view->now_ns)
			: HK_LIVENESS_NOTHING;
	case HK_HELPER_OPEN:
		if (arrived) {
			frames_arrived(liveness, view);
			return HK_LIVENESS_NOTHING;
		}
		if (view->reader_late || pause_ns >= LATE_TICK_NS) {
			liveness->phase_ns += pause_ns;
			liveness->last_frame_ns += liveness->last_frame_ns ? pause_ns : 0;
			return HK_LIVENESS_NOTHING;
		}
		return no_frame(liveness, view);
	case HK_HELPER_DYING:
		break;
	}
	return HK_LIVENESS_NOTHING;
}

uint64_t hk_liveness_next_tick_ns(const struct hk_liveness *liveness)
{
	const bool steady =
		liveness->phase == HK_HELPER_OPEN && liveness->last_frame_ns == liveness->tick_ns;
	return steady ? HK_STEADY_TICK_NS : HK_TICK_NS;
}
