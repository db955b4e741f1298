/* SPDX-License-Identifier: MIT */
/*
 * capture: the daemon's side of its ear: starts, watches and restarts `hearken-capture`.
 *
 * The sound device (or the file, or the pipe) is opened by a helper process of its own, which
 * shares a ring of audio with us through a memfd and can be killed at any moment without losing
 * anything of ours: PortAudio 19.6 can spin, hang in Pa_CloseStream or say nothing at all. Whether
 * the source lives is told by the frames that arrive, never by PortAudio's word.
 *
 * Positions (hk_block.first_frame) go on over restarts of the helper: what was not heard while it
 * was away is a hole of that length, by CLOCK_MONOTONIC, and the first block after it carries
 * HK_BLOCK_START.
 *
 * Threads: everything is main's, but for the functions under "analysis thread" and "any thread".
 * Not real-time. SIGCHLD must be blocked in every thread (sd-event's rule).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "core/audio/ring.h"
#include "core/base/diag.h"
#include "daemon/capture-shared/capture_options.h"
#include "daemon/capture/sample_notice.h"

enum hk_source_state {
	HK_SOURCE_STARTING,       /* no frame yet */
	HK_SOURCE_HEARING,        /* frames arrive */
	HK_SOURCE_SILENT_DIGITAL, /* frames arrive and did not change for 10 s: muted or dead */
	HK_SOURCE_STALLED,        /* no frame for 500 ms, the helper lives */
	HK_SOURCE_LOST,       /* the device went away or cannot be opened; waiting to try again */
	HK_SOURCE_RECOVERING, /* being opened again */
	HK_SOURCE_ENDED,      /* the end of a file or of stdin: nothing more is written */
};

/* What is known of the source now. */
struct hk_capture_status {
	enum hk_source_state state;
	char why[512];             /* in words; "" when hearing */
	uint64_t since_ns;         /* CLOCK_MONOTONIC of the last change of state */
	char device[256];          /* as opened, "HOST API: NAME" or the path; "" before */
	uint32_t rate_hz;          /* as opened; 0 before */
	uint32_t n_channels;       /* as opened; 0 before */
	bool realtime;             /* the capture thread runs at SCHED_FIFO */
	bool locked;               /* the audio's memory cannot be paged out */
	unsigned confined;         /* bits of enum hk_confinement: what the helper is kept from */
	uint64_t n_frames;         /* that arrived */
	uint64_t n_lost_frames;    /* in holes that the reader met: dropped, overrun, away */
	uint64_t n_overruns;       /* reported by the source */
	uint64_t n_dropped_blocks; /* found no room in the ring */
	uint64_t n_restarts;       /* of the helper */
	uint64_t n_clipped;        /* frames at full scale */
	bool clipping;             /* lately too many of them */
	uint64_t n_not_numbers;    /* samples that are NaN or infinite */
	uint64_t n_off_scale;      /* samples far beyond full scale */
	uint64_t n_cancelled;      /* frames of which one channel was used: the mean cancels */
	char note[HK_SAMPLE_NOTE_SIZE]; /* what is wrong with the samples lately; "": nothing */
	uint32_t ring_fill;             /* bytes that wait for the reader */
	uint32_t ring_capacity;         /* bytes */
};

struct hk_capture_sink {
	void *owner;
	/* The state changed. Called from the event loop. */
	void (*on_state)(void *owner, const struct hk_capture_status *status);
	/* The input began to clip (SHARE of its frames stand at full scale) or ceased to (0). May
	 * be NULL. */
	void (*on_clipping)(void *owner, double share);
	/* A fault of the samples began (sample_notice.h); TEXT says which. May be NULL. */
	void (*on_samples)(void *owner, const char *text);
	/* Something is odd about the source, which is read all the same. May be NULL. */
	void (*on_note)(void *owner, const char *text);
};

struct hk_capture;

/*
 * Start the helper and watch it from EVENT. OPTIONS are copied; SINK's owner must outlive the
 * capture. HELPER: path of hearken-capture. Returns 0 (the source may still be starting: on_state
 * tells), a negative errno with DIAG when it can never work (impossible options; for files and
 * pipes also: no such file, unreadable, no audio file, no such channel: these wait up to a second
 * for the helper's first word). What turns out to be impossible later ends the source
 * (HK_SOURCE_ENDED, the reason in `why`). A sound device is never impossible: it may be plugged in
 * tomorrow.
 */
int hk_capture_new(struct hk_capture **ret, sd_event *event, const char *helper,
	const struct hk_capture_options *options, const struct hk_capture_sink *sink,
	struct hk_diag *diag);

/* Kill the helper, free everything. */
void hk_capture_free(struct hk_capture *capture);

/* Bring the state up to date now instead of at the next tick; may call on_state. */
void hk_capture_look(struct hk_capture *capture);

void hk_capture_status(const struct hk_capture *capture, struct hk_capture_status *ret);
const char *hk_source_state_name(enum hk_source_state state);

/* ---- analysis thread ---- */

/*
 * Take the oldest block and count the hole before it. As hk_ring_read: HK_RING_OK, HK_RING_EMPTY,
 * -EBADMSG. Shapes: ret_frames[HK_CAPTURE_MAX_BLOCK_FRAMES], mono.
 */
int hk_capture_read(struct hk_capture *capture, struct hk_block *ret_block, float *ret_frames);

/* After HK_RING_EMPTY: as hk_shared_audio_wait. */
bool hk_capture_wait(struct hk_capture *capture, uint64_t n_frames, unsigned timeout_ms);

/* ---- any thread ---- */

/* End the analysis thread's wait. */
void hk_capture_wake(struct hk_capture *capture);
