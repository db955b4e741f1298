/* SPDX-License-Identifier: MIT */
#include "daemon/publish/event_windows.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "core/base/time_text.h"
#include "core/detection/detector.h"

#define N_RECENT                                                                                   \
	(sizeof(((struct hk_recent_windows *)0)->windows) /                                        \
		sizeof(struct hk_analysis_report_window))

void hk_recent_windows_add(
	struct hk_recent_windows *recent, const struct hk_analysis_report_window *window)
{
	recent->windows[recent->n++ % N_RECENT] = *window;
}

int hk_event_windows_start(struct hk_event_windows *trail, const struct hk_recent_windows *recent,
	uint64_t start_frame)
{
	const size_t size = 2 * HK_EVENT_WINDOWS_HALF * sizeof(*trail->windows);
	if (!trail->windows && !(trail->windows = malloc(size))) {
		return -ENOMEM;
	}
	trail->n = 0;
	uint64_t first = recent->n > N_RECENT ? recent->n - N_RECENT : 0;
	uint64_t onset = first;
	while (onset < recent->n && recent->windows[onset % N_RECENT].first_frame < start_frame) {
		onset++;
	}
	if (onset > first + HK_EVENT_WINDOWS_BEFORE) {
		first = onset - HK_EVENT_WINDOWS_BEFORE;
	}
	for (uint64_t i = first; i < recent->n; i++) {
		hk_event_windows_add(trail, &recent->windows[i % N_RECENT]);
	}
	return 0;
}

void hk_event_windows_add(
	struct hk_event_windows *trail, const struct hk_analysis_report_window *window)
{
	if (!trail->windows) {
		return;
	}
	uint64_t at = trail->n++;
	if (at >= HK_EVENT_WINDOWS_HALF) {
		at = HK_EVENT_WINDOWS_HALF + (at - HK_EVENT_WINDOWS_HALF) % HK_EVENT_WINDOWS_HALF;
	}
	trail->windows[at] = *window;
}

void hk_event_windows_finish(struct hk_event_windows *trail)
{
	free(trail->windows);
	*trail = (struct hk_event_windows){ 0 };
}

static json_t *level_json(float level_dbfs)
{
	return isfinite(level_dbfs) ? json_real((double)level_dbfs) : NULL;
}

/* The class that smoothing over time finds the most probable; NULL: the model does not smooth. */
static const char *smoothed_label(
	const struct hk_analysis_report_window *window, const struct hk_model *model)
{
	uint32_t best = 0;
	for (uint32_t i = 1; i < model->n_labels; i++) {
		if (window->smoothed[i] > window->smoothed[best]) {
			best = i;
		}
	}
	return window->is_smoothed ? model->labels[best] : NULL;
}

json_t *hk_window_json(const struct hk_analysis_report_window *window, const struct hk_model *model)
{
	const bool zeros = window->label == HK_NO_LABEL;
	char start[HK_TIME_TEXT_SIZE];
	hk_time_print_utc(window->start_us, start);
	json_t *classes = json_array();
	for (uint32_t i = 0; i < model->n_labels; i++) {
		json_array_append_new(classes,
			json_pack("{s:s, s:f, s:o*, s:s}", "label", model->labels[i], "probability",
				(double)window->probabilities[i], "smoothed",
				window->is_smoothed ? json_real((double)window->smoothed[i]) : NULL,
				"gate", hk_gate_name((enum hk_gate)window->gates[i])));
	}
	return json_pack("{s:s, s:I, s:I, s:b, s:o*, s:o*, s:s*, s:s*, s:o}", "start", start,
		"start_frame", (json_int_t)window->first_frame, "end_frame",
		(json_int_t)window->end_frame, "zeros", zeros, "level_dbfs",
		level_json(window->level_dbfs), "peak_dbfs", level_json(window->peak_dbfs), "label",
		zeros ? NULL : model->labels[window->label], "smoothed_label",
		smoothed_label(window, model), "classes", classes);
}

json_t *hk_event_windows_json(
	const struct hk_event_windows *trail, const struct hk_model *model, uint64_t *ret_omitted)
{
	json_t *windows = json_array();
	const uint64_t n_kept =
		trail->n < 2 * HK_EVENT_WINDOWS_HALF ? trail->n : 2 * HK_EVENT_WINDOWS_HALF;
	*ret_omitted = trail->n - n_kept;
	for (uint64_t i = 0; i < n_kept; i++) {
		/* the second half is a ring, its oldest window comes first */
		uint64_t at = i;
		if (i >= HK_EVENT_WINDOWS_HALF && *ret_omitted > 0) {
			at = HK_EVENT_WINDOWS_HALF + (i + *ret_omitted) % HK_EVENT_WINDOWS_HALF;
		}
		json_array_append_new(windows, hk_window_json(&trail->windows[at], model));
	}
	return windows;
}
