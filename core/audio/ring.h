/* SPDX-License-Identifier: MIT */
/*
 * ring: blocks of audio from one writer to one reader, without locks.
 *
 * The whole ring lies in one piece of memory without pointers, so it can be shared between the
 * capture process and the daemon through a memfd. A block is committed whole: its header and its
 * frames become visible by one release store of the head, or not at all; a writer killed at any
 * instruction leaves no half block. When there is no room nothing is written and the drop counter
 * grows; the writer still advances the position of the next block, so the reader sees the hole by
 * itself.
 *
 * Head and tail are free-running uint32_t counters of bytes; the capacity is a power of two and all
 * of it is usable. The writer owns head, the reader owns tail; they lie on separate cache lines.
 *
 * Source of the memory orders: PipeWire spa/include/spa/utils/ringbuffer.h, zix src/ring.c.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum hk_block_flags {
	HK_BLOCK_START = 1 << 0, /* the source was opened (again) right before this block */
	HK_BLOCK_OVERRUN =
		1 << 1, /* the source itself lost frames before this block (paInputOverflow) */
	HK_BLOCK_END = 1 << 2, /* end of the source: no frames follow; n_frames may be 0 */
};

/* Header of a block. 40 bytes, the same for every compiler that builds us. */
struct hk_block {
	uint64_t first_frame; /* position of the first frame since the source's start, in frames;
				 lost ones count */
	int64_t capture_ns; /* CLOCK_MONOTONIC when the first frame was captured; 0 = the source has
			       no clock */
	uint32_t n_frames;  /* mono frames that follow */
	uint32_t rate_hz;   /* of this block */
	uint32_t flags;     /* enum hk_block_flags */
	uint32_t n_clipped; /* frames at full scale, |x| >= 32767/32768 */
	uint64_t reserved;  /* 0 */
};

struct hk_ring_shared; /* in the shared memory */

/* One side's view. In the caller's memory; each side has its own. */
struct hk_ring {
	struct hk_ring_shared *shared;
	uint8_t *data;
	uint32_t capacity; /* bytes; read once at attach, so the other process cannot change it
			      under us */
};

enum hk_ring_result {
	HK_RING_OK = 0,
	HK_RING_EMPTY = 1, /* nothing to read */
	HK_RING_FULL = 2,  /* no room; counted as dropped */
};

/* Bytes of memory that a ring of CAPACITY data bytes needs. CAPACITY: a power of two, 4 KiB to 1
 * GiB; 0 otherwise. */
size_t hk_ring_size(uint32_t capacity);

/*
 * Lay out an empty ring in MEMORY (SIZE bytes, aligned to 64) and touch all of it.
 * Owner: the memory stays the caller's and must outlive every view.
 * Returns 0, -EINVAL (capacity or alignment), -ENOSPC (memory too small).
 */
int hk_ring_init(struct hk_ring *ring, void *memory, size_t size, uint32_t capacity);

/*
 * Take a view of a ring that another thread or process laid out.
 * Returns 0; -EINVAL when the memory does not hold a ring of this layout.
 */
int hk_ring_attach(struct hk_ring *ring, void *memory, size_t size);

/* ---- writer's thread ---- */

/*
 * Append one block: HEADER and header->n_frames floats of FRAMES, whole or not at all.
 * Shapes: frames[n_frames], mono, float in [-1, 1].
 * Returns HK_RING_OK, or HK_RING_FULL: nothing written, the frames are counted as dropped.
 * Real-time: yes.
 */
enum hk_ring_result hk_ring_write(
	struct hk_ring *ring, const struct hk_block *header, const float *frames);

/* True when a block of N_FRAMES would fit now. For sources that can wait. Real-time: yes. */
bool hk_ring_writable(const struct hk_ring *ring, uint32_t n_frames);

/* ---- reader's thread ---- */

/*
 * Take the oldest block.
 * Shapes: ret_frames[max_frames], mono.
 * Returns HK_RING_OK; HK_RING_EMPTY; -EMSGSIZE: the block has more than MAX_FRAMES frames, it stays
 * (n_frames in *ret_header); -EBADMSG: the memory does not hold a valid block (the other process
 * broke the contract): everything unread is discarded and the reader goes on with what is written
 * next. Real-time: yes.
 */
int hk_ring_read(
	struct hk_ring *ring, struct hk_block *ret_header, float *ret_frames, uint32_t max_frames);

/* Give everything unread back. For a reader that does not trust what it met. Real-time: yes. */
void hk_ring_discard(struct hk_ring *ring);

/* Bytes that wait for the reader. Any thread. Real-time: yes. */
uint32_t hk_ring_fill(const struct hk_ring *ring);

/* Frames and blocks that found no room since init. Any thread. Real-time: yes. */
uint64_t hk_ring_dropped_frames(const struct hk_ring *ring);
uint64_t hk_ring_dropped_blocks(const struct hk_ring *ring);
