/* SPDX-License-Identifier: MIT */
#include "daemon/capture/capture_options_check.h"

#include <errno.h>

#include "core/audio/downmix.h"
#include "core/audio/sample.h"

int hk_capture_options_check(const struct hk_capture_options *options, struct hk_diag *diag)
{
	if (options->channel > HK_MAX_CHANNELS) {
		return hk_diag_set(diag, -EINVAL, "channel %u: expected 0 (the mean of all) to %u",
			options->channel, HK_MAX_CHANNELS);
	}
	if (options->kind != HK_SOURCE_FILE &&
		(options->rate_hz < HK_MIN_RATE_HZ || options->rate_hz > HK_MAX_RATE_HZ)) {
		return hk_diag_set(diag, -EINVAL, "rate %u Hz: expected %u to %u", options->rate_hz,
			HK_MIN_RATE_HZ, HK_MAX_RATE_HZ);
	}
	if (options->kind == HK_SOURCE_PIPE &&
		(options->n_channels < 1 || options->n_channels > HK_MAX_CHANNELS)) {
		return hk_diag_set(diag, -EINVAL, "%u channels: expected 1 to %u",
			options->n_channels, HK_MAX_CHANNELS);
	}
	if (options->kind == HK_SOURCE_PIPE && options->channel > options->n_channels) {
		return hk_diag_set(diag, -EINVAL, "channel %u does not exist (input has %u)",
			options->channel, options->n_channels);
	}
	if (options->kind != HK_SOURCE_PORTAUDIO && options->device[0] == '\0') {
		return hk_diag_set(diag, -EINVAL, "no input file given");
	}
	if (options->kind == HK_SOURCE_FILE && !(options->start_s >= 0 && options->start_s < 1e9)) {
		return hk_diag_set(
			diag, -EINVAL, "start at %g s: expected 0 or more", options->start_s);
	}
	return 0;
}
