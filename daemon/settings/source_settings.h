/* SPDX-License-Identifier: MIT */
/*
 * source_settings: from settings to what the capture is asked for. Main thread only.
 */
#pragma once

#include "config/settings.h"
#include "daemon/capture/capture.h"
#include "daemon/settings/setting_origin.h"

/*
 * What to hear: a device, or what audio.input is: "-" and FIFOs are raw PCM, anything else a file.
 * MODEL_RATE_HZ: what a device is asked for when the settings name no rate.
 * ORIGINS of SETTINGS: for messages.
 * Returns 0, -EINVAL with DIAG: raw PCM without its rate, a channel beyond those that the settings
 * name.
 */
int hk_source_options(const struct hk_settings *settings, const struct hk_setting_origins *origins,
	uint32_t model_rate_hz, struct hk_capture_options *ret, struct hk_diag *diag);

/*
 * Begin to hear SOURCE. Returns as hk_capture_new; what can never work is told with the origin of
 * the setting that is at fault.
 */
int hk_source_open(struct hk_capture **ret, sd_event *event,
	const struct hk_capture_options *source, const struct hk_capture_sink *sink,
	const struct hk_setting_origins *origins, struct hk_diag *diag);

bool hk_source_same(const struct hk_capture_options *a, const struct hk_capture_options *b);
