/* SPDX-License-Identifier: MIT */
/*
 * block_writer: how every source puts its frames into the channel: position, flags, counters, one
 * ring write, one wake-up.
 *
 * One writer. hk_block_writer_begin, hk_block_writer_catch_up and hk_block_writer_push run in
 * PortAudio's callback: they allocate nothing, take no lock and make no system call but sem_post's
 * wake-up.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/audio/intake.h"
#include "daemon/capture-shared/shared_audio.h"

struct hk_block_writer {
	struct hk_shared_audio *channel; /* not owned */
	struct hk_place next;            /* of the next block */
	uint32_t rate_hz;
	uint32_t flags; /* that the next block carries */
	bool overran; /* the last block came with an overrun: PortAudio says it of several callbacks
		       */
	struct hk_intake_counts seen; /* what the channel's counters know of the intake */
};

/*
 * A stream begins, or begins again. Its first frame was captured at NS (CLOCK_MONOTONIC; 0: the
 * source has no clock). Its position is where the source stood last plus the time since then;
 * FIRST_FRAME when the source has stood nowhere yet. Real-time: yes.
 */
void hk_block_writer_begin(struct hk_block_writer *feed, struct hk_shared_audio *channel,
	uint32_t rate_hz, uint64_t first_frame, int64_t ns);

/*
 * The next block's first frame was captured at NS: step over what is missing in between. OVERRUN:
 * the source says that it lost frames; without its word only a hole too long to be jitter is
 * believed. Real-time: yes.
 */
void hk_block_writer_catch_up(struct hk_block_writer *feed, int64_t ns, bool overrun);

/*
 * Write one block whose first frame was captured at NS (0: no clock). When the ring is full the
 * block is lost, counted, and its place stays empty. Shapes: frames[n_frames], mono, n_frames <=
 * HK_CAPTURE_MAX_BLOCK_FRAMES. Real-time: yes.
 */
void hk_block_writer_push(
	struct hk_block_writer *feed, const float *frames, uint32_t n_frames, int64_t ns);

/*
 * Add what the intake counted since the last call, or since it began; before the block that it was
 * counted in is pushed. Real-time: yes.
 */
void hk_block_writer_judge(struct hk_block_writer *feed, const struct hk_intake_counts *counts);

/* Wait until the ring has room for N_FRAMES. For sources that can wait. Real-time: no. */
void hk_block_writer_wait(const struct hk_block_writer *feed, uint32_t n_frames);

/* The end: an empty block with HK_BLOCK_END. Waits for room. Real-time: no. */
void hk_block_writer_end(struct hk_block_writer *feed);
