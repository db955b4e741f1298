/* SPDX-License-Identifier: MIT */
#include "clients/watch/scene.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clients/cli/output.h"
#include "core/base/printable.h"

/* ---- pictures ---- */

static struct hk_watch_scene_column *next_column(struct hk_watch_scene *scene)
{
	struct hk_watch_scene_column *column =
		&scene->columns[scene->n_columns++ % HK_WATCH_SCENE_COLUMNS];
	*column = (struct hk_watch_scene_column){ 0 };
	return column;
}

/* Leave room for the frames before START that never came. */
static void add_hole(struct hk_watch_scene *scene, int64_t start)
{
	if (scene->n_columns == 0 || start == scene->next_frame) {
		return;
	}
	int64_t n = (start - scene->next_frame) / scene->n_column_frames;
	n = n < 1 ? 1 : n > HK_WATCH_SCENE_COLUMNS ? HK_WATCH_SCENE_COLUMNS : n;
	for (; n > 0; n--) {
		next_column(scene)->lost = true;
	}
}

static int read_column(struct hk_watch_scene *scene, const json_t *minimum, const json_t *maximum,
	const json_t *rows)
{
	if (!json_is_number(minimum) || !json_is_number(maximum) ||
		json_array_size(rows) != HK_LIVE_SPECTROGRAM_ROWS) {
		return -EPROTO;
	}
	struct hk_watch_scene_column *column = next_column(scene);
	column->minimum = (float)json_number_value(minimum);
	column->maximum = (float)json_number_value(maximum);
	for (size_t row = 0; row < HK_LIVE_SPECTROGRAM_ROWS; row++) {
		const json_t *db = json_array_get(rows, row);
		if (!json_is_integer(db)) {
			return -EPROTO;
		}
		column->db[row] = (int8_t)fmin(
			0, fmax(HK_LIVE_SPECTROGRAM_FLOOR_DB, (double)json_integer_value(db)));
	}
	return 0;
}

static int read_picture(struct hk_watch_scene *scene, json_t *picture, struct hk_diag *diag)
{
	json_int_t start, n_column_frames, rate_hz;
	json_t *minimum, *maximum, *columns;
	json_error_t why;
	if (json_unpack_ex(picture, &why, 0, "{s:I, s:I, s:I, s:F, s:F, s:o, s:o, s:o}",
		    "start_frame", &start, "frames_per_column", &n_column_frames, "rate_hz",
		    &rate_hz, "fmin_hz", &scene->fmin_hz, "fmax_hz", &scene->fmax_hz, "minimum",
		    &minimum, "maximum", &maximum, "columns", &columns) < 0) {
		return hk_diag_set(diag, -EPROTO, "a picture that cannot be read: %s", why.text);
	}
	if (start < 0 || start > INT64_MAX / 2 || n_column_frames < 1 ||
		n_column_frames > 1000000 || rate_hz < 1 || rate_hz > 1000000 ||
		!(scene->fmin_hz > 0) || !(scene->fmax_hz > scene->fmin_hz) ||
		!json_is_array(columns)) {
		return hk_diag_set(diag, -EPROTO, "a picture whose members cannot be");
	}
	if (rate_hz != scene->rate_hz || n_column_frames != scene->n_column_frames) {
		scene->n_columns = 0;
		scene->rate_hz = rate_hz;
		scene->n_column_frames = n_column_frames;
	}
	add_hole(scene, start);
	const size_t n = json_array_size(columns);
	for (size_t i = 0; i < n; i++) {
		if (read_column(scene, json_array_get(minimum, i), json_array_get(maximum, i),
			    json_array_get(columns, i)) < 0) {
			return hk_diag_set(diag, -EPROTO,
				"a picture that cannot be read: column %zu has not %d rows with "
				"their extent",
				i, HK_LIVE_SPECTROGRAM_ROWS);
		}
	}
	scene->next_frame = start + (int64_t)n * n_column_frames;
	scene->n_pictures++;
	return 0;
}

const struct hk_watch_scene_column *hk_watch_scene_column_at(
	const struct hk_watch_scene *scene, uint64_t index)
{
	const bool kept =
		index < scene->n_columns && scene->n_columns - index <= HK_WATCH_SCENE_COLUMNS;
	return kept ? &scene->columns[index % HK_WATCH_SCENE_COLUMNS] : NULL;
}

/* ---- windows ---- */

