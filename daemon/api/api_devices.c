/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "daemon/api/api_methods.h"
#include "daemon/capture/helper_process.h"
#include "daemon/capture/helper_progress.h"

#define MAX_TEXT (256 * 1024)

/* Who waits for a list. */
struct query {
	struct query *next;
	struct hk_devices_listing *listing;
	struct hk_varlink_call *call;
};

/* A list being made: `hearken-capture --list` runs. One at a time: whoever asks meanwhile gets this
 * one's answer, and nobody makes us start a process for each of his requests. */
struct hk_devices_listing {
	struct hk_api *api;
	struct query *queries;
	struct hk_helper_process helper;
	sd_event_source *io;
	sd_event_source *slice;
	struct hk_helper_progress progress;
	char *text; /* what it has written, NUL-terminated */
	size_t n_text;
};

static void remove_listing(struct hk_devices_listing *listing)
{
	listing->api->devices_listing = NULL;
	sd_event_source_disable_unref(listing->io);
	sd_event_source_disable_unref(listing->slice);
	hk_helper_process_finish(&listing->helper);
	free(listing->text);
	free(listing);
}

static void on_cancel(void *data)
{
	struct query *query = data;
	struct hk_devices_listing *listing = query->listing;
	struct query **at = &listing->queries;
	while (*at != query) {
		at = &(*at)->next;
	}
	*at = query->next;
	free(query);
	if (!listing->queries) {
		remove_listing(listing); /* nobody wants to know any more */
	}
}

/* Answer all who wait with DEVICES, or with ERROR when there are none. The listing is gone then. */
static void answer(struct hk_devices_listing *listing, json_t *devices, const char *error)
{
	struct query *next = listing->queries;
	char *reason = strdup(error ? error : ""); /* it may be the listing's own text */
	remove_listing(listing);
	while (next) {
		struct query *query = next;
		next = query->next;
		hk_varlink_on_cancel(query->call, NULL, NULL);
		if (devices) {
			hk_varlink_reply(
				query->call, json_pack("{s:O}", "devices", devices), false);
		} else {
			hk_varlink_error(query->call, "io.hearken.DevicesUnavailable",
				json_pack("{s:s}", "reason", reason ? reason : "out of memory"));
		}
		free(query);
	}
	json_decref(devices);
	free(reason);
}

static void fail(struct hk_devices_listing *listing, const char *reason)
{
	answer(listing, NULL, reason);
}

/* type Device of one line of the list. */
static json_t *device_json(const json_t *line, const struct hk_capture_status *source)
{
	const char *name = json_string_value(json_object_get(line, "name"));
	const bool in_use = strcmp(name, source->device) == 0;
	/* Nobody but us can look at a card that we hold open. */
	const bool known = !json_is_true(json_object_get(line, "busy"));
	const json_int_t n_channels = json_integer_value(json_object_get(line, "channels"));
	const json_int_t rate_hz = json_integer_value(json_object_get(line, "default_rate"));
	return json_pack("{s:s, s:O, s:I, s:I, s:O, s:b}", "name", name, "host_api",
		json_object_get(line, "host_api"), "channels",
		known || !in_use ? n_channels : (json_int_t)source->n_channels, "rate_hz",
		known || !in_use ? rate_hz : (json_int_t)source->rate_hz, "is_default",
		json_object_get(line, "default"), "in_use", in_use);
}

static void finish(struct hk_devices_listing *listing)
{
	struct hk_daemon_status vitals = { 0 };
	listing->api->daemon.vitals(listing->api->daemon.owner, &vitals);
	json_t *devices = json_array();
	char *save = NULL;
	const char *reason = "nothing was listed";
	for (char *text = strtok_r(listing->text, "\n", &save); text;
		text = strtok_r(NULL, "\n", &save)) {
		json_t *line = json_loads(text, 0, NULL);
		if (json_is_string(json_object_get(line, "name"))) {
			json_array_append_new(devices, device_json(line, &vitals.source));
		} else {
			reason = text;
		}
		json_decref(line);
	}
	if (json_array_size(devices) == 0) {
		json_decref(devices);
		fail(listing, reason);
		return;
	}
	answer(listing, devices, NULL);
}

static int on_output(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	(void)source;
	(void)events;
	struct hk_devices_listing *listing = userdata;
	char buffer[4096];
	const ssize_t n = read(fd, buffer, sizeof(buffer));
	if (n < 0) {
		return 0;
	}
	hk_helper_progress_speaks(&listing->progress);
	char *grown = realloc(listing->text, listing->n_text + (size_t)n + 1);
	if (!grown || listing->n_text + (size_t)n > MAX_TEXT) {
		listing->text = grown ? grown : listing->text;
		fail(listing, "the list of devices is too long");
		return 0;
	}
	listing->text = grown;
	memcpy(listing->text + listing->n_text, buffer, (size_t)n);
	listing->n_text += (size_t)n;
	listing->text[listing->n_text] = '\0';
	if (n == 0) {
		finish(listing);
	}
	return 0;
}

/* PortAudio can hang. */
static int on_slice(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)usec;
	struct hk_devices_listing *listing = userdata;
	if (hk_helper_progress_hangs(&listing->progress)) {
		fail(listing, "the sound system does not answer");
		return 0;
	}
	(void)sd_event_source_set_time_relative(source, HK_PROGRESS_SLICE_USEC);
	(void)sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
	return 0;
}

static int start_listing(struct hk_api *api, struct hk_diag *diag)
{
	struct hk_devices_listing *listing = calloc(1, sizeof(*listing));
	if (!listing) {
		return -ENOMEM;
	}
	listing->api = api;
	api->devices_listing = listing;
	int r = hk_helper_process_start_list(&listing->helper, api->helper, diag);
	if (r >= 0) {
		r = sd_event_add_io(api->event, &listing->io, listing->helper.report_fd, EPOLLIN,
			on_output, listing);
	}
	if (r >= 0) {
		hk_helper_progress_begin(&listing->progress, listing->helper.pid);
		r = sd_event_add_time_relative(api->event, &listing->slice, CLOCK_MONOTONIC,
			HK_PROGRESS_SLICE_USEC, 0, on_slice, listing);
	}
	if (r < 0) {
		remove_listing(listing);
	}
	return r;
}

void hk_api_list_devices(void *owner, struct hk_varlink_call *call, json_t *parameters)
{
	(void)parameters;
	struct hk_api *api = owner;
	struct hk_diag diag = { "out of memory" };
	struct query *query = calloc(1, sizeof(*query));
	const int r = !query ? -ENOMEM : api->devices_listing ? 0 : start_listing(api, &diag);
	if (r < 0) {
		hk_varlink_error(call, "io.hearken.DevicesUnavailable",
			json_pack("{s:s}", "reason", diag.text));
		free(query);
		return;
	}
	*query = (struct query){ api->devices_listing->queries, api->devices_listing, call };
	api->devices_listing->queries = query;
	hk_varlink_on_cancel(call, on_cancel, query);
}
