/* SPDX-License-Identifier: MIT */
/*
 * capture_message: what the capture helper tells the daemon beside the audio, one record at a time
 * through a pipe. A record is smaller than PIPE_BUF, so it is written whole or not at all.
 */
#pragma once

#include <stdint.h>

enum hk_capture_news {
	HK_CAPTURE_OPENED,     /* device, rate_hz, n_channels, realtime, locked, confined */
	HK_CAPTURE_LOST,       /* text: why; worth another try */
	HK_CAPTURE_IMPOSSIBLE, /* text: why; no use to try again. error: negative errno */
	HK_CAPTURE_ENDED,      /* text: "" or why before its time */
	HK_CAPTURE_NOTE,       /* text: what is odd about the source, which is read all the same */
	HK_N_CAPTURE_NEWS,
};

/* What the kernel keeps the helper from (daemon/capture-helper/confine.h). */
enum hk_confinement {
	HK_CONFINED_FILES = 1,   /* writing where no sound server needs it */
	HK_CONFINED_NETWORK = 2, /* sockets that are no Unix ones */
};

struct hk_capture_message {
	uint32_t news; /* enum hk_capture_news */
	int32_t error; /* negative errno; 0 when it is not one */
	uint32_t rate_hz;
	uint32_t n_channels;
	uint32_t realtime; /* not 0: the capture thread runs at SCHED_FIFO */
	uint32_t locked;   /* not 0: the audio's memory cannot be paged out */
	uint32_t confined; /* bits of enum hk_confinement */
	uint64_t n_frames; /* that had arrived when this was said; UINT64_MAX: all that arrived */
	char device[256];  /* PortAudio: "HOST API: NAME" */
	char text[512];
};

/* Write REPORT to FD. Returns 0, -errno. */
int hk_capture_message_send(int fd, const struct hk_capture_message *report);

/*
 * The next report from the non-blocking FD. Strings are terminated and hold no control characters,
 * whatever the helper wrote. Returns 0; -EAGAIN (none yet); -EPIPE (the helper closed its end);
 * -EBADMSG (no report); -errno.
 */
int hk_capture_message_receive(int fd, struct hk_capture_message *ret);
