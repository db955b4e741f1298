/* SPDX-License-Identifier: MIT */
/*
 * scene: what a daemon hears now and heard in the last seconds, gathered from its replies. Nothing
 * in a reply is believed: one that is not what the interface says is refused. One thread.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "clients/socket/event_view.h"
#include "core/base/diag.h"
#include "core/features/live_spectrogram.h"

#define HK_WATCH_SCENE_COLUMNS 4096 /* 80 s and more */
#define HK_WATCH_SCENE_CLASSES 128
#define HK_WATCH_SCENE_EVENTS 32
#define HK_WATCH_SCENE_TEXT 64

struct hk_watch_scene_column {
	bool lost; /* no sound of this moment came */
	float minimum, maximum;
	int8_t db[HK_LIVE_SPECTROGRAM_ROWS];
};

struct hk_watch_scene_class {
	char label[HK_WATCH_SCENE_TEXT];
	double probability;
	char gate[16];
};

struct hk_watch_scene_event {
	int64_t id, cursor, start_us, duration_ms;
	char label[HK_WATCH_SCENE_TEXT];
	char state[16];
	double peak_probability;
};

struct hk_watch_scene {
	/* From Monitor. */
	int64_t rate_hz, n_column_frames; /* 0: no picture came yet */
	double fmin_hz, fmax_hz;
	int64_t next_frame;
	uint64_t n_columns; /* ever; the last HK_WATCH_SCENE_COLUMNS are kept */
	struct hk_watch_scene_column columns[HK_WATCH_SCENE_COLUMNS];
	uint64_t n_pictures;
	bool has_window, zeros;
	double level_dbfs, peak_dbfs;
	size_t n_classes;
	struct hk_watch_scene_class classes[HK_WATCH_SCENE_CLASSES]; /* in the order of the model */

	/* From GetStatus. */
	bool has_status;
	char instance[HK_WATCH_SCENE_TEXT], model[HK_WATCH_SCENE_TEXT], state[HK_WATCH_SCENE_TEXT];
	char why[256];
	bool has_drift;
	double drift_ppm;
	int64_t n_gaps, n_lost_frames;

	/* The newest first. */
	size_t n_events;
	struct hk_watch_scene_event events[HK_WATCH_SCENE_EVENTS];
};

/* Each returns 0, or -EPROTO with DIAG; the scene may have taken a part then. */
int hk_watch_scene_monitor(struct hk_watch_scene *scene, json_t *reply, struct hk_diag *diag);
int hk_watch_scene_status(struct hk_watch_scene *scene, json_t *reply, struct hk_diag *diag);

/* A reply to ListEvents, newest first. */
int hk_watch_scene_history(struct hk_watch_scene *scene, json_t *reply, struct hk_diag *diag);

/* A change of an event; one that is older than what is known of the event is passed over. */
void hk_watch_scene_event(struct hk_watch_scene *scene, const struct hk_event_view *heard);

/* The daemon was lost: what it hears now is not known any more. */
void hk_watch_scene_lost(struct hk_watch_scene *scene);

/* Column INDEX of all that ever came; NULL: it is not kept. */
const struct hk_watch_scene_column *hk_watch_scene_column_at(
	const struct hk_watch_scene *scene, uint64_t index);
