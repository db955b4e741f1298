/* SPDX-License-Identifier: MIT */
/*
 * window: slides a window over a stream of mono frames that arrives in blocks of any size.
 *
 * A stream is a run of frames without a hole. Windows start at frames 0, step, 2 step, ... of their
 * stream. Each window comes with `n_left` frames before it and `n_right` after it (what the feature
 * profile looks at beyond the window); before the start and after the end of a stream these are
 * zeros. A hole ends the stream: what fits is delivered, the remainder and the hole are reported,
 * and a new stream begins with the next frame. One thread at a time; hk_window_push allocates
 * nothing. Real-time: as the sink is.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hk_window_shape {
	uint32_t n_frames;      /* of a window */
	uint32_t n_step_frames; /* between the starts of two windows, 1..n_frames */
	uint32_t n_left;        /* context before the window */
	uint32_t n_right;       /* context after the window */
};

struct hk_window_view {
	/* samples[-n_left .. n_frames + n_right - 1] can be read; samples[0] is the window's first
	 * frame. Valid until the sink returns. */
	const float *samples;
	uint32_t n_frames;
	uint64_t first_frame; /* on the pushed frames' axis */
	uint64_t index; /* 0, 1, 2, ... within the stream; 0 = first window after a start or a hole
			 */
};

/* What the window tells its owner, in the order of the stream. */
struct hk_window_sink {
	void *owner;
	void (*on_window)(void *owner, const struct hk_window_view *view);
	/* N_FRAMES frames from FIRST_FRAME on were in no window (the end of the stream is shorter
	 * than a step). */
	void (*on_remainder)(void *owner, uint64_t first_frame, uint64_t n_frames);
	/* N_FRAMES frames from FIRST_FRAME on never arrived. 0: the source began anew at this
	 * position. */
	void (*on_gap)(void *owner, uint64_t first_frame, uint64_t n_frames);
};

struct hk_window;

/* Returns 0, -EINVAL (impossible shape), -ENOMEM. All memory is touched. */
int hk_window_new(struct hk_window **ret, const struct hk_window_shape *shape,
	const struct hk_window_sink *sink);
void hk_window_free(struct hk_window *window);

/*
 * Feed N_FRAMES frames whose first stands at FIRST_FRAME. A position beyond the expected one is a
 * hole; a position before it (the source began anew) is reported as a gap of length 0 and begins a
 * new stream. The first push after new, finish or restart sets the position and is no gap.
 */
void hk_window_push(
	struct hk_window *window, uint64_t first_frame, const float *frames, size_t n_frames);

/* Frames that are missing until a window is complete with its right context. Real-time: yes. */
uint32_t hk_window_missing(const struct hk_window *window);

/* End the stream as at a hole, without one: deliver what fits, report the remainder. The next push
 * begins anew. */
void hk_window_finish(struct hk_window *window);
