/* SPDX-License-Identifier: MIT */
#include "core/audio/resample.h"

#include <errno.h>
#include <soxr.h>
#include <stdbool.h>
#include <stdlib.h>

#include "core/audio/sample.h"

#define IN_FRAMES 1024 /* at a time: soxr's buffers grow to the largest block they have seen */
#define OUT_FRAMES 2048

struct hk_resample {
	uint32_t in_hz, out_hz;
	hk_resample_sink_fn *sink;
	void *owner;
	soxr_t soxr;          /* NULL for equal rates */
	bool stale;           /* soxr still holds the end of the last stream */
	uint64_t n_in, n_out; /* of this stream */
	float out[OUT_FRAMES];
};

int hk_resample_new(struct hk_resample **ret, uint32_t in_hz, uint32_t out_hz,
	hk_resample_sink_fn *sink, void *owner)
{
	if (in_hz < HK_MIN_RATE_HZ || in_hz > HK_MAX_RATE_HZ || out_hz < HK_MIN_RATE_HZ ||
		out_hz > HK_MAX_RATE_HZ) {
		return -EINVAL;
	}
	struct hk_resample *resample = calloc(1, sizeof(*resample));
	if (!resample) {
		return -ENOMEM;
	}
	resample->in_hz = in_hz;
	resample->out_hz = out_hz;
	resample->sink = sink;
	resample->owner = owner;
	if (in_hz != out_hz) {
		const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_HQ, 0);
		const soxr_runtime_spec_t runtime = soxr_runtime_spec(1);
		soxr_error_t error = NULL;
		resample->soxr = soxr_create(in_hz, out_hz, 1, &error, NULL, &quality, &runtime);
		if (!resample->soxr || error) {
			hk_resample_free(resample);
			return -ENOMEM;
		}
	}
	*ret = resample;
	return 0;
}

void hk_resample_free(struct hk_resample *resample)
{
	if (!resample) {
		return;
	}
	soxr_delete(resample->soxr);
	free(resample);
}

/* Give FRAMES to soxr and pass on what comes out, up to LIMIT frames of the stream. */
static int process(
	struct hk_resample *resample, const float *frames, size_t n_frames, uint64_t limit)
{
	size_t n_made = 0;
	do {
		const size_t n_offered = n_frames < IN_FRAMES ? n_frames : IN_FRAMES;
		size_t n_taken = 0;
		if (soxr_process(resample->soxr, frames, n_offered, &n_taken, resample->out,
			    OUT_FRAMES, &n_made)) {
			return -ENOMEM; /* the only thing that can go wrong with a valid object */
		}
		frames += n_taken;
		n_frames -= n_taken;
		const uint64_t n_wanted = limit - resample->n_out;
		const size_t n = n_made < n_wanted ? n_made : (size_t)n_wanted;
		resample->n_out += n;
		if (n > 0) {
			resample->sink(resample->owner, resample->out, n);
		}
	} while (n_frames > 0 || n_made == OUT_FRAMES);
	return 0;
}

int hk_resample_push(struct hk_resample *resample, const float *frames, size_t n_frames)
{
	if (n_frames == 0) {
		return 0;
	}
	if (!resample->soxr) {
		resample->sink(resample->owner, frames, n_frames);
		return 0;
	}
	if (resample->stale && soxr_clear(resample->soxr)) {
		return -ENOMEM;
	}
	resample->stale = false;
	resample->n_in += n_frames;
	return process(resample, frames, n_frames, UINT64_MAX);
}

void hk_resample_finish(struct hk_resample *resample)
{
	if (!resample->soxr) {
		return;
	}
	/* soxr's own flush rounds the length to the nearest frame; zeros give the same values. */
	static const float zeros[IN_FRAMES];
	const uint64_t n_whole = resample->n_in / resample->in_hz;
	const uint64_t rest = resample->n_in % resample->in_hz * resample->out_hz;
	const uint64_t n_total =
		n_whole * resample->out_hz + (rest + resample->in_hz - 1) / resample->in_hz;
	while (resample->n_out < n_total && process(resample, zeros, IN_FRAMES, n_total) == 0) {}
	resample->n_in = 0;
	resample->n_out = 0;
	resample->stale = true;
}

uint64_t hk_resample_position(uint64_t frame, uint32_t from_hz, uint32_t to_hz)
{
	return frame / from_hz * to_hz + frame % from_hz * to_hz / from_hz;
}
