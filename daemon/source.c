/* SPDX-License-Identifier: MIT */
#include "daemon/source.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static enum hk_source_kind kind_of(const char *input)
{
	struct stat st;
	if (input[0] == '\0') {
		return HK_SOURCE_PORTAUDIO;
	}
	if (strcmp(input, "-") == 0 || (stat(input, &st) == 0 && S_ISFIFO(st.st_mode))) {
		return HK_SOURCE_PIPE;
	}
	return HK_SOURCE_FILE; /* what is missing is a missing file */
}

int hk_source_options(const struct hk_settings *settings, uint32_t model_rate_hz,
	struct hk_capture_options *ret, struct hk_diag *diag)
{
	_Static_assert(HK_SAMPLE_S16LE == 0 && HK_SAMPLE_F32LE == 1,
		"the order of hk_sample_format_words");
	struct hk_capture_options options = {
		.kind = kind_of(settings->audio.input),
		.rate_hz = settings->audio.rate_hz,
		.channel = settings->audio.channel,
		.format = (enum hk_sample_format)settings->audio.format,
		.n_channels = settings->audio.channels,
		.realtime = settings->audio.realtime,
	};
	if (options.kind == HK_SOURCE_PIPE && options.rate_hz == 0) {
		return hk_diag_set(diag, -EINVAL,
			"rate: expected the rate of the raw PCM in \"%s\" (--rate HZ), got 0",
			settings->audio.input);
	}
	if (options.rate_hz == 0) {
		options.rate_hz = model_rate_hz;
	}
	snprintf(options.device, sizeof(options.device), "%s",
		options.kind == HK_SOURCE_PORTAUDIO ? settings->audio.device
						    : settings->audio.input);
	*ret = options;
	return 0;
}

bool hk_source_same(const struct hk_capture_options *a, const struct hk_capture_options *b)
{
	return a->kind == b->kind && strcmp(a->device, b->device) == 0 &&
		a->rate_hz == b->rate_hz && a->channel == b->channel && a->format == b->format &&
		a->n_channels == b->n_channels && a->realtime == b->realtime &&
		a->start_s == b->start_s && a->verbose == b->verbose;
}
