/* SPDX-License-Identifier: MIT */
/*
 * source: the one interface behind which a sound device, a file and a pipe look the same.
 *
 * A source runs in the helper's main thread until it has ended or is lost, pushes blocks into its
 * feed and tells the daemon what it meets. What it holds is released by the process' end.
 */
#pragma once

#include <stdbool.h>

#include "daemon/capture-helper/block_writer.h"
#include "daemon/capture-shared/capture_message.h"
#include "daemon/capture-shared/capture_options.h"
#include "daemon/capture-shared/shared_audio.h"

struct hk_source {
	const struct hk_capture_options *options;
	struct hk_shared_audio *channel;
	int report_fd;
	bool locked;       /* all memory is locked, now and in future */
	unsigned confined; /* bits of enum hk_confinement */
};

/* Runs until the end or the loss of the source, both reported. */
typedef void hk_source_run_fn(const struct hk_source *source);

hk_source_run_fn hk_source_portaudio_run;
hk_source_run_fn hk_source_file_run;
hk_source_run_fn hk_source_pipe_run;

/* Tell the daemon. ERROR: negative errno or 0. */
void hk_source_say(const struct hk_source *source, enum hk_capture_news news, int error,
	const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Tell the daemon what was opened. NAME: "HOST API: DEVICE" or the path. */
void hk_source_say_opened(const struct hk_source *source, const char *name, uint32_t rate_hz,
	uint32_t n_channels, bool realtime);
