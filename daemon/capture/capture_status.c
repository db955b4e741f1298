/* SPDX-License-Identifier: MIT */
/* What is known of the source at one moment: reads the capture, changes nothing. */
#include <stdio.h>

#include "daemon/capture/capture_internal.h"

const char *hk_source_state_name(enum hk_source_state state)
{
	static const char *const names[] = {
		[HK_SOURCE_STARTING] = "starting",
		[HK_SOURCE_HEARING] = "hearing",
		[HK_SOURCE_SILENT_DIGITAL] = "silent-digital",
		[HK_SOURCE_STALLED] = "stalled",
		[HK_SOURCE_LOST] = "lost",
		[HK_SOURCE_RECOVERING] = "recovering",
		[HK_SOURCE_ENDED] = "ended",
	};
	return names[state];
}

void hk_capture_status(const struct hk_capture *capture, struct hk_capture_status *ret)
{
	const struct hk_shared_audio_shared *shared = capture->channel.shared;
	const struct hk_ring *ring = &capture->channel.ring;
	*ret = (struct hk_capture_status){
		.state = capture->liveness.state,
		.since_ns = capture->liveness.since_ns,
		.rate_hz = capture->opened.rate_hz,
		.n_channels = capture->opened.n_channels,
		.realtime = capture->opened.realtime != 0,
		.locked = capture->opened.locked != 0,
		.confined = capture->opened.confined,
		.n_frames = atomic_load_explicit(&shared->n_frames, memory_order_relaxed),
		.n_lost_frames =
			atomic_load_explicit(&capture->n_lost_frames, memory_order_relaxed),
		.n_overruns = atomic_load_explicit(&shared->n_overruns, memory_order_relaxed),
		.n_dropped_blocks = hk_ring_dropped_blocks(ring),
		.n_restarts = capture->n_starts - 1,
		.n_clipped = atomic_load_explicit(&shared->n_clipped, memory_order_relaxed),
		.clipping = capture->clipping.clips,
		.ring_fill = hk_ring_fill(ring),
		.ring_capacity = ring->capacity,
	};
	struct hk_intake_counts counts;
	hk_shared_audio_samples(&capture->channel, &counts);
	ret->n_not_numbers = counts.n_not_numbers;
	ret->n_off_scale = counts.n_off_scale;
	ret->n_cancelled = counts.n_cancelled;
	hk_sample_notices_note(&capture->notices, &counts, ret->note);
	snprintf(ret->why, sizeof(ret->why), "%s", capture->liveness.why);
	snprintf(ret->device, sizeof(ret->device), "%s", capture->opened.device);
}
