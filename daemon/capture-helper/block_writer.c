/* SPDX-License-Identifier: MIT */
#include "daemon/capture-helper/block_writer.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "daemon/capture-shared/clock.h"

/* A hole that no overrun explains must be longer than what a late callback or a sound server's
 * guess of its latency can look like. */
#define JITTER_NS (HK_NS_PER_S / 5)

/* Share of a block's lateness that the expected time takes over: follows a sound card's drift at
 * once, and a single late callback hardly. */
#define FOLLOW 16

#define FULL_SCALE (32767.0F / 32768.0F)

static uint64_t frames_of(int64_t ns, uint32_t rate_hz)
{
	return (uint64_t)llround((double)ns * rate_hz / (double)HK_NS_PER_S);
}

static int64_t ns_of(uint64_t n_frames, uint32_t rate_hz)
{
	return llround((double)n_frames * (double)HK_NS_PER_S / rate_hz);
}

/* The counters have one writer: no read-modify-write is needed. */
static void add(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + n,
		memory_order_relaxed);
}

void hk_block_writer_begin(struct hk_block_writer *feed, struct hk_shared_audio *channel,
	uint32_t rate_hz, uint64_t first_frame, int64_t ns)
{
	struct hk_place place = { .frame = first_frame, .ns = ns };
	if (hk_shared_audio_place(channel, &place) && place.ns != 0 && ns > place.ns) {
		place.frame += frames_of(ns - place.ns, rate_hz);
	}
	place.ns = ns;
	*feed = (struct hk_block_writer){
		.channel = channel,
		.next = place,
		.rate_hz = rate_hz,
		.flags = HK_BLOCK_START,
	};
}

void hk_block_writer_catch_up(struct hk_block_writer *feed, int64_t ns, bool overrun)
{
	const int64_t late_ns = ns - feed->next.ns;
	const bool is_new = overrun && !feed->overran;
	feed->overran = overrun;
	if (is_new) {
		add(&feed->channel->shared->n_overruns, 1);
		feed->flags |= HK_BLOCK_OVERRUN;
	}
	if (late_ns > (is_new ? 0 : JITTER_NS)) {
		feed->next.frame += frames_of(late_ns, feed->rate_hz);
		feed->next.ns = ns;
	} else {
		feed->next.ns += late_ns / FOLLOW;
	}
}

/* Frames at full scale. */
static uint32_t count_clipped(const float *frames, uint32_t n_frames)
{
	uint32_t n_clipped = 0;
	for (uint32_t i = 0; i < n_frames; i++) {
		n_clipped += fabsf(frames[i]) >= FULL_SCALE;
	}
	return n_clipped;
}

void hk_block_writer_judge(struct hk_block_writer *feed, const struct hk_intake_counts *counts)
{
	struct hk_samples_shared *samples = &feed->channel->shared->samples;
	add(&samples->n_not_numbers, counts->n_not_numbers - feed->seen.n_not_numbers);
	add(&samples->n_off_scale, counts->n_off_scale - feed->seen.n_off_scale);
	add(&samples->n_cancelled, counts->n_cancelled - feed->seen.n_cancelled);
	uint32_t bits;
	memcpy(&bits, &counts->reaches, sizeof(bits));
	atomic_store_explicit(&samples->reaches, bits, memory_order_relaxed);
	atomic_store_explicit(&samples->alone, counts->alone, memory_order_relaxed);
	atomic_store_explicit(&samples->still, counts->still, memory_order_relaxed);
	atomic_store_explicit(&samples->n_still, counts->n_still, memory_order_relaxed);
	feed->seen = *counts;
}

/* Has what the reader waits for come, or something that it should not wait with? */
static bool reader_is_due(const struct hk_block_writer *feed, uint32_t flags)
{
	const struct hk_shared_audio_shared *shared = feed->channel->shared;
	const struct hk_ring *ring = &feed->channel->ring;
	/* As hk_shared_audio_wait: in one order with what the reader does, so that one of the two
	 * sees it. */
	return flags != 0 || atomic_load(&shared->n_frames) >= atomic_load(&shared->wake_frames) ||
		hk_ring_fill(ring) > ring->capacity / 4;
}

void hk_block_writer_push(
	struct hk_block_writer *feed, const float *frames, uint32_t n_frames, int64_t ns)
{
	struct hk_shared_audio_shared *shared = feed->channel->shared;
	const struct hk_block block = {
		.first_frame = feed->next.frame,
		.capture_ns = ns,
		.n_frames = n_frames,
		.rate_hz = feed->rate_hz,
		.flags = feed->flags,
		.n_clipped = count_clipped(frames, n_frames),
	};

	/* The place first: a writer killed in between leaves a hole of one block, never a position
	 * that is used twice. */
	feed->next.frame += n_frames;
	if (ns != 0) {
		feed->next.ns += ns_of(n_frames, feed->rate_hz);
	}
	hk_shared_audio_set_place(feed->channel, &feed->next);

	if (hk_ring_write(&feed->channel->ring, &block, frames) == HK_RING_OK) {
		feed->flags = 0; /* else they travel with the next block that finds room */
	}
	/* After the frames: who sees the count finds them in the ring. */
	atomic_fetch_add(&shared->n_frames, n_frames);
	add(&shared->n_clipped, block.n_clipped);
	if (reader_is_due(feed, block.flags)) {
		sem_post(&shared->filled);
	}
}

void hk_block_writer_wait(const struct hk_block_writer *feed, uint32_t n_frames)
{
	const struct timespec nap = { .tv_nsec = 2000000 };
	while (!hk_ring_writable(&feed->channel->ring, n_frames)) {
		nanosleep(&nap, NULL);
	}
}

void hk_block_writer_end(struct hk_block_writer *feed)
{
	hk_block_writer_wait(feed, 0);
	feed->flags |= HK_BLOCK_END;
	hk_block_writer_push(feed, NULL, 0, 0);
}
