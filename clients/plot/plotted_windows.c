/* SPDX-License-Identifier: MIT */
#include "clients/plot/plotted_windows.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/detection/event_pipeline.h"

struct listener {
	struct hk_plotted_windows *hearing;
	const struct hk_recording *recording;
	struct hk_event_pipeline *decider;
	bool out_of_memory;
};

/* Make *LIST, of SIZE bytes a member, longer when all of *MAX are used. */
static bool grow(void **list, size_t size, size_t n, size_t *max)
{
	if (n < *max) {
		return true;
	}
	const size_t more = *max ? 2 * *max : 256;
	void *grown = reallocarray(*list, more, size);
	if (!grown) {
		return false;
	}
	*list = grown;
	*max = more;
	return true;
}

static bool keep_window(struct listener *listener, const struct hk_window_result *result)
{
	struct hk_plotted_windows *hearing = listener->hearing;
	const size_t n_labels = hearing->model->n_labels;
	void *windows = hearing->windows;
	if (!grow(&windows, (1 + n_labels) * sizeof(double), hearing->n_windows,
		    &hearing->max_windows)) {
		return false;
	}
	hearing->windows = windows;
	double *row = hearing->windows + hearing->n_windows++ * (1 + n_labels);
	row[0] = hk_recording_seconds(listener->recording, result->first_frame) / 2 +
		hk_recording_seconds(listener->recording, result->end_frame) / 2;
	for (size_t i = 0; i < n_labels; i++) {
		row[1 + i] = result->zeros ? (double)NAN : result->classification.probabilities[i];
	}
	return true;
}

static void on_window(void *owner, const struct hk_window_result *result)
{
	struct listener *listener = owner;
	if (!keep_window(listener, result)) {
		listener->out_of_memory = true;
		return;
	}
	hk_event_pipeline_push(listener->decider, result);
}

static void ignore_start(void *owner, const struct hk_event *event)
{
	(void)owner;
	(void)event;
}

static void keep_event(void *owner, const struct hk_event *event)
{
	struct listener *listener = owner;
	struct hk_plotted_windows *hearing = listener->hearing;
	void *events = hearing->events;
	if (grow(&events, sizeof(*event), hearing->n_events, &hearing->max_events)) {
		hearing->events = events;
		hearing->events[hearing->n_events++] = *event;
	} else {
		listener->out_of_memory = true;
	}
}

enum hk_exit hk_plotted_windows_analyse(struct hk_plotted_windows *ret,
	struct hk_recording *recording, const struct hk_model *model, const struct hk_output *out)
{
	*ret = (struct hk_plotted_windows){ .model = model };
	struct listener listener = { .hearing = ret, .recording = recording };
	const struct hk_event_pipeline_sink sink = {
		.owner = &listener,
		.on_start = ignore_start,
		.on_end = keep_event,
	};
	const int r = hk_event_pipeline_new(
		&listener.decider, model, model->rules, recording->info.rate_hz, &sink);
	if (r < 0) {
		hk_message("%s: %s", recording->path, strerror(-r));
		return HK_EXIT_INTERNAL;
	}
	const struct hk_window_pipeline_setup setup = hk_window_pipeline_setup_of(model);
	enum hk_exit exit_code = hk_recording_analyse(recording, &setup, on_window, &listener, out);
	hk_event_pipeline_finish(listener.decider, HK_EVENT_ENDED);
	hk_event_pipeline_free(listener.decider);
	if (exit_code == HK_EXIT_OK && listener.out_of_memory) {
		hk_message("%s: out of memory", recording->path);
		exit_code = HK_EXIT_INTERNAL;
	}
	if (exit_code != HK_EXIT_OK) {
		hk_plotted_windows_finish(ret);
	}
	return exit_code;
}

void hk_plotted_windows_finish(struct hk_plotted_windows *hearing)
{
	free(hearing->windows);
	free(hearing->events);
	*hearing = (struct hk_plotted_windows){ 0 };
}
