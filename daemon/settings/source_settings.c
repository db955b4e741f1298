/* SPDX-License-Identifier: MIT */
#include "daemon/settings/source_settings.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "config/paths.h"

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

int hk_source_options(const struct hk_settings *settings, const struct hk_setting_origins *origins,
	uint32_t model_rate_hz, struct hk_capture_options *ret, struct hk_diag *diag)
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
	const bool raw = options.kind == HK_SOURCE_PIPE;
	if (raw && options.rate_hz == 0) {
		return hk_setting_origin_refuse(origins, "audio", "input", -EINVAL, diag,
			"expected the rate of the raw PCM in \"%s\" (rate, or --rate HZ), got 0",
			settings->audio.input);
	}
	/* one channel is also what it is called when nothing is said of them */
	if (options.channel > options.n_channels && (raw || options.n_channels > 1)) {
		return hk_setting_origin_refuse(origins, "audio", "channel", -EINVAL, diag,
			"expected at most %u, the number of channels, got %u", options.n_channels,
			options.channel);
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

int hk_source_open(struct hk_capture **ret, sd_event *event,
	const struct hk_capture_options *source, const struct hk_capture_sink *sink,
	const struct hk_setting_origins *origins, struct hk_diag *diag)
{
	char helper[4096];
	int r = hk_path_capture(helper, sizeof(helper));
	if (r < 0) {
		return hk_diag_set(diag, r, "hearken-capture: %s", strerror(-r));
	}
	if (source->kind == HK_SOURCE_PORTAUDIO) {
		return hk_capture_new(ret, event, helper, source, sink, diag);
	}
	struct hk_diag what = { "out of memory" };
	r = hk_capture_new(ret, event, helper, source, sink, &what);
	return r < 0 ? hk_setting_origin_refuse(origins, "audio",
			       r == -ECHRNG ? "channel" : "input", r, diag, "%s", what.text)
		     : 0;
}

bool hk_source_same(const struct hk_capture_options *a, const struct hk_capture_options *b)
{
	return a->kind == b->kind && strcmp(a->device, b->device) == 0 &&
		a->rate_hz == b->rate_hz && a->channel == b->channel && a->format == b->format &&
		a->n_channels == b->n_channels && a->realtime == b->realtime &&
		a->start_s == b->start_s && a->verbose == b->verbose;
}
