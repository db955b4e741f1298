/* SPDX-License-Identifier: MIT */
#include "daemon/api/api.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/api/api_methods.h"
#include "daemon/status/metrics.h"
#include "io.hearken.varlink.h" /* made of the interface file */

static void get_status(void *owner, struct hk_varlink_call *call, json_t *parameters)
{
	(void)parameters;
	const struct hk_api *api = owner;
	struct hk_daemon_status vitals = { 0 };
	api->daemon.vitals(api->daemon.owner, &vitals);
	hk_varlink_reply(
		call, json_pack("{s:o}", "status", hk_daemon_status_status_json(&vitals)), false);
}

static void get_metrics(void *owner, struct hk_varlink_call *call, json_t *parameters)
{
	const struct hk_api *api = owner;
	const char *wanted = json_string_value(json_object_get(parameters, "format"));
	enum hk_metrics_format format = HK_METRICS_OPENMETRICS;
	while (wanted && format < HK_N_METRICS_FORMATS &&
		strcmp(wanted, hk_metrics_format_name(format)) != 0) {
		format++;
	}
	if (format == HK_N_METRICS_FORMATS) {
		hk_api_bad_value(call, "format", "openmetrics or prometheus");
		return;
	}
	struct hk_daemon_status vitals = { 0 };
	api->daemon.vitals(api->daemon.owner, &vitals);
	char *text = hk_metrics_text(&vitals, format);
	hk_varlink_reply(call, json_pack("{s:s}", "text", text ? text : "# EOF\n"), false);
	free(text);
}

static void reload(void *owner, struct hk_varlink_call *call, json_t *parameters)
{
	(void)parameters;
	const struct hk_api *api = owner;
	struct hk_diag diag = { "" };
	if (api->daemon.reload(api->daemon.owner, &diag) < 0) {
		hk_varlink_error(
			call, "io.hearken.ReloadFailed", json_pack("{s:s}", "reason", diag.text));
		return;
	}
	hk_varlink_reply(call, NULL, false);
}

static const struct hk_varlink_method methods[] = {
	{ .name = "GetStatus", .call = get_status },
	{ .name = "ListEvents",
		.parameters = {
			{ "since", HK_VARLINK_STRING, false },
			{ "until", HK_VARLINK_STRING, false },
			{ "labels", HK_VARLINK_STRINGS, false },
			{ "state", HK_VARLINK_STRING, false },
			{ "after_id", HK_VARLINK_INT, false },
			{ "limit", HK_VARLINK_INT, false },
			{ "newest_first", HK_VARLINK_BOOL, false },
		},
		.call = hk_api_list_events },
	{ .name = "FollowEvents",
		.flags = HK_VARLINK_MORE,
		.parameters = {
			{ "after_cursor", HK_VARLINK_INT, false },
			{ "after_id", HK_VARLINK_INT, false },
			{ "labels", HK_VARLINK_STRINGS, false },
			{ "sources", HK_VARLINK_BOOL, false },
		},
		.call = hk_api_follow_events },
	{ .name = "Monitor",
		.flags = HK_VARLINK_MORE,
		.parameters = { { "pictures", HK_VARLINK_BOOL, false } },
		.call = hk_api_monitor },
	{ .name = "ExplainEvent",
		.parameters = { { "id", HK_VARLINK_INT, true } },
		.call = hk_api_explain_event },
	{ .name = "ListDevices", .call = hk_api_list_devices },
	{ .name = "GetMetrics",
		.parameters = { { "format", HK_VARLINK_STRING, false } },
		.call = get_metrics },
	{ .name = "Reload", .flags = HK_VARLINK_PRIVILEGED, .call = reload },
};

const struct hk_varlink_interface hk_api_interface = {
	.name = "io.hearken",
	.description = hk_io_hearken_varlink,
	.methods = methods,
	.n_methods = sizeof(methods) / sizeof(methods[0]),
	.vendor = "hearken",
	.product = "hearkend",
	.version = HK_VERSION,
	.url = "",
};

json_t *hk_api_event_json(const struct hk_api *api, const struct hk_event_record *record)
{
	struct hk_event_record so_far = *record;
	struct hk_daemon_status vitals = { 0 };
	if (record->event.state == HK_EVENT_ONGOING) {
		api->daemon.vitals(api->daemon.owner, &vitals);
	}
	for (size_t i = 0; i < vitals.n_ongoing; i++) {
		if (vitals.ongoing[i].event.id == record->event.id) {
			so_far = vitals.ongoing[i];
			so_far.cursor = record->cursor;
			so_far.stored = record->stored;
		}
	}
	return hk_event_record_json(&so_far);
}

void hk_api_bad_value(struct hk_varlink_call *call, const char *parameter, const char *expected)
{
	hk_varlink_error(call, "io.hearken.BadValue",
		json_pack("{s:s, s:s}", "parameter", parameter, "expected", expected));
}

bool hk_api_check_labels(struct hk_api *api, struct hk_varlink_call *call, json_t *labels)
{
	struct hk_daemon_status vitals = { 0 };
	api->daemon.vitals(api->daemon.owner, &vitals);
	size_t i;
	json_t *label;
	json_array_foreach(labels, i, label)
	{
		if (hk_model_label(vitals.model, json_string_value(label)) >= 0) {
			continue;
		}
		json_t *known = json_array();
		for (uint32_t k = 0; k < vitals.model->n_labels; k++) {
			json_array_append_new(known, json_string(vitals.model->labels[k]));
		}
		hk_varlink_error(call, "io.hearken.NoSuchLabel",
			json_pack("{s:O, s:o}", "label", label, "labels", known));
		return false;
	}
	return true;
}

bool hk_api_get_number(
	struct hk_varlink_call *call, json_t *parameters, const char *name, uint64_t *ret)
{
	const json_int_t value = json_integer_value(json_object_get(parameters, name));
	if (value < 0) {
		hk_api_bad_value(call, name, "0 or more");
		return false;
	}
	*ret = (uint64_t)value;
	return true;
}

int hk_api_new(struct hk_api **ret, sd_event *event, const struct hk_api_daemon *daemon,
	struct hk_store *store, const char *helper)
{
	struct hk_api *api = calloc(1, sizeof(*api));
	if (!api) {
		return -ENOMEM;
	}
	api->event = event;
	api->daemon = *daemon;
	api->store = store;
	api->helper = helper;
	const int r = hk_varlink_new(&api->server, event, &hk_api_interface, api);
	if (r < 0) {
		free(api);
		return r;
	}
	*ret = api;
	return 0;
}

void hk_api_free(struct hk_api *api)
{
	if (!api) {
		return;
	}
	hk_varlink_free(api->server); /* cancels every call, which frees what belongs to it */
	free(api);
}

struct hk_varlink_server *hk_api_server(struct hk_api *api)
{
	return api->server;
}
