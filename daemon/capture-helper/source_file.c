/* SPDX-License-Identifier: MIT */
/*
 * source_file: WAV, FLAC, OGG and MP3, at the speed of sound or as fast as the reader takes it.
 *
 * Positions are the file's own frame numbers. A helper that takes over from a killed one goes on
 * where the reader's axis stands: at the speed of sound the time in between is missed, else nothing
 * is.
 */
#include <math.h>

#include "core/audio/audio_file.h"
#include "daemon/capture-helper/source.h"
#include "daemon/capture-shared/clock.h"

#define BLOCK_FRAMES 1024

/* Read and forget frames up to POSITION. Returns 0, also at the end of the file; -EBADMSG. */
static int skip_to(struct hk_audio_file *file, uint64_t position, struct hk_diag *diag)
{
	float frames[BLOCK_FRAMES];
	while (position > 0) {
		const size_t n = position < BLOCK_FRAMES ? position : BLOCK_FRAMES;
		const int64_t n_read = hk_audio_read(file, frames, n, diag);
		if (n_read <= 0) {
			return (int)n_read;
		}
		position -= (uint64_t)n_read;
	}
	return 0;
}

/* Returns 0 at the end of the file; -EBADMSG with DIAG. */
static int play(struct hk_audio_file *file, struct hk_block_writer *feed, bool realtime,
	struct hk_diag *diag)
{
	const uint64_t begin_frame = feed->next.frame;
	const int64_t begin_ns = feed->next.ns;
	float frames[BLOCK_FRAMES];
	int64_t n_frames;
	while ((n_frames = hk_audio_read(file, frames, BLOCK_FRAMES, diag)) > 0) {
		const uint64_t n_played = feed->next.frame - begin_frame;
		int64_t ns = 0;
		if (realtime) {
			const double length_ns = (double)HK_NS_PER_S / feed->rate_hz;
			ns = begin_ns + llround((double)n_played * length_ns);
			hk_clock_sleep_until(ns + llround((double)n_frames * length_ns));
		}
		hk_block_writer_wait(feed, (uint32_t)n_frames);
		hk_block_writer_judge(feed, hk_audio_counts(file));
		hk_block_writer_push(feed, frames, (uint32_t)n_frames, ns);
	}
	return (int)n_frames;
}

void hk_source_file_run(const struct hk_source *source)
{
	const struct hk_capture_options *options = source->options;
	struct hk_diag diag = { 0 };
	struct hk_audio_file *file;
	int r = hk_audio_open(&file, options->device, options->channel, &diag);
	if (r < 0) {
		hk_source_say(source, HK_CAPTURE_IMPOSSIBLE, r, "%s", diag.text);
		return;
	}
	struct hk_audio_info info;
	hk_audio_info(file, &info);
	hk_source_say_opened(source, options->device, info.rate_hz, info.n_channels, false);

	if (hk_audio_note(file)[0] != '\0') {
		hk_source_say(
			source, HK_CAPTURE_NOTE, 0, "%s: %s", options->device, hk_audio_note(file));
	}

	struct hk_block_writer feed;
	hk_block_writer_begin(&feed, source->channel, info.rate_hz,
		(uint64_t)llround(options->start_s * info.rate_hz),
		options->realtime ? hk_clock_ns() : 0);
	r = skip_to(file, feed.next.frame, &diag);
	if (r == 0) {
		r = play(file, &feed, options->realtime, &diag);
	}
	hk_block_writer_end(&feed);
	hk_source_say(source, HK_CAPTURE_ENDED, r, "%s", r < 0 ? diag.text : "");
}
