/* SPDX-License-Identifier: MIT */
/*
 * clipping: when to say that the input is too loud. A state machine without a clock of its own.
 *
 * It clips when at least one frame in a thousand of a second stands at full scale, and has ceased
 * to when no frame did for ten seconds. The beginning is said once a minute at most.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define HK_CLIPPING_SPAN_NS UINT64_C(1000000000)
#define HK_CLIPPING_SHARE 0.001
#define HK_CLIPPING_CALM_NS UINT64_C(10000000000)
#define HK_CLIPPING_QUIET_NS UINT64_C(60000000000) /* between two beginnings */

enum hk_clipping_change { HK_CLIPPING_SAME, HK_CLIPPING_BEGAN, HK_CLIPPING_ENDED };

struct hk_clipping {
	bool clips;
	double share; /* of the last span, 0 to 1 */

	uint64_t n_frames, n_clipped; /* at the beginning of the span */
	uint64_t span_ns;             /* when it began; 0: not yet */
	uint64_t last_ns;             /* when a frame stood at full scale last */
	uint64_t said_ns;             /* 0: never */
};

/* N_FRAMES and N_CLIPPED count from the start of the source. To be called some times a second. */
enum hk_clipping_change hk_clipping_look(
	struct hk_clipping *clipping, uint64_t n_frames, uint64_t n_clipped, uint64_t now_ns);
