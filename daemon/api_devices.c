/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "daemon/api_methods.h"
#include "daemon/helper.h"

#define PATIENCE_USEC (10 * 1000 * 1000) /* PortAudio can hang */
#define MAX_TEXT (256 * 1024)

/* One list being made: `hearken-capture --list` runs, and CALL waits for it. */
struct hk_devices_query {
	struct hk_devices_query *next;
	struct hk_api *api;
	struct hk_varlink_call *call;
	struct hk_helper helper;
	sd_event_source *io;
	sd_event_source *timeout;
	char *text; /* what it has written, NUL-terminated */
	size_t n_text;
};

static void remove_query(void *data)
{
	struct hk_devices_query *query = data;
	struct hk_devices_query **at = &query->api->device_queries;
	while (*at && *at != query) {
		at = &(*at)->next;
	}
	if (*at) {
		*at = query->next;
	}
	sd_event_source_disable_unref(query->io);
	sd_event_source_disable_unref(query->timeout);
	hk_helper_finish(&query->helper);
	free(query->text);
	free(query);
}

static void fail(struct hk_devices_query *query, const char *reason)
{
	hk_varlink_error(
		query->call, "io.hearken.DevicesUnavailable", json_pack("{s:s}", "reason", reason));
	remove_query(query);
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

static void finish(struct hk_devices_query *query)
{
	struct hk_vitals vitals = { 0 };
	query->api->daemon.vitals(query->api->daemon.owner, &vitals);
	json_t *devices = json_array();
	char *save = NULL;
	const char *reason = "nothing was listed";
	for (char *text = strtok_r(query->text, "\n", &save); text;
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
		fail(query, reason);
		return;
	}
	hk_varlink_reply(query->call, json_pack("{s:o}", "devices", devices), false);
	remove_query(query);
}

static int on_output(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	(void)source;
	(void)events;
	struct hk_devices_query *query = userdata;
	char buffer[4096];
	const ssize_t n = read(fd, buffer, sizeof(buffer));
	if (n < 0) {
		return 0;
	}
	char *grown = realloc(query->text, query->n_text + (size_t)n + 1);
	if (!grown || query->n_text + (size_t)n > MAX_TEXT) {
		query->text = grown ? grown : query->text;
		fail(query, "the list of devices is too long");
		return 0;
	}
	query->text = grown;
	memcpy(query->text + query->n_text, buffer, (size_t)n);
	query->n_text += (size_t)n;
	query->text[query->n_text] = '\0';
	if (n == 0) {
		finish(query);
	}
	return 0;
}

static int on_timeout(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	fail(userdata, "the sound system does not answer");
	return 0;
}

void hk_api_list_devices(void *owner, struct hk_varlink_call *call, json_t *parameters)
{
	(void)parameters;
	struct hk_api *api = owner;
	struct hk_diag diag = { "out of memory" };
	struct hk_devices_query *query = calloc(1, sizeof(*query));
	if (!query) {
		hk_varlink_error(call, "io.hearken.DevicesUnavailable",
			json_pack("{s:s}", "reason", diag.text));
		return;
	}
	query->api = api;
	query->call = call;
	query->next = api->device_queries;
	api->device_queries = query;
	int r = hk_helper_start_list(&query->helper, api->helper, &diag);
	if (r >= 0) {
		r = sd_event_add_io(
			api->event, &query->io, query->helper.report_fd, EPOLLIN, on_output, query);
	}
	if (r >= 0) {
		r = sd_event_add_time_relative(api->event, &query->timeout, CLOCK_MONOTONIC,
			PATIENCE_USEC, 0, on_timeout, query);
	}
	if (r < 0) {
		fail(query, diag.text);
		return;
	}
	hk_varlink_on_cancel(call, remove_query, query);
}
