/* SPDX-License-Identifier: MIT */
/*
 * resample: a mono stream at one rate into a stream at another, by libsoxr, with its delay
 * compensated.
 *
 * Output frame k stands at input time k * in_hz / out_hz: the filter's delay is taken off, so
 * positions map by the ratio of the rates alone. The output depends on the input frames only, never
 * on how they were cut into blocks. Equal rates pass through. The filter holds 40 to 130 ms of
 * audio at usual rates. One thread at a time; hk_resample_push allocates nothing once warm. Not
 * real-time. Source: libsoxr, quality SOXR_HQ.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct hk_resample;

/* Where output goes; SAMPLES is valid until it returns. */
typedef void hk_resample_sink_fn(void *owner, const float *samples, size_t n_samples);

/* Rates 1000..768000 Hz. Returns 0, -EINVAL, -ENOMEM. */
int hk_resample_new(struct hk_resample **ret, uint32_t in_hz, uint32_t out_hz,
	hk_resample_sink_fn *sink, void *owner);
void hk_resample_free(struct hk_resample *resample);

/*
 * Feed frames; the sink is called with what becomes ready.
 * Returns 0; -ENOMEM: the filter could not be set up for a new stream, nothing was taken.
 */
int hk_resample_push(struct hk_resample *resample, const float *frames, size_t n_frames);

/*
 * End the stream: what the filter still holds goes to the sink, so that in total ceil(n_in * out /
 * in) frames have come out, and the next push begins a new stream.
 */
void hk_resample_finish(struct hk_resample *resample);

/*
 * The position FRAME of a stream at FROM_HZ on the axis of TO_HZ, rounded down: exact for every
 * result that fits into 64 bits. Real-time: yes.
 */
uint64_t hk_resample_position(uint64_t frame, uint32_t from_hz, uint32_t to_hz);
