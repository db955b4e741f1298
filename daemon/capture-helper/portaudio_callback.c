/* SPDX-License-Identifier: MIT */
#include "daemon/capture-helper/portaudio_callback.h"

#include "daemon/capture-shared/clock.h"

/* Longer delays than this are a host API's mistake. */
#define MAX_DELAY_S 5.0

/*
 * When the first frame was captured. PortAudio's clock is CLOCK_REALTIME here and something else
 * there, so only the difference of its two times is used: how old the frame is.
 */
static int64_t capture_ns(const struct hk_microphone *microphone, unsigned long n_frames,
	const PaStreamCallbackTimeInfo *time)
{
	double delay_s = time->currentTime - time->inputBufferAdcTime;
	if (!(delay_s > 0.0 && delay_s < MAX_DELAY_S)) {
		delay_s = (double)n_frames / microphone->rate_hz;
	}
	return hk_clock_ns() - (int64_t)(delay_s * (double)HK_NS_PER_S);
}

int hk_microphone_hear(const void *input, void *output, unsigned long n_frames,
	const PaStreamCallbackTimeInfo *time, PaStreamCallbackFlags flags, void *owner)
{
	struct hk_microphone *microphone = owner;
	struct hk_block_writer *feed = &microphone->feed;
	const float *frames = input;
	(void)output;
	if (!frames) {
		return paContinue; /* the clock shows the hole at the next block */
	}
	int64_t ns = capture_ns(microphone, n_frames, time);
	if (!microphone->begun) {
		hk_block_writer_begin(feed, microphone->channel, microphone->rate_hz, 0, ns);
		hk_intake_init(&microphone->intake, microphone->rate_hz, microphone->n_channels,
			microphone->pick);
		microphone->begun = true;
	}
	hk_block_writer_catch_up(feed, ns, (flags & (paInputOverflow | paInputUnderflow)) != 0);

	while (n_frames > 0) {
		const uint32_t n = n_frames < HK_CAPTURE_MAX_BLOCK_FRAMES
			? (uint32_t)n_frames
			: HK_CAPTURE_MAX_BLOCK_FRAMES;
		hk_intake_push(&microphone->intake, frames, n, microphone->mono);
		hk_block_writer_judge(feed, &microphone->intake.counts);
		hk_block_writer_push(feed, microphone->mono, n, ns);
		frames += (size_t)n * microphone->n_channels;
		ns += n * HK_NS_PER_S / microphone->rate_hz;
		n_frames -= n;
	}
	return paContinue;
}
