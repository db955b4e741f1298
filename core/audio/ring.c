/* SPDX-License-Identifier: MIT */
#include "core/audio/ring.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "core/audio/ring_layout.h"

#define MIN_CAPACITY (UINT32_C(1) << 12)
#define MAX_CAPACITY (UINT32_C(1) << 30)
#define KNOWN_FLAGS ((uint32_t)(HK_BLOCK_START | HK_BLOCK_OVERRUN | HK_BLOCK_END))

static_assert(ATOMIC_INT_LOCK_FREE == 2 && ATOMIC_LLONG_LOCK_FREE == 2,
	"a lock would not work between two processes");
static_assert(sizeof(atomic_uint_least32_t) == 4 && sizeof(atomic_uint_least64_t) == 8,
	"two compilers must agree on the layout");
static_assert(sizeof(struct hk_block) == 40, "two compilers must agree on the layout");
static_assert(sizeof(float) == 4, "frames are 32 bits wide");

static bool capacity_is_valid(uint32_t capacity)
{
	return capacity >= MIN_CAPACITY && capacity <= MAX_CAPACITY &&
		(capacity & (capacity - 1)) == 0;
}

static bool is_aligned(const void *memory)
{
	return memory && (uintptr_t)memory % HK_RING_ALIGNMENT == 0;
}

/* 64 bits wide: n_frames may come from a hostile writer. */
static uint64_t block_size(uint32_t n_frames)
{
	return sizeof(struct hk_block) + (uint64_t)n_frames * sizeof(float);
}

size_t hk_ring_size(uint32_t capacity)
{
	return capacity_is_valid(capacity) ? sizeof(struct hk_ring_shared) + capacity : 0;
}

int hk_ring_init(struct hk_ring *ring, void *memory, size_t size, uint32_t capacity)
{
	if (!capacity_is_valid(capacity) || !is_aligned(memory)) {
		return -EINVAL;
	}
	if (size < hk_ring_size(capacity)) {
		return -ENOSPC;
	}
	/* Also the first touch, so that no page is missing in the capture callback. */
	memset(memory, 0, hk_ring_size(capacity));
	struct hk_ring_shared *shared = memory;
	atomic_init(&shared->magic, HK_RING_MAGIC);
	atomic_init(&shared->version, HK_RING_VERSION);
	atomic_init(&shared->capacity, capacity);
	*ring = (struct hk_ring){ .shared = shared, .data = shared->data, .capacity = capacity };
	return 0;
}

int hk_ring_attach(struct hk_ring *ring, void *memory, size_t size)
{
	struct hk_ring_shared *shared = memory;
	if (!is_aligned(memory) || size < sizeof(*shared) ||
		atomic_load_explicit(&shared->magic, memory_order_relaxed) != HK_RING_MAGIC ||
		atomic_load_explicit(&shared->version, memory_order_relaxed) != HK_RING_VERSION) {
		return -EINVAL;
	}
	const uint32_t capacity = atomic_load_explicit(&shared->capacity, memory_order_relaxed);
	if (!capacity_is_valid(capacity) || size < hk_ring_size(capacity)) {
		return -EINVAL;
	}
	*ring = (struct hk_ring){ .shared = shared, .data = shared->data, .capacity = capacity };
	return 0;
}

/* Copy SIZE bytes into the data at counter POSITION, in two pieces when they pass the end. */
static void put(const struct hk_ring *ring, uint32_t position, const void *bytes, size_t size)
{
	const uint32_t offset = position & (ring->capacity - 1);
	const size_t until_end = ring->capacity - offset;
	const size_t first = size < until_end ? size : until_end;
	memcpy(ring->data + offset, bytes, first);
	memcpy(ring->data, (const uint8_t *)bytes + first, size - first);
}

static void get(const struct hk_ring *ring, uint32_t position, void *ret_bytes, size_t size)
{
	const uint32_t offset = position & (ring->capacity - 1);
	const size_t until_end = ring->capacity - offset;
	const size_t first = size < until_end ? size : until_end;
	memcpy(ret_bytes, ring->data + offset, first);
	memcpy((uint8_t *)ret_bytes + first, ring->data, size - first);
}

static bool has_room(const struct hk_ring *ring, uint32_t head, uint32_t tail, uint32_t n_frames)
{
	const uint32_t used = head - tail;
	return used <= ring->capacity && block_size(n_frames) <= ring->capacity - used;
}

