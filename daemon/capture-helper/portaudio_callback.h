/* SPDX-License-Identifier: MIT */
/*
 * portaudio_callback: what PortAudio's callback does, and all that it touches.
 */
#pragma once

#include <portaudio.h>
#include <stdbool.h>

#include "daemon/capture-helper/block_writer.h"

struct hk_microphone {
	struct hk_shared_audio *channel;
	uint32_t rate_hz;
	uint32_t n_channels; /* interleaved in the callback's input */
	uint32_t pick;       /* 0 = the mean of all, 1..n_channels */
	bool begun;
	struct hk_intake intake;
	struct hk_block_writer feed;
	float mono[HK_CAPTURE_MAX_BLOCK_FRAMES];
};

/*
 * A PaStreamCallback; OWNER is the struct hk_microphone. Thread: PortAudio's. Real-time: yes
 * (arithmetic, clock_gettime, one ring write a block, relaxed atomics, sem_post).
 */
int hk_microphone_hear(const void *input, void *output, unsigned long n_frames,
	const PaStreamCallbackTimeInfo *time, PaStreamCallbackFlags flags, void *owner);
