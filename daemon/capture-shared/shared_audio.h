/* SPDX-License-Identifier: MIT */
/*
 * shared_audio: the memory that the daemon and its capture helper share: a ring of audio, a
 * semaphore that wakes the reader, the counters of the source and its place on the frame axis.
 *
 * The reader is woken when as many frames have arrived as it asked for, when anything happens to
 * the stream (a start, an overrun, the end), and when a quarter of the ring waits for it.
 *
 * The daemon creates it as a memfd, sealed in its size, so that the helper can neither shrink it
 * under the daemon nor make it grow. The helper writes, the daemon reads and believes nothing:
 * counters are numbers to show, the ring checks itself (core/audio/ring.h). The helper may be
 * killed at any instruction and a new one goes on in the same memory; therefore the place on the
 * axis is written to two slots in turn and becomes valid by one store.
 */
#pragma once

#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/audio/intake.h"
#include "core/audio/ring.h"
#include "daemon/capture-shared/capture_options.h"

/* 2 MiB: 32 s at 16 kHz, 10 s at 48 kHz, 2.7 s at 192 kHz. */
#define HK_SHARED_AUDIO_RING_BYTES (UINT32_C(1) << 21)

/* Where the source stands: FRAME is the position after the last block, due at NS of CLOCK_MONOTONIC
 * (0: the source has no clock). */
struct hk_place {
	uint64_t frame;
	int64_t ns;
};

/* What the helper's intake found (core/audio/intake.h). */
struct hk_samples_shared {
	_Atomic uint64_t n_not_numbers;
	_Atomic uint64_t n_off_scale;
	_Atomic uint64_t n_cancelled; /* frames */
	_Atomic uint32_t reaches;     /* bits of a float */
	_Atomic uint32_t alone;       /* channel */
	_Atomic uint32_t still;       /* enum hk_still */
	_Atomic uint64_t n_still;     /* frames in a row, up to now */
};

/* Laid out by the daemon; the ring follows. */
struct hk_shared_audio_shared {
	uint64_t magic;
	sem_t filled; /* process-shared; wakes the reader */

	/* written by the daemon before it starts a helper */
	struct hk_capture_options options;
	int32_t daemon_pid;

	/* written by the daemon's reader before it waits: wake me when n_frames is at least this */
	_Alignas(64) _Atomic uint64_t wake_frames;

	/* written by the helper only */
	_Alignas(64) struct hk_place places[2];
	_Atomic uint32_t n_places; /* 0: none yet; the valid one is places[n_places % 2] */
	_Atomic uint64_t n_frames; /* that arrived, and lie in the ring unless they found no room */
	_Atomic uint64_t n_overruns; /* that the source reported */
	_Atomic uint64_t n_clipped;  /* frames at full scale */
	struct hk_samples_shared samples;
};

/* One side's view. */
struct hk_shared_audio {
	int fd; /* the memfd */
	struct hk_shared_audio_shared *shared;
	struct hk_ring ring;
	uint64_t n_seen; /* the reader's: frames that had arrived at its last look into the ring */
};

/* Create the memory, all of it touched. Returns 0, -errno. */
int hk_shared_audio_init(struct hk_shared_audio *channel);

/* Take the helper's view of the memory behind FD; FD stays the caller's on failure. Returns 0;
 * -EINVAL when it is no channel; -errno. */
int hk_shared_audio_attach(struct hk_shared_audio *channel, int fd);

/* Unmap and close. NULL and zeroed memory are fine. */
void hk_shared_audio_finish(struct hk_shared_audio *channel);

/* ---- daemon ---- */

/*
 * Take the oldest block, if a helper of ours could have written it: with a rate that sound has, and
 * at a place and time that can be counted on from. Returns HK_RING_OK; HK_RING_EMPTY; -EBADMSG:
 * everything unread is discarded. Shapes: ret_frames[HK_CAPTURE_MAX_BLOCK_FRAMES]. Real-time: yes.
 */
int hk_shared_audio_read(
	struct hk_shared_audio *channel, struct hk_block *ret_block, float *ret_frames);

/*
 * After HK_RING_EMPTY: wait until N_FRAMES more have come (0: a block), or the reader is woken for
 * another reason, or TIMEOUT_MS have passed. Returns false after the timeout. May return early. The
 * reader's thread.
 */
bool hk_shared_audio_wait(struct hk_shared_audio *channel, uint64_t n_frames, unsigned timeout_ms);

/* What the helper counted, as far as it can be: numbers to show. Any thread. */
void hk_shared_audio_samples(const struct hk_shared_audio *channel, struct hk_intake_counts *ret);

/* End the reader's wait. Any thread. */
void hk_shared_audio_wake(struct hk_shared_audio *channel);

/* ---- helper ---- */

/* Keep the memory from being paged out. Returns 0, -errno (RLIMIT_MEMLOCK). */
int hk_shared_audio_lock(const struct hk_shared_audio *channel);

/* Where the source stood last. False: nowhere yet. */
bool hk_shared_audio_place(const struct hk_shared_audio *channel, struct hk_place *ret);

/* Record where it stands. Valid whole or not at all, wherever the writer is killed. Real-time: yes.
 */
void hk_shared_audio_set_place(struct hk_shared_audio *channel, const struct hk_place *place);
