/* SPDX-License-Identifier: MIT */
/*
 * plotted_windows: what a model hears in a recording, kept: the probabilities of every window and
 * the events. One thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "clients/offline/recording.h"
#include "core/detection/detector.h"

struct hk_plotted_windows {
	const struct hk_model *model; /* the caller's */
	size_t n_windows, max_windows;
	/* n_windows * (1 + n_labels): the middle of a window in seconds, then its probabilities,
	 * which are NaN when it is digital zeros */
	double *windows;
	size_t n_events, max_events;
	struct hk_event *events; /* in the order of their ends */
};

/*
 * Analyse RECORDING, just opened, with MODEL. OUT: see hk_recording_analyse.
 * Returns HK_EXIT_OK, or another code after saying why.
 */
enum hk_exit hk_plotted_windows_analyse(struct hk_plotted_windows *ret,
	struct hk_recording *recording, const struct hk_model *model, const struct hk_output *out);
void hk_plotted_windows_finish(struct hk_plotted_windows *hearing);
