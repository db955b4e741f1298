/* SPDX-License-Identifier: MIT */
/*
 * profile: a named recipe that turns a window of audio into a fixed number of features.
 *
 * A profile is a table of parameters (params.h), a fixed list of named features, how far it looks
 * beyond the window, and an extractor. There is one table of profiles; training, offline use and
 * the daemon all go through it, so what is trained is what runs. To add a profile: one file, one
 * row in profiles.c.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/audio/window.h"
#include "core/base/diag.h"
#include "core/base/params.h"

#define HK_PROFILE_CONFIG_SIZE 2048 /* bytes, enough for every profile's parameters */
#define HK_FEATURE_NAME_SIZE 32

struct hk_extractor; /* opaque: each profile has its own */

/* The behaviour of one profile. Every function gets the profile's own parameter struct as CONFIG.
 */
struct hk_profile {
	const char *name; /* "spectrogram" */
	const char *help; /* one sentence */
	const struct hk_param *params;
	size_t n_params;
	uint32_t default_rate_hz; /* what a new model is trained at; 0 = the recordings' own */
	double window_s, step_s;  /* what a new model is trained with */
	bool keeps_offset;        /* features of the samples as they are, for models imported from
				     elsewhere;        no: without their DC offset (highpass.h) */
	/* Can it work with these parameters on windows of this shape at this rate? 0, or -EINVAL
	 * with DIAG. */
	int (*check)(const void *config, uint32_t rate_hz, uint32_t n_window_frames,
		uint32_t n_step_frames, struct hk_diag *diag);
	size_t (*n_features)(const void *config);
	/* Write the name of feature INDEX, NUL-terminated: letters, digits and underscores. */
	void (*feature_name)(const void *config, size_t index, char ret_name[HK_FEATURE_NAME_SIZE]);
	/* Frames the extractor reads before and after the window. */
	void (*context)(const void *config, uint32_t *ret_n_left, uint32_t *ret_n_right);
	/* 0, -ENOMEM. CONFIG was checked and is copied. */
	int (*extractor_new)(struct hk_extractor **ret, const void *config, uint32_t rate_hz,
		uint32_t n_window_frames, uint32_t n_step_frames);
	void (*extractor_free)(struct hk_extractor *extractor);
	/*
	 * Features of one window. Shapes: ret_features[n_features]. Windows of one stream come in
	 * order; an extractor may keep what two of them share and must notice (view->index,
	 * view->first_frame) when the stream is a new one. The result never depends on what was
	 * kept. No allocation.
	 */
	void (*compute)(struct hk_extractor *extractor, const struct hk_window_view *view,
		float *ret_features);
};

/* A profile with its parameters, ready to be used: what [profile] of model.ini says. */
struct hk_profile_config {
	const struct hk_profile *profile;
	_Alignas(16) unsigned char config[HK_PROFILE_CONFIG_SIZE];
};

/* PROFILE with its default parameters. */
void hk_profile_config_init(struct hk_profile_config *config, const struct hk_profile *profile);
