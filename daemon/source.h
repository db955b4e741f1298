/* SPDX-License-Identifier: MIT */
/*
 * source: from settings to what the capture is asked for. Main thread only.
 */
#pragma once

#include "config/settings.h"
#include "daemon/capture.h"

/*
 * What to hear: a device, or what audio.input is: "-" and FIFOs are raw PCM, anything else a file.
 * MODEL_RATE_HZ: what a device is asked for when the settings name no rate.
 * Returns 0, -EINVAL with DIAG: raw PCM without its rate.
 */
int hk_source_options(const struct hk_settings *settings, uint32_t model_rate_hz,
	struct hk_capture_options *ret, struct hk_diag *diag);

bool hk_source_same(const struct hk_capture_options *a, const struct hk_capture_options *b);
