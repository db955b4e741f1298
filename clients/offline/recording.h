/* SPDX-License-Identifier: MIT */
/*
 * recording: one audio file through the analyzer, with what a person should know about it said on
 * stderr (channels that were mixed, a rate too low for the model, the part at the end that fills no
 * window). What detect, classify and features share. One thread.
 */
#pragma once

#include <stdint.h>

#include "clients/cli/commands.h"
#include "core/audio/audio_file.h"
#include "core/detection/window_pipeline.h"

struct hk_recording {
	const char *path; /* the caller's */
	struct hk_audio_file *file;
	struct hk_audio_info info;
};

/* CHANNEL: see hk_audio_open. Returns HK_EXIT_OK, or another code after saying why. */
enum hk_exit hk_recording_open(struct hk_recording *recording, const char *path, uint32_t channel);
void hk_recording_close(struct hk_recording *recording);

/*
 * Count the frames of the file at PATH by reading it: a header may not know or not be true.
 * Returns HK_EXIT_OK, or another code after saying why.
 */
enum hk_exit hk_recording_count(const char *path, uint32_t channel, uint64_t *ret_n_frames);

/* Position FRAME in seconds. */
double hk_recording_seconds(const struct hk_recording *recording, uint64_t frame);

typedef void hk_recording_window_fn(void *owner, const struct hk_window_result *result);

/*
 * Analyse the rest of RECORDING as SETUP says; ON_WINDOW gets each window with OWNER. Ends early
 * when OUT can no longer be written.
 * Returns HK_EXIT_OK, or another code after saying why; the windows before the damaged place have
 * been delivered by then. A recording shorter than a window is HK_EXIT_DATA.
 */
enum hk_exit hk_recording_analyse(struct hk_recording *recording,
	const struct hk_window_pipeline_setup *setup, hk_recording_window_fn *on_window,
	void *owner, const struct hk_output *out);

/*
 * FUNCTION for each argument of CALL, also after one that failed. Ends that fill no window: the
 * first is named with its file, those of all files are counted in a line at the end. Returns the
 * first code that was not HK_EXIT_OK.
 */
typedef enum hk_exit hk_recording_file_fn(void *owner, const char *path);
enum hk_exit hk_recording_each(
	const struct hk_call *call, hk_recording_file_fn *function, void *owner);
