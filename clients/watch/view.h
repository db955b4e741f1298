/* SPDX-License-Identifier: MIT */
/*
 * view: a scene laid out on a canvas: the waveform and the spectrogram of the last seconds, below
 * them the classes, the level and the events. One thread.
 */
#pragma once

#include <stddef.h>

#include "clients/watch/canvas.h"
#include "clients/watch/scene.h"

struct hk_view {
	double seconds;         /* of the picture */
	int64_t now_us;         /* since 1970 */
	const char *news;       /* a line above all else; "": none */
	size_t place, n_places; /* which instance it is, from 1 on, of how many */
};

void hk_view_draw(
	const struct hk_view *view, const struct hk_watch_scene *scene, struct hk_canvas *canvas);
