/* SPDX-License-Identifier: MIT */
#include "daemon/capture/clipping.h"

enum hk_clipping_change hk_clipping_look(
	struct hk_clipping *clipping, uint64_t n_frames, uint64_t n_clipped, uint64_t now_ns)
{
	if (clipping->span_ns == 0) {
		clipping->span_ns = now_ns;
	}
	if (now_ns - clipping->span_ns < HK_CLIPPING_SPAN_NS || n_frames == clipping->n_frames) {
		return HK_CLIPPING_SAME;
	}
	const uint64_t n_now = n_clipped - clipping->n_clipped;
	clipping->share = (double)n_now / (double)(n_frames - clipping->n_frames);
	clipping->n_frames = n_frames;
	clipping->n_clipped = n_clipped;
	clipping->span_ns = now_ns;
	if (n_now > 0) {
		clipping->last_ns = now_ns;
	}

	if (clipping->clips && now_ns - clipping->last_ns >= HK_CLIPPING_CALM_NS) {
		clipping->clips = false;
		return HK_CLIPPING_ENDED;
	}
	const bool may_say =
		clipping->said_ns == 0 || now_ns - clipping->said_ns >= HK_CLIPPING_QUIET_NS;
	if (!clipping->clips && may_say && clipping->share >= HK_CLIPPING_SHARE) {
		clipping->clips = true;
		clipping->said_ns = now_ns;
		return HK_CLIPPING_BEGAN;
	}
	return HK_CLIPPING_SAME;
}
