/* SPDX-License-Identifier: MIT */
/*
 * What `hearken watch` makes of a hostile daemon's replies: messages ended by NUL, each after a
 * byte that says to which question; after each the picture is drawn, on canvases of several sizes.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "clients/watch/view.h"
#include "tests/fuzz/fuzz.h"

#define MAX_MESSAGES 16

static const struct {
	int n_columns, n_rows;
	enum hk_colours colours;
} canvases[] = {
	{ 80, 24, HK_COLOURS_256 },
	{ 200, 60, HK_COLOURS_24BIT },
	{ 40, 12, HK_COLOURS_PLAIN },
	{ 10, 3, HK_COLOURS_PLAIN },
};

static void take(struct hk_watch_scene *scene, uint8_t kind, const char *text, size_t length)
{
	struct hk_diag diag = { "" };
	struct hk_event_view heard;
	int r = 0;
	json_t *reply = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
	switch (kind % 4) {
	case 0:
		r = hk_watch_scene_monitor(scene, reply, &diag);
		break;
	case 1:
		r = hk_watch_scene_status(scene, reply, &diag);
		break;
	case 2:
		r = hk_event_view_read(json_object_get(reply, "event"), &heard, &diag);
		if (r == 0) {
			hk_watch_scene_event(scene, &heard);
		}
		break;
	default:
		hk_watch_scene_lost(scene);
		break;
	}
	fuzz_require_reason(r, &diag);
	json_decref(reply);
}

static void draw(const struct hk_watch_scene *scene, uint8_t how, int fd)
{
	const size_t which = how / 4 % (sizeof(canvases) / sizeof(canvases[0]));
	struct hk_canvas canvas = { .colours = canvases[which].colours };
	const struct hk_view view = {
		.seconds = how & 0x40 ? 600 : 10,
		.now_us = INT64_C(1795341600000000),
		.news = how & 0x80 ? "the daemon went away" : "",
	};
	FUZZ_REQUIRE(
		hk_canvas_resize(&canvas, canvases[which].n_columns, canvases[which].n_rows) == 0);
	hk_view_draw(&view, scene, &canvas);
	FUZZ_REQUIRE(hk_canvas_flush(&canvas, fd) == 0);
	hk_canvas_finish(&canvas);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct hk_watch_scene scene;
	static int nowhere = -1;
	struct fuzz_bytes bytes = { data, size };
	if (nowhere < 0) {
		nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	}
	scene = (struct hk_watch_scene){ 0 };
	for (int i = 0; i < MAX_MESSAGES && bytes.n_left > 0; i++) {
		const uint8_t how = fuzz_u8(&bytes);
		const uint8_t *end = bytes.n_left ? memchr(bytes.at, '\0', bytes.n_left) : NULL;
		const struct fuzz_part text =
			fuzz_take(&bytes, end ? (size_t)(end - bytes.at) : bytes.n_left);
		(void)fuzz_u8(&bytes); /* the NUL */
		take(&scene, how, text.data, text.size);
		draw(&scene, how, nowhere);
	}
	return 0;
}
