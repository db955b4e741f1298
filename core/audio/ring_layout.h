/* SPDX-License-Identifier: MIT */
/*
 * ring_layout: what lies in a ring's shared memory. For ring.c and its tests only; everyone else
 * goes through ring.h.
 *
 * The memory may be mapped by another process, so whoever reads it treats every field as untrusted.
 * Writer's and reader's counters lie on cache lines of their own, so that the two sides do not slow
 * each other down.
 */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

#define HK_RING_MAGIC UINT32_C(0x474e5248) /* "HRNG" */
#define HK_RING_VERSION 1
#define HK_RING_ALIGNMENT 64

struct hk_ring_shared {
	_Alignas(HK_RING_ALIGNMENT) atomic_uint_least32_t magic;
	atomic_uint_least32_t version;
	atomic_uint_least32_t capacity; /* bytes of data */

	/* Written by the writer only. Head: bytes ever written, modulo 2^32. */
	_Alignas(HK_RING_ALIGNMENT) atomic_uint_least32_t head;
	atomic_uint_least64_t n_dropped_blocks;
	atomic_uint_least64_t n_dropped_frames;

	/* Written by the reader only. Tail: bytes ever read, modulo 2^32. */
	_Alignas(HK_RING_ALIGNMENT) atomic_uint_least32_t tail;

	_Alignas(HK_RING_ALIGNMENT) uint8_t data[];
};
