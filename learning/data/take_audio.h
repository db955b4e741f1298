/* SPDX-License-Identifier: MIT */
/*
 * take_audio: the audio of a take, block by block.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/audio/intake.h"
#include "core/base/diag.h"
#include "learning/data/manifest.h"

/* FRAMES are valid until it returns. A negative result ends the reading. */
typedef int hk_take_sink_fn(void *owner, const float *frames, size_t n_frames, uint32_t rate_hz);

/*
 * Read TAKE from its start to its end: mono, at the file's own rate.
 * RET_COUNTS (or NULL): what is known of the samples from the file's start to that end.
 * Returns 0; as hk_audio_open and hk_audio_read, with DIAG; what SINK returned.
 */
int hk_take_read(const struct hk_take *take, hk_take_sink_fn *sink, void *owner,
	struct hk_intake_counts *ret_counts, struct hk_diag *diag);
