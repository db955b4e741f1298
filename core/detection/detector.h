/* SPDX-License-Identifier: MIT */
/*
 * detector: from probabilities of windows to events. Pure: no clock but the frames, no memory but
 * its own.
 *
 * Per class, independently:
 *
 * onset         `confirm = K of N`: of the last N windows K had probability >= on, the newest among
 *               them. The event starts at the start of the first of those K windows. While
 *               `refractory` runs after the end of the last event, no window counts.
 *               `sure_confirm` of `sure_on` is a shorter way for what is unmistakable,
 *               `faint_confirm` of `faint_on` a longer one for what is faint and lasts, by the
 *               probability before smoothing: whichever is first. 0: no such way.
 * goes on       while windows have probability >= off; such a window moves the end to its own end.
 *               What came the faint way also goes on by windows that are >= faint_on.
 * offset        when `release` has passed since the end without such a window. The event ends at
 *               the end of the last window that counted.
 * min_duration  an event is published once it is that long, so a shorter one never appears; its
 *               start stays the onset.
 * max_duration  an event that gets longer is ended there and goes on as a new one, which starts
 *               where the old one ended (after the pause, if the limit falls into a pause) and
 * whose `continues` names the first. gap           the event goes on, marked (`gap`), when what was
 * lost and what was quiet since its last window that counted are together at most `release`;
 * otherwise it ends there as interrupted, while the source is away as soon as that is so.
 * Confirmation starts anew after any gap. digital zeros a window of zeros counts as probability 0
 * for every class.
 *
 * One thread at a time; no allocation after new. Real-time: as the sink is.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/detection/event.h"
#include "core/model/class_rules.h"

struct hk_detector_sink {
	void *owner;
	void (*on_start)(void *owner, const struct hk_event *event); /* state ongoing */
	void (*on_end)(void *owner, const struct hk_event *event); /* state ended or interrupted */
};

/* What the detector sees of one window. */
struct hk_detector_window {
	uint64_t first_frame;        /* on the source's axis */
	uint64_t end_frame;          /* one past the last */
	bool zeros;                  /* digital silence: probabilities are not read */
	const double *probabilities; /* n_classes */
	const double *raw;           /* n_classes: before smoothing; NULL: nothing was smoothed */
	float level_dbfs;
};

struct hk_detector;

/* RATE_HZ: of the frame axis. RULES are copied. Returns 0, -EINVAL, -ENOMEM. */
int hk_detector_new(struct hk_detector **ret, const struct hk_class_rules *rules,
	uint32_t n_classes, uint32_t rate_hz, const struct hk_detector_sink *sink);
void hk_detector_free(struct hk_detector *detector);

/* The next window, in order of first_frame. */
void hk_detector_push(struct hk_detector *detector, const struct hk_detector_window *window);

/*
 * Nothing has come for N_FRAMES since the last window, and the source is away: hk_detector_wait
 * ends as interrupted what a gap of that length would; nobody waits for the source's return to
 * learn it. The gap itself is told when it is over. hk_detector_waits_in_vain: whether that would
 * end anything.
 */
bool hk_detector_waits_in_vain(const struct hk_detector *detector, uint64_t n_frames);
void hk_detector_wait(struct hk_detector *detector, uint64_t n_frames);

/* Frames were lost. */
void hk_detector_gap(struct hk_detector *detector, uint64_t first_frame, uint64_t n_frames);

/* No more windows: ends what is open (STATE ended at the end of a file, interrupted when the source
 * was lost). */
void hk_detector_finish(struct hk_detector *detector, enum hk_event_state state);

/* Gate of class LABEL now: 0 closed, 1 confirming (some windows above on), 2 open, 3 refractory.
 * For live views. */
enum hk_gate { HK_GATE_CLOSED, HK_GATE_CONFIRMING, HK_GATE_OPEN, HK_GATE_REFRACTORY };
enum hk_gate hk_detector_gate(const struct hk_detector *detector, uint32_t label);
const char *hk_gate_name(enum hk_gate gate);

/* The event of class LABEL as it is so far, if one was started and has not ended; else NULL. Lives
 * until the next call. */
const struct hk_event *hk_detector_ongoing(const struct hk_detector *detector, uint32_t label);
