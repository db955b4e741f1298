/* SPDX-License-Identifier: MIT */
#include "clients/socket/device_users.h"

#include "clients/socket/sockets.h"
#include "clients/socket/varlink_client.h"

#define CONNECT_TIMEOUT_MS 1000

static json_t *ask_status(const char *path)
{
	struct hk_varlink_client remote = { 0 };
	json_t *reply = NULL;
	if (hk_varlink_client_open(&remote, path, CONNECT_TIMEOUT_MS, NULL) == HK_EXIT_OK) {
		(void)hk_varlink_client_call(&remote, "GetStatus", NULL, &reply, NULL);
	}
	hk_varlink_client_close(&remote);
	return reply;
}

static void add(json_t *users, json_t *reply)
{
	json_t *instance, *source;
	const char *device;
	if (json_unpack(reply, "{s:{s:o, s:o}}", "status", "instance", &instance, "source",
		    &source) < 0 ||
		json_unpack(source, "{s:s}", "device", &device) < 0) {
		return;
	}
	json_t *list = json_object_get(users, device);
	if (!list) {
		list = json_array();
		json_object_set_new(users, device, list);
	}
	json_object_set(source, "instance", instance);
	json_array_append(list, source);
}

json_t *hk_device_users(void)
{
	struct hk_sockets sockets;
	json_t *users = json_object();
	hk_sockets_look(&sockets);
	for (size_t i = 0; i < sockets.n_paths; i++) {
		json_t *reply = ask_status(sockets.paths[i]);
		if (reply) {
			add(users, reply);
		}
		json_decref(reply);
	}
	hk_sockets_finish(&sockets);
	return users;
}