enum hk_ring_result hk_ring_write(
	struct hk_ring *ring, const struct hk_block *header, const float *frames)
{
	assert((header->flags & ~KNOWN_FLAGS) == 0 && header->reserved == 0);
	struct hk_ring_shared *shared = ring->shared;
	const uint32_t head = atomic_load_explicit(&shared->head, memory_order_relaxed);
	/* Acquire: the reader has left the bytes that it gave back. */
	const uint32_t tail = atomic_load_explicit(&shared->tail, memory_order_acquire);
	if (!has_room(ring, head, tail, header->n_frames)) {
		atomic_fetch_add_explicit(&shared->n_dropped_blocks, 1, memory_order_relaxed);
		atomic_fetch_add_explicit(
			&shared->n_dropped_frames, header->n_frames, memory_order_relaxed);
		return HK_RING_FULL;
	}
	put(ring, head, header, sizeof(*header));
	if (header->n_frames > 0) {
		put(ring, head + (uint32_t)sizeof(*header), frames,
			header->n_frames * sizeof(float));
	}
	/* Release, and the only store of head: the block is there whole or not at all. */
	atomic_store_explicit(
		&shared->head, head + (uint32_t)block_size(header->n_frames), memory_order_release);
	return HK_RING_OK;
}

bool hk_ring_writable(const struct hk_ring *ring, uint32_t n_frames)
{
	const uint32_t head = atomic_load_explicit(&ring->shared->head, memory_order_relaxed);
	const uint32_t tail = atomic_load_explicit(&ring->shared->tail, memory_order_relaxed);
	return has_room(ring, head, tail, n_frames);
}

void hk_ring_discard(struct hk_ring *ring)
{
	const uint32_t head = atomic_load_explicit(&ring->shared->head, memory_order_acquire);
	atomic_store_explicit(&ring->shared->tail, head, memory_order_release);
}

/* There is no way to find the next block. */
static int refuse(struct hk_ring *ring)
{
	hk_ring_discard(ring);
	return -EBADMSG;
}

int hk_ring_read(
	struct hk_ring *ring, struct hk_block *ret_header, float *ret_frames, uint32_t max_frames)
{
	struct hk_ring_shared *shared = ring->shared;
	const uint32_t tail = atomic_load_explicit(&shared->tail, memory_order_relaxed);
	/* Acquire: the block that the writer committed is there. */
	const uint32_t head = atomic_load_explicit(&shared->head, memory_order_acquire);
	const uint32_t used = head - tail;
	if (used == 0) {
		return HK_RING_EMPTY;
	}
	if (used > ring->capacity || used < sizeof(struct hk_block)) {
		return refuse(ring);
	}
	/* A copy, checked and then used: the other process may change its own at any time. */
	struct hk_block header;
	get(ring, tail, &header, sizeof(header));
	if (block_size(header.n_frames) > used || (header.flags & ~KNOWN_FLAGS) != 0 ||
		header.reserved != 0) {
		return refuse(ring);
	}
	if (header.n_frames > max_frames) {
		*ret_header = header;
		return -EMSGSIZE;
	}
	if (header.n_frames > 0) {
		get(ring, tail + (uint32_t)sizeof(header), ret_frames,
			header.n_frames * sizeof(float));
	}
	*ret_header = header;
	/* Release: we have left these bytes, the writer may use them again. */
	atomic_store_explicit(
		&shared->tail, tail + (uint32_t)block_size(header.n_frames), memory_order_release);
	return HK_RING_OK;
}

uint32_t hk_ring_fill(const struct hk_ring *ring)
{
	/* Tail first: a head that moved on meanwhile gives too much, never a wrapped difference. */
	const uint32_t tail = atomic_load_explicit(&ring->shared->tail, memory_order_acquire);
	const uint32_t used =
		atomic_load_explicit(&ring->shared->head, memory_order_relaxed) - tail;
	return used < ring->capacity ? used : ring->capacity;
}

uint64_t hk_ring_dropped_frames(const struct hk_ring *ring)
{
	return atomic_load_explicit(&ring->shared->n_dropped_frames, memory_order_relaxed);
}

uint64_t hk_ring_dropped_blocks(const struct hk_ring *ring)
{
	return atomic_load_explicit(&ring->shared->n_dropped_blocks, memory_order_relaxed);
}
