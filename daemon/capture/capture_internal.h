/* SPDX-License-Identifier: MIT */
/*
 * capture_internal: what the files of capture share. Not for others: they use capture.h.
 */
#pragma once

#include <stdalign.h>
#include <stdatomic.h>

#include "daemon/capture-shared/capture_message.h"
#include "daemon/capture-shared/shared_audio.h"
#include "daemon/capture/capture.h"
#include "daemon/capture/clipping.h"
#include "daemon/capture/helper_process.h"
#include "daemon/capture/hotplug.h"
#include "daemon/capture/liveness.h"

struct hk_capture {
	sd_event *event;
	char *helper_path;
	struct hk_capture_options options;
	struct hk_capture_sink sink;

	struct hk_shared_audio channel;
	struct hk_helper_process helper;
	struct hk_liveness liveness;
	struct hk_clipping clipping;
	struct hk_sample_notices notices;
	struct hk_hotplug *hotplug;       /* PortAudio only */
	struct hk_capture_message opened; /* what the helper said last of the open source */
	uint64_t n_starts;
	enum hk_source_state told; /* the state that the sink knows */
	char told_why[512];        /* pipes: the reason that the sink knows */

	sd_event_source *tick_source;
	sd_event_source *child_source;
	sd_event_source *report_source;

	/* The analysis thread's. */
	alignas(64) bool reading;
	uint64_t next_frame; /* that the next block should begin with */
	_Atomic uint64_t n_lost_frames;
};
