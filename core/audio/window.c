/* SPDX-License-Identifier: MIT */
#include "core/audio/window.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ALIGNMENT 64                        /* bytes: a window's first sample, for SIMD */
#define MAX_SPAN_FRAMES (UINT64_C(1) << 28) /* 1 GiB of memory */
#define FLOATS_PER_LINE (ALIGNMENT / sizeof(float))

struct hk_window {
	struct hk_window_shape shape;
	struct hk_window_sink sink;
	float *memory;       /* owned: padding, n_left, n_frames, n_right */
	float *samples;      /* in memory: first frame of the window that is being filled */
	uint32_t n_held;     /* frames of the stream at samples[0] and on, <= n_frames + n_right */
	uint64_t index;      /* of that window within the stream */
	uint64_t next_frame; /* position that the next push must have */
	bool running;        /* next_frame is set */
};

int hk_window_new(struct hk_window **ret, const struct hk_window_shape *shape,
	const struct hk_window_sink *sink)
{
	const uint64_t span = (uint64_t)shape->n_left + shape->n_frames + shape->n_right;
	if (shape->n_frames == 0 || shape->n_step_frames == 0 ||
		shape->n_step_frames > shape->n_frames || span > MAX_SPAN_FRAMES) {
		return -EINVAL;
	}
	struct hk_window *window = calloc(1, sizeof(*window));
	if (!window) {
		return -ENOMEM;
	}
	const size_t padding =
		(FLOATS_PER_LINE - shape->n_left % FLOATS_PER_LINE) % FLOATS_PER_LINE;
	const size_t size = (padding + (size_t)span) * sizeof(float);
	window->memory = aligned_alloc(ALIGNMENT, (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
	if (!window->memory) {
		hk_window_free(window);
		return -ENOMEM;
	}
	memset(window->memory, 0, size);
	window->shape = *shape;
	window->sink = *sink;
	window->samples = window->memory + padding + shape->n_left;
	*ret = window;
	return 0;
}

void hk_window_free(struct hk_window *window)
{
	if (!window) {
		return;
	}
	free(window->memory);
	free(window);
}

/* Deliver the window at samples[0] and make the next one of the stream the first. */
static void deliver(struct hk_window *window)
{
	const struct hk_window_shape *shape = &window->shape;
	const struct hk_window_view view = {
		.samples = window->samples,
		.n_frames = shape->n_frames,
		.first_frame = window->next_frame - window->n_held,
		.index = window->index,
	};
	window->sink.on_window(window->sink.owner, &view);
	float *base = window->samples - shape->n_left;
	window->n_held -= shape->n_step_frames;
	window->index++;
	memmove(base, base + shape->n_step_frames,
		((size_t)shape->n_left + window->n_held) * sizeof(float));
}

/* Deliver what fits without waiting for its right context, report the rest, forget all. */
static void end_stream(struct hk_window *window)
{
	const struct hk_window_shape *shape = &window->shape;
	while (window->n_held >= shape->n_frames) {
		memset(window->samples + window->n_held, 0,
			((size_t)shape->n_frames + shape->n_right - window->n_held) *
				sizeof(float));
		deliver(window);
	}
	const uint32_t n_overlap = window->index > 0 ? shape->n_frames - shape->n_step_frames : 0;
	const uint32_t n_left_over = window->n_held - n_overlap;
	if (n_left_over > 0) {
		window->sink.on_remainder(
			window->sink.owner, window->next_frame - n_left_over, n_left_over);
	}
	memset(window->samples - shape->n_left, 0, shape->n_left * sizeof(float));
	window->n_held = 0;
	window->index = 0;
}

void hk_window_push(
	struct hk_window *window, uint64_t first_frame, const float *frames, size_t n_frames)
{
	if (window->running && first_frame != window->next_frame) {
		const uint64_t expected = window->next_frame;
		end_stream(window);
		if (first_frame > expected) {
			window->sink.on_gap(window->sink.owner, expected, first_frame - expected);
		} else {
			window->sink.on_gap(window->sink.owner, first_frame, 0);
		}
	}
	if (!window->running || first_frame != window->next_frame) {
		window->next_frame = first_frame;
		window->running = true;
	}
	const uint32_t n_wanted = window->shape.n_frames + window->shape.n_right;
	while (n_frames > 0) {
		const size_t room = n_wanted - window->n_held;
		const uint32_t n = (uint32_t)(n_frames < room ? n_frames : room);
		memcpy(window->samples + window->n_held, frames, n * sizeof(float));
		window->n_held += n;
		window->next_frame += n;
		frames += n;
		n_frames -= n;
		if (window->n_held == n_wanted) {
			deliver(window);
		}
	}
}

uint32_t hk_window_missing(const struct hk_window *window)
{
	return window->shape.n_frames + window->shape.n_right - window->n_held;
}

void hk_window_finish(struct hk_window *window)
{
	if (window->running) {
		end_stream(window);
	}
	window->running = false;
}
