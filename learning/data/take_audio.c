/* SPDX-License-Identifier: MIT */
#include "learning/data/take_audio.h"

#include <math.h>

#include "core/audio/audio_file.h"

#define BLOCK_FRAMES 8192

/* Frame number of second S; UINT64_MAX for the end of the file. */
static uint64_t frame_of(double s, uint32_t rate_hz)
{
	return isinf(s) ? UINT64_MAX : (uint64_t)llround(s * rate_hz);
}

static int read_frames(const struct hk_take *take, struct hk_audio_file *file, uint32_t rate_hz,
	hk_take_sink_fn *sink, void *owner, struct hk_diag *diag)
{
	const uint64_t first = frame_of(take->start_s, rate_hz);
	const uint64_t end = frame_of(take->end_s, rate_hz);
	uint64_t position = 0;
	float frames[BLOCK_FRAMES];
	while (position < end) {
		const int64_t n = hk_audio_read(file, frames, BLOCK_FRAMES, diag);
		if (n <= 0) {
			return (int)n;
		}
		const uint64_t after = position + (uint64_t)n;
		const uint64_t from = first > position ? first : position;
		const uint64_t to = end < after ? end : after;
		if (from < to) {
			const int r = sink(
				owner, frames + (from - position), (size_t)(to - from), rate_hz);
			if (r < 0) {
				return r;
			}
		}
		position = after;
	}
	return 0;
}

int hk_take_read(const struct hk_take *take, hk_take_sink_fn *sink, void *owner,
	struct hk_intake_counts *ret_counts, struct hk_diag *diag)
{
	struct hk_audio_file *file;
	struct hk_audio_info info;
	int r = hk_audio_open(&file, take->path, take->channel, diag);
	if (r < 0) {
		return r;
	}
	hk_audio_info(file, &info);
	r = read_frames(take, file, info.rate_hz, sink, owner, diag);
	if (ret_counts) {
		*ret_counts = *hk_audio_counts(file);
	}
	hk_audio_close(file);
	return r;
}
