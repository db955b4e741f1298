/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "daemon/api/api_methods.h"

/* A client with this much unread gets no picture until it has read: the next one shows the present.
 */
#define PICTURE_PATIENCE (64 * 1024)

struct hk_monitor {
	struct hk_monitor *next;
	struct hk_api *api;
	struct hk_varlink_call *call;
	bool pictures;
};

static void count_pictures(struct hk_api *api, int change)
{
	const bool before = api->n_picture_monitors > 0;
	api->n_picture_monitors += (unsigned)change;
	const bool after = api->n_picture_monitors > 0;
	if (before != after) {
		api->daemon.want_pictures(api->daemon.owner, after);
	}
}

static void remove_monitor(void *data)
{
	struct hk_monitor *monitor = data;
	struct hk_monitor **at = &monitor->api->monitors;
	while (*at != monitor) {
		at = &(*at)->next;
	}
	*at = monitor->next;
	if (monitor->pictures) {
		count_pictures(monitor->api, -1);
	}
	free(monitor);
}

void hk_api_monitor(void *owner, struct hk_varlink_call *call, json_t *parameters)
{
	struct hk_api *api = owner;
	struct hk_monitor *monitor = calloc(1, sizeof(*monitor));
	if (!monitor) {
		hk_varlink_error(call, "org.varlink.service.MethodNotImplemented", NULL);
		return;
	}
	monitor->api = api;
	monitor->call = call;
	monitor->pictures = json_is_true(json_object_get(parameters, "pictures"));
	monitor->next = api->monitors;
	api->monitors = monitor;
	if (monitor->pictures) {
		count_pictures(api, 1);
	}
	hk_varlink_on_cancel(call, remove_monitor, monitor);
}

bool hk_api_has_monitors(const struct hk_api *api)
{
	return api->monitors;
}

void hk_api_window(struct hk_api *api, json_t *window)
{
	for (struct hk_monitor *monitor = api->monitors; monitor; monitor = monitor->next) {
		hk_varlink_reply(monitor->call, json_pack("{s:O}", "window", window), true);
	}
}

void hk_api_picture(struct hk_api *api, json_t *picture)
{
	for (struct hk_monitor *monitor = api->monitors; monitor; monitor = monitor->next) {
		if (monitor->pictures && hk_varlink_unread(monitor->call) < PICTURE_PATIENCE) {
			hk_varlink_reply(
				monitor->call, json_pack("{s:O}", "picture", picture), true);
		}
	}
}
