/* SPDX-License-Identifier: MIT */
/*
 * settings: everything that hearken.conf and the command line can say, and the one table of it.
 *
 * The sections [class NAME] are not in here: their keys are hk_class_params and which classes
 * there are is known only with the model; see load.h. Plain data of the caller's.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/diag.h"
#include "core/base/params.h"

struct hk_settings {
	struct {
		char device[256];  /* of the sound system; "" = its default */
		char input[4096];  /* file, FIFO or "-" instead of a device; "" = the device */
		uint32_t rate_hz;  /* 0 = the model's */
		uint32_t channel;  /* 0 = the mean of all, 1..n */
		uint32_t format;   /* raw PCM: index in hk_sample_format_words */
		uint32_t channels; /* raw PCM: interleaved */
		bool realtime;     /* files: at the speed of sound */
	} audio;
	struct {
		char path[4096]; /* a folder, or the name of a bundle that came with hearken */
	} model;
	struct {
		char path[4096];     /* "auto": in $STATE_DIRECTORY; "none" */
		double max_age_s;    /* 0 = any */
		uint32_t max_events; /* 0 = any number */
	} history;
	struct {
		char path[108]; /* "auto": systemd's, else in $RUNTIME_DIRECTORY; "none" */
	} socket;
	struct {
		uint32_t level; /* index in hk_log_level_words */
	} log;
	struct {
		double ready_timeout_s; /* READY=1 without audio, STATUS says why */
	} daemon;
};

extern const char *const hk_sample_format_words[]; /* s16le f32le */
extern const char *const hk_log_level_words[];     /* err warning info debug */

extern const struct hk_param hk_settings_params[];
extern const size_t hk_n_settings_params;

/* The row of SECTION and KEY; NULL: there is none. */
const struct hk_param *hk_settings_find(const char *section, const char *key);

/* Is SETTING one of those that name what is heard, of which at most one can be given? */
bool hk_settings_is_source(const struct hk_param *setting);

/* Neither a device nor an input is named any more. */
void hk_settings_forget_source(struct hk_settings *settings);

/* The first setting that is not the same in both and is read at the start only; NULL: a reload
 * makes all of WANTED so. */
const struct hk_param *hk_settings_needs_start(
	const struct hk_settings *running, const struct hk_settings *wanted);

/*
 * Values that cannot be, and combinations. Returns 0; -EINVAL with DIAG (what was expected and
 * found; the caller puts the place before it) and *RET_AT, the setting at fault.
 */
int hk_settings_check(
	const struct hk_settings *settings, const struct hk_param **ret_at, struct hk_diag *diag);