static int read_window(struct hk_watch_scene *scene, json_t *window, struct hk_diag *diag)
{
	int zeros;
	json_t *level = NULL, *peak = NULL, *classes;
	json_error_t why;
	if (json_unpack_ex(window, &why, 0, "{s:b, s?o, s?o, s:o}", "zeros", &zeros, "level_dbfs",
		    &level, "peak_dbfs", &peak, "classes", &classes) < 0) {
		return hk_diag_set(diag, -EPROTO, "a window that cannot be read: %s", why.text);
	}
	scene->has_window = true;
	scene->zeros = zeros;
	scene->level_dbfs = json_is_number(level) ? json_number_value(level) : -HUGE_VAL;
	scene->peak_dbfs = json_is_number(peak) ? json_number_value(peak) : -HUGE_VAL;
	scene->n_classes = 0;
	size_t i;
	json_t *entry;
	json_array_foreach(classes, i, entry)
	{
		const char *label, *gate;
		double probability;
		if (i == HK_WATCH_SCENE_CLASSES ||
			json_unpack_ex(entry, &why, 0, "{s:s, s:F, s:s}", "label", &label,
				"probability", &probability, "gate", &gate) < 0) {
			return hk_diag_set(diag, -EPROTO, "a window whose classes cannot be read");
		}
		struct hk_watch_scene_class *class = &scene->classes[scene->n_classes++];
		class->probability = probability;
		hk_printable(label, class->label, sizeof(class->label));
		hk_printable(gate, class->gate, sizeof(class->gate));
	}
	return 0;
}

int hk_watch_scene_monitor(struct hk_watch_scene *scene, json_t *reply, struct hk_diag *diag)
{
	json_t *picture = json_object_get(reply, "picture");
	json_t *window = json_object_get(reply, "window");
	if (json_is_object(picture)) {
		return read_picture(scene, picture, diag);
	}
	return json_is_object(window) ? read_window(scene, window, diag) : 0;
}

/* ---- status and events ---- */

int hk_watch_scene_status(struct hk_watch_scene *scene, json_t *reply, struct hk_diag *diag)
{
	const char *instance, *model, *state, *why_deaf;
	json_int_t gaps, lost_frames;
	json_t *clock = NULL, *ongoing, *event;
	json_error_t why;
	if (json_unpack_ex(reply, &why, 0, "{s:{s:s, s:I, s:{s:s, s:s, s:I}, s:{s:s}, s?o, s:o}}",
		    "status", "instance", &instance, "gaps", &gaps, "source", "state", &state,
		    "why", &why_deaf, "lost_frames", &lost_frames, "model", "name", &model, "clock",
		    &clock, "ongoing", &ongoing) < 0) {
		return hk_diag_set(diag, -EPROTO, "a status that cannot be read: %s", why.text);
	}
	hk_printable(instance, scene->instance, sizeof(scene->instance));
	hk_printable(model, scene->model, sizeof(scene->model));
	hk_printable(state, scene->state, sizeof(scene->state));
	hk_printable(why_deaf, scene->why, sizeof(scene->why));
	scene->n_gaps = gaps;
	scene->n_lost_frames = lost_frames;
	const json_t *drift = json_object_get(clock, "drift_ppm");
	scene->has_drift = json_is_number(drift);
	scene->drift_ppm = json_number_value(drift);
	scene->has_status = true;
	size_t i;
	json_array_foreach(ongoing, i, event)
	{
		struct hk_event_view heard;
		const int r = hk_event_view_read(event, &heard, diag);
		if (r < 0) {
			return r;
		}
		hk_watch_scene_event(scene, &heard);
	}
	return 0;
}

int hk_watch_scene_history(struct hk_watch_scene *scene, json_t *reply, struct hk_diag *diag)
{
	json_t *events = json_object_get(reply, "events"), *event;
	size_t i;
	if (!json_is_array(events)) {
		return hk_diag_set(diag, -EPROTO, "a reply to ListEvents that cannot be read");
	}
	json_array_foreach(events, i, event)
	{
		struct hk_event_view heard;
		const int r = hk_event_view_read(event, &heard, diag);
		if (r < 0) {
			return r;
		}
		hk_watch_scene_event(scene, &heard);
	}
	return 0;
}

/* Where event ID is, or belongs. */
static size_t place_of(const struct hk_watch_scene *scene, int64_t id)
{
	size_t at = 0;
	while (at < scene->n_events && scene->events[at].id > id) {
		at++;
	}
	return at;
}

void hk_watch_scene_event(struct hk_watch_scene *scene, const struct hk_event_view *heard)
{
	const size_t at = place_of(scene, heard->id);
	if (at == HK_WATCH_SCENE_EVENTS) {
		return; /* older than all that are kept */
	}
	const bool known = at < scene->n_events && scene->events[at].id == heard->id;
	if (known && scene->events[at].cursor > heard->cursor) {
		return;
	}
	if (!known) {
		scene->n_events += scene->n_events < HK_WATCH_SCENE_EVENTS;
		memmove(scene->events + at + 1, scene->events + at,
			(scene->n_events - at - 1) * sizeof(*scene->events));
	}
	struct hk_watch_scene_event *event = &scene->events[at];
	*event = (struct hk_watch_scene_event){
		.id = heard->id,
		.cursor = heard->cursor,
		.start_us = heard->start_us,
		.duration_ms = heard->duration_ms,
		.peak_probability = heard->peak_probability,
	};
	hk_printable(heard->label, event->label, sizeof(event->label));
	hk_printable(heard->state, event->state, sizeof(event->state));
}

void hk_watch_scene_lost(struct hk_watch_scene *scene)
{
	scene->has_window = scene->has_status = false;
	scene->rate_hz = scene->n_column_frames = 0;
}
