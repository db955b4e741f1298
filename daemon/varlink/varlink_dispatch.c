/* SPDX-License-Identifier: MIT */
#include "daemon/varlink/varlink_server.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define SERVICE "org.varlink.service"

static const char service_description[] =
	"# The Varlink Service Interface is provided by every varlink service.\n"
	"interface org.varlink.service\n"
	"\n"
	"method GetInfo() -> (\n"
	"  vendor: string,\n"
	"  product: string,\n"
	"  version: string,\n"
	"  url: string,\n"
	"  interfaces: []string\n"
	")\n"
	"method GetInterfaceDescription(interface: string) -> (description: string)\n"
	"error InterfaceNotFound (interface: string)\n"
	"error MethodNotFound (method: string)\n"
	"error MethodNotImplemented (method: string)\n"
	"error InvalidParameter (parameter: string)\n"
	"error PermissionDenied ()\n"
	"error ExpectedMore ()\n";

static void get_info(void *owner, struct hk_varlink_call *call, json_t *parameters)
{
	(void)parameters;
	const struct hk_varlink_server *server = owner;
	const struct hk_varlink_interface *interface = server->interface;
	hk_varlink_reply(call,
		json_pack("{s:s, s:s, s:s, s:s, s:[s, s]}", "vendor", interface->vendor, "product",
			interface->product, "version", interface->version, "url", interface->url,
			"interfaces", SERVICE, interface->name),
		false);
}

static void get_interface_description(void *owner, struct hk_varlink_call *call, json_t *parameters)
{
	const struct hk_varlink_server *server = owner;
	const char *name = json_string_value(json_object_get(parameters, "interface"));
	const char *description = NULL;
	if (strcmp(name, SERVICE) == 0) {
		description = service_description;
	} else if (strcmp(name, server->interface->name) == 0) {
		description = server->interface->description;
	}
	if (!description) {
		hk_varlink_error(
			call, SERVICE ".InterfaceNotFound", json_pack("{s:s}", "interface", name));
		return;
	}
	hk_varlink_reply(call, json_pack("{s:s}", "description", description), false);
}

static const struct hk_varlink_method service_methods[] = {
	{ .name = "GetInfo", .call = get_info },
	{ .name = "GetInterfaceDescription",
		.parameters = { { "interface", HK_VARLINK_STRING, true } },
		.call = get_interface_description },
};

static bool has_type(const json_t *value, enum hk_varlink_type type)
{
	size_t i;
	json_t *item;
	switch (type) {
	case HK_VARLINK_BOOL:
		return json_is_boolean(value);
	case HK_VARLINK_INT:
		return json_is_integer(value);
	case HK_VARLINK_STRING:
		return json_is_string(value);
	case HK_VARLINK_STRINGS:
		if (!json_is_array(value)) {
			return false;
		}
		json_array_foreach(value, i, item)
		{
			if (!json_is_string(item)) {
				return false;
			}
		}
		return true;
	}
	return false;
}

static const struct hk_varlink_parameter *find_parameter(
	const struct hk_varlink_method *method, const char *name)
{
	for (size_t i = 0; i < HK_VARLINK_MAX_PARAMETERS && method->parameters[i].name; i++) {
		if (strcmp(method->parameters[i].name, name) == 0) {
			return &method->parameters[i];
		}
	}
	return NULL;
}

/*
 * Take the null members out of PARAMETERS and check the rest. Returns NULL, or the name of the
 * parameter at fault (borrowed).
 */
static const char *check_parameters(const struct hk_varlink_method *method, json_t *parameters)
{
	const char *name;
	void *next;
	json_t *value;
	json_object_foreach_safe(parameters, next, name, value)
	{
		const struct hk_varlink_parameter *row = find_parameter(method, name);
		if (!row) {
			return name;
		}
		if (json_is_null(value)) {
			json_object_del(parameters, row->name);
		} else if (!has_type(value, row->type)) {
			return row->name;
		}
	}
	for (size_t i = 0; i < HK_VARLINK_MAX_PARAMETERS && method->parameters[i].name; i++) {
		const struct hk_varlink_parameter *row = &method->parameters[i];
		if (row->required && json_object_get(parameters, row->name) == NULL) {
			return row->name;
		}
	}
	return NULL;
}

static void call_method(struct hk_varlink_connection *client,
	const struct hk_varlink_method *method, void *owner, json_t *parameters)
{
	struct hk_varlink_call *call = &client->call;
	const char *wrong = check_parameters(method, parameters);
	if (wrong) {
		hk_varlink_invalid(call, wrong);
	} else if ((method->flags & HK_VARLINK_MORE) && !call->more) {
		hk_varlink_error(call, SERVICE ".ExpectedMore", NULL);
	} else if ((method->flags & HK_VARLINK_PRIVILEGED) && client->uid != 0 &&
		client->uid != getuid()) {
		hk_varlink_error(call, SERVICE ".PermissionDenied", NULL);
	} else {
		method->call(owner, call, parameters);
	}
}

/* Find METHOD, "interface.Method", and call it. */
static void route(struct hk_varlink_connection *client, const char *method, json_t *parameters)
{
	struct hk_varlink_server *server = client->server;
	const struct hk_varlink_interface *interface = server->interface;
	const char *dot = strrchr(method, '.');
	const size_t n_interface = dot ? (size_t)(dot - method) : 0;
	const struct hk_varlink_method *methods = NULL;
	size_t n_methods = 0;
	void *owner = NULL;
	if (n_interface == strlen(SERVICE) && strncmp(method, SERVICE, n_interface) == 0) {
		methods = service_methods;
		n_methods = sizeof(service_methods) / sizeof(service_methods[0]);
		owner = server;
	} else if (n_interface == strlen(interface->name) &&
		strncmp(method, interface->name, n_interface) == 0) {
		methods = interface->methods;
		n_methods = interface->n_methods;
		owner = server->owner;
	} else {
		hk_varlink_error(&client->call, SERVICE ".InterfaceNotFound",
			json_pack("{s:s%}", "interface", method, n_interface));
		return;
	}
	for (size_t i = 0; i < n_methods; i++) {
		if (strcmp(methods[i].name, dot + 1) == 0) {
			call_method(client, &methods[i], owner, parameters);
			return;
		}
	}
	hk_varlink_error(
		&client->call, SERVICE ".MethodNotFound", json_pack("{s:s}", "method", method));
}

int hk_varlink_dispatch(struct hk_varlink_connection *client, const char *text, size_t length)
{
	json_t *request = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
	const char *method = NULL;
	json_t *parameters = NULL;
	int more = 0;
	int oneway = 0;
	int upgrade = 0;
	if (!request ||
		json_unpack(request, "{s:s, s?o, s?b, s?b, s?b}", "method", &method, "parameters",
			&parameters, "more", &more, "oneway", &oneway, "upgrade", &upgrade) < 0 ||
		(parameters && !json_is_object(parameters) && !json_is_null(parameters))) {
		json_decref(request);
		return -EBADMSG;
	}
	json_t *none = NULL;
	if (!parameters || json_is_null(parameters)) {
		parameters = none = json_object();
	}
	client->server->stats.n_calls++;
	client->call = (struct hk_varlink_call){ .active = true, .more = more, .oneway = oneway };
	if (parameters) {
		route(client, method, parameters);
	} else {
		hk_varlink_error(&client->call, SERVICE ".MethodNotImplemented",
			json_pack("{s:s}", "method", method)); /* out of memory */
	}
	json_decref(none);
	json_decref(request);
	return 0;
}
