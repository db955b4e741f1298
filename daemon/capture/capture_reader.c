/* SPDX-License-Identifier: MIT */
/* The analysis thread's side of a capture: takes blocks and counts the holes before them. */
#include "daemon/capture/capture_internal.h"

int hk_capture_read(struct hk_capture *capture, struct hk_block *ret_block, float *ret_frames)
{
	struct hk_block block;
	const int r = hk_shared_audio_read(&capture->channel, &block, ret_frames);
	if (r != HK_RING_OK) {
		return r;
	}
	if (capture->reading && block.first_frame > capture->next_frame) {
		atomic_fetch_add_explicit(&capture->n_lost_frames,
			block.first_frame - capture->next_frame, memory_order_relaxed);
	}
	capture->reading = true;
	capture->next_frame = block.first_frame + block.n_frames;
	*ret_block = block;
	return HK_RING_OK;
}

bool hk_capture_wait(struct hk_capture *capture, uint64_t n_frames, unsigned timeout_ms)
{
	return hk_shared_audio_wait(&capture->channel, n_frames, timeout_ms);
}

/* ---- any thread ---- */

void hk_capture_wake(struct hk_capture *capture)
{
	hk_shared_audio_wake(&capture->channel);
}
