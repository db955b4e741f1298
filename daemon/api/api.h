/* SPDX-License-Identifier: MIT */
/*
 * api: the methods of io.hearken on the socket, over what the daemon knows.
 *
 * The daemon tells it what happens (published events, changes of the source, windows, pictures); it
 * answers and streams. Nothing here waits: history is asked of the store's thread, devices of a
 * helper process. Main thread only; not real-time.
 */
#pragma once

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "core/base/diag.h"
#include "daemon/status/daemon_status.h"
#include "daemon/store/event_record.h"
#include "daemon/store/store.h"
#include "daemon/varlink/varlink.h"

/* What the methods need of the daemon. */
struct hk_api_daemon {
	void *owner;
	/* Fill in the moment. The pointers in it live until the loop goes on. */
	void (*vitals)(void *owner, struct hk_daemon_status *ret);
	/* Windows so far of the ongoing event ID, type []Window, and how many were left out; NULL:
	 * it is not ongoing. New reference. */
	json_t *(*trail)(void *owner, uint64_t id, uint64_t *ret_omitted);
	/* Read configuration and model again. 0, or a negative errno with DIAG. */
	int (*reload)(void *owner, struct hk_diag *diag);
	/* Somebody wants pictures of the sound (the analysis makes them only then). */
	void (*want_pictures)(void *owner, bool wanted);
};

struct hk_api;

/* DAEMON is copied; STORE (NULL: no history) and HELPER (path of hearken-capture) must outlive the
 * api. */
int hk_api_new(struct hk_api **ret, sd_event *event, const struct hk_api_daemon *daemon,
	struct hk_store *store, const char *helper);
void hk_api_free(struct hk_api *api);

/* Where to accept: hk_varlink_listen, hk_varlink_listen_fd. */
struct hk_varlink_server *hk_api_server(struct hk_api *api);

/* An event started or ended: to the followers. In the order of the sequences, each once. */
void hk_api_event(struct hk_api *api, const struct hk_event_record *record);

/* The source's state changed: to the followers who asked for it. */
void hk_api_source(struct hk_api *api);

/* A window was analysed, a strip of the picture is there (types Window and Picture; borrowed): to
 * the monitors. */
void hk_api_window(struct hk_api *api, json_t *window);
void hk_api_picture(struct hk_api *api, json_t *picture);

/* True when somebody watches: windows need to be made into JSON. */
bool hk_api_has_monitors(const struct hk_api *api);

/* The interface: its table of methods and its description, for the test that compares them. */
extern const struct hk_varlink_interface hk_api_interface;
