/* SPDX-License-Identifier: MIT */
/*
 * liveness: does the source live? A state machine without clock, process or memory of its own.
 *
 * It is told what happens (the helper was started, opened the source, lost it, is gone), looks at
 * the frames that arrived at every tick, and answers what to do: start a helper, or kill the one
 * that runs.
 *
 *   starting   -- frames -->             hearing
 *   hearing    -- 10 s no change -->     silent-digital -- sound --> hearing
 *   hearing    -- 0.5 s no frame -->     stalled -- frames --> hearing
 *   stalled    -- 1.5 s no frame -->     lost, the helper is killed
 *   any        -- lost, died -->         lost, a new helper after the pause
 *   lost       -- opened again -->       recovering -- frames --> hearing
 *   recovering -- no frame, died -->     lost (and stays so until frames flow: no flutter)
 *   any        -- end of the source -->  ended
 *
 * The pause before a new helper doubles from 0.2 s to 1 s while the loss is fresh (a replug, a
 * restarted sound server), and on to 30 s when it has lasted 10 minutes. It never gives up.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "daemon/capture/capture.h"

#define HK_TICK_NS UINT64_C(100000000)
#define HK_STEADY_TICK_NS UINT64_C(250000000) /* while frames arrive */
#define HK_STALLED_NS UINT64_C(500000000)
#define HK_GIVEN_UP_NS UINT64_C(1500000000)    /* without a frame: the helper is killed */
#define HK_OPENING_NS UINT64_C(6000000000)     /* without a word: the helper is killed */
#define HK_FIRST_FRAME_NS UINT64_C(3000000000) /* opened, without a frame: the helper is killed */
#define HK_SILENT_DIGITAL_NS UINT64_C(10000000000)
#define HK_PAUSE_MIN_NS UINT64_C(200000000)
#define HK_PAUSE_FRESH_NS UINT64_C(1000000000) /* longest pause while the loss is fresh */
#define HK_FRESH_NS UINT64_C(600000000000)
#define HK_PAUSE_MAX_NS UINT64_C(30000000000)
#define HK_SETTLED_NS                                                                              \
	UINT64_C(1000000000) /* of frames: the next loss starts with the short pause */

enum hk_helper_phase {
	HK_HELPER_NONE,    /* waiting for the end of the pause */
	HK_HELPER_OPENING, /* started, has not opened the source yet */
	HK_HELPER_OPEN,
	HK_HELPER_DYING, /* killed, not gone yet */
};

enum hk_liveness_action { HK_LIVENESS_NOTHING, HK_LIVENESS_START, HK_LIVENESS_KILL };

struct hk_liveness {
	enum hk_source_state state;
	uint64_t since_ns; /* of the state */
	char why[512];     /* "" while hearing */

	enum hk_helper_phase phase;
	bool own_pace;          /* the source may pause as it likes (a pipe): never killed for it */
	bool recovery_shown;    /* since the last frame */
	bool told;              /* this helper said why it failed */
	uint64_t phase_ns;      /* when the phase began */
	uint64_t n_frames;      /* at the last tick */
	uint64_t last_frame_ns; /* 0: no frame from this helper yet */
	uint64_t flowing_ns;    /* since when frames flow */
	uint64_t lost_ns;       /* since when nothing is heard */
	uint64_t pause_ns;      /* next pause */
	uint64_t start_ns;      /* end of the pause */
	uint64_t tick_ns;       /* the last one */
};

/* What a tick sees. */
struct hk_liveness_view {
	uint64_t now_ns;     /* CLOCK_MONOTONIC */
	uint64_t n_frames;   /* that arrived since the first helper */
	uint64_t still_ns;   /* for how long the newest of them have not changed */
	enum hk_still still; /* to what they stand still */
	bool reader_late;    /* the source waits for the reader: no frame is no news */
};

/* The first tick asks for a helper. OWN_PACE: a source that may pause as long as it likes. */
void hk_liveness_init(struct hk_liveness *liveness, bool own_pace, uint64_t now_ns);

/* The helper was started. */
void hk_liveness_started(struct hk_liveness *liveness, uint64_t now_ns);

/* The helper opened the source. */
void hk_liveness_opened(struct hk_liveness *liveness, uint64_t now_ns);

/* The source went away or could not be opened; WHY in words. The helper may live on and wait for
 * it. What arrived before (N_FRAMES since the first helper) does not count as a return. */
void hk_liveness_lost(
	struct hk_liveness *liveness, const char *why, uint64_t n_frames, uint64_t now_ns);

/* Nothing more will come. WHY: "" when that is as it should be. */
void hk_liveness_ended(struct hk_liveness *liveness, const char *why, uint64_t now_ns);

/* The helper is gone. WHY is taken when nothing better is known. */
void hk_liveness_exited(struct hk_liveness *liveness, const char *why, uint64_t now_ns);

/* Something changed about the machine's devices: try at once, and with short pauses again. */
void hk_liveness_hurry(struct hk_liveness *liveness, uint64_t now_ns);

/* Look at the frames. The caller does what is answered. */
enum hk_liveness_action hk_liveness_tick(
	struct hk_liveness *liveness, const struct hk_liveness_view *view);

/* How long after a tick the next one is due: less often while all is well. */
uint64_t hk_liveness_next_tick_ns(const struct hk_liveness *liveness);
