/* SPDX-License-Identifier: MIT */
/*
 * api_methods: what the files of the api share: the api itself and the functions behind the
 * methods.
 */
#pragma once

#include "daemon/api/api.h"

struct hk_api {
	sd_event *event;
	struct hk_api_daemon daemon;
	struct hk_store *store;
	const char *helper;
	struct hk_varlink_server *server;
	struct hk_api_follower *followers;
	uint64_t published_sequence; /* of the newest change that the followers were told */
	uint64_t published_cursor;   /* the highest of those */
	uint64_t first_cursor;       /* of the first of those; 0: none was told */
	struct hk_monitor *monitors;
	unsigned n_picture_monitors;
	struct hk_devices_listing *devices_listing; /* NULL: none runs */
};

/* OWNER is the struct hk_api. */
void hk_api_list_events(void *owner, struct hk_varlink_call *call, json_t *parameters);
void hk_api_explain_event(void *owner, struct hk_varlink_call *call, json_t *parameters);
void hk_api_follow_events(void *owner, struct hk_varlink_call *call, json_t *parameters);
void hk_api_monitor(void *owner, struct hk_varlink_call *call, json_t *parameters);
void hk_api_list_devices(void *owner, struct hk_varlink_call *call, json_t *parameters);

/* Type Event of RECORD from the history: of one that goes on, as far as it has come. New reference.
 */
json_t *hk_api_event_json(const struct hk_api *api, const struct hk_event_record *record);

/* io.hearken.BadValue. */
void hk_api_bad_value(struct hk_varlink_call *call, const char *parameter, const char *expected);

/* False, and the call is answered with NoSuchLabel, when LABELS (may be NULL) has one the model
 * does not know. */
bool hk_api_check_labels(struct hk_api *api, struct hk_varlink_call *call, json_t *labels);

/* An id or cursor from PARAMETERS; 0 when it is not there. False: answered with BadValue. */
bool hk_api_get_number(
	struct hk_varlink_call *call, json_t *parameters, const char *name, uint64_t *ret);
